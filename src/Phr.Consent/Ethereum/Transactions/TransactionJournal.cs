using System.Globalization;
using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent.Ethereum;

/// <summary>The signed transactions of an account that are on their way, in a folder, so that a sender that starts again knows them.</summary>
/// <remarks>
/// One file for each nonce, with the newest version that was signed, written before it is sent. Signed transactions are public. One sender uses a folder at a time. A file that cannot be read is an error: what it held may have
/// been sent.
/// </remarks>
internal sealed class TransactionJournal
{
    private const string Extension = ".tx";

    private readonly string _folder;

    public TransactionJournal(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
    }

    /// <summary>What was saved and not removed, by nonce.</summary>
    /// <exception cref="PhrDataException">A file is damaged.</exception>
    public IReadOnlyList<SignedTransaction> Load() =>
    [
        .. Directory.GetFiles(_folder, "*" + Extension)
            .Select(f => new FileInfo(f).Length <= SignedTransaction.MaxLength ? SignedTransaction.FromBytes(File.ReadAllBytes(f)) : throw new PhrDataException("transaction journal", PhrDataReason.TooLarge, "a file is longer than a transaction."))
            .OrderBy(t => t.Transaction.Nonce),
    ];

    public void Save(SignedTransaction transaction)
    {
        string path = PathOf(transaction.Transaction.Nonce);
        string temporary = path + ".new";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            file.Write(transaction.ToBytes());
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        DirectoryFlush.Flush(_folder);
    }

    public void Remove(ulong nonce) => File.Delete(PathOf(nonce));

    private string PathOf(ulong nonce) => Path.Combine(_folder, nonce.ToString("d20", CultureInfo.InvariantCulture) + Extension);
}
