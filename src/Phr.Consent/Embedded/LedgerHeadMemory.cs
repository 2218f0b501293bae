using System.Security.Cryptography;
using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent;

/// <summary>Remembers, in a file, the last head of a ledger that a client saw, and refuses a ledger that does not extend it: one whose end was cut off, or whose history is another.</summary>
/// <remarks>
/// Whoever operates an embedded ledger could show two clients two histories, or go back to an older copy; a client that remembers notices. The first time there is nothing to compare
/// with, and what the ledger shows is believed. The file is replaced whole or not at all. Cost: one entry is read. Thread safe; give each client its own file.
/// </remarks>
public sealed class LedgerHeadMemory : IDisposable
{
    private const string Stage = "ledger head";
    private const string Tag = "phr/ledger-head/v1";
    private const int MaxLength = 256;

    private readonly string _path;
    private readonly SemaphoreSlim _gate = new(1);

    // What was seen last, and whether the file has it; used only where writes are put off.
    private (LedgerId Id, ulong Number, Digest Hash)? _seen;
    private bool _isWritten = true;
    private long _writtenAt;
    private bool _disposed;

    /// <summary>Names the file; nothing is read or written yet.</summary>
    /// <param name="path">The file. It need not exist; its folder must.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    public LedgerHeadMemory(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = Path.GetFullPath(path);
    }

    /// <summary>How old what the file remembers may be when the head is looked at. In between the head is remembered in memory alone, and nothing else may change the file. A process that is killed forgets what it saw since the last look that wrote: who looks again and again forgets at most this long and the time between two looks.</summary>
    /// <value>Default zero: the file is written whenever the head has changed, and read whenever it is compared. A program that looks often spares itself most of its writes to the disk with a second.</value>
    public TimeSpan WriteInterval { get; init; }

    /// <summary>Checks that a ledger is the one remembered, or has grown from it, and remembers its present head.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="cancellationToken">Cancels; what was remembered stays.</param>
    /// <returns>The ledger's head, now remembered.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="ledger"/> is null.</exception>
    /// <exception cref="PhrDataException">The ledger is another one, is shorter than it was, or has another entry where the remembered one stood; or the file is damaged. What was remembered stays.</exception>
    public async Task<LedgerHead> EnsureExtendsAsync(IConsentLedger ledger, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            LedgerHead head = await ledger.GetHeadAsync(cancellationToken).ConfigureAwait(false);
            if ((_seen ?? Recall()) is (LedgerId id, ulong number, Digest hash))
            {
                if (id != ledger.Id)
                {
                    throw Refuse(PhrDataReason.Mismatched, $"this is the ledger {ledger.Id}, where {id} is remembered.");
                }

                if (head.Number < number)
                {
                    throw Refuse(PhrDataReason.Truncated, $"the ledger ends with entry {head.Number}, where entry {number} was seen before.");
                }

                if (await HashOfAsync(ledger, head, number, cancellationToken).ConfigureAwait(false) is { } present && present != hash)
                {
                    throw Refuse(PhrDataReason.DigestMismatch, $"entry {number} is not the one that was seen before.");
                }

                if (head.Number == number)
                {
                    return head;
                }
            }

            if (WriteInterval <= TimeSpan.Zero)
            {
                Remember(ledger.Id, head.Number, head.Hash);
                return head;
            }

            bool isDue = _seen is null || TimeProvider.System.GetElapsedTime(_writtenAt) >= WriteInterval;
            (_seen, _isWritten) = ((ledger.Id, head.Number, head.Hash), false);
            if (isDue)
            {
                Write();
            }

            return head;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Writes what the file does not have yet, and frees what coordinates threads; the file stays.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _gate.Dispose();
        if (!_isWritten)
        {
            Write();
        }
    }

    /// <summary>The hash of an entry up to the head; null for the beginning of a ledger that has entries, which its id already tells apart.</summary>
    private static async Task<Digest?> HashOfAsync(IConsentLedger ledger, LedgerHead head, ulong number, CancellationToken ct)
    {
        if (number == head.Number)
        {
            return head.Hash;
        }

        if (number == 0)
        {
            return null;
        }

        if ((ledger as EmbeddedConsentLedger)?.FindHash(number) is { } known)
        {
            return known;
        }

        await foreach (LedgerEntry entry in ledger.ReadAsync(number - 1, ct).ConfigureAwait(false))
        {
            return entry.Number == number ? entry.Hash : throw Refuse(PhrDataReason.NotFound, $"entry {number}, which was seen before, is missing.");
        }

        throw Refuse(PhrDataReason.NotFound, $"entry {number}, which was seen before, is missing.");
    }

    private static PhrDataException Refuse(PhrDataReason reason, string detail) => new(Stage, reason, detail);

    private (LedgerId Id, ulong Number, Digest Hash)? Recall()
    {
        byte[] bytes;
        try
        {
            using var file = new FileStream(_path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, BufferSize = 0, Share = FileShare.ReadWrite | FileShare.Delete });
            var buffer = new byte[MaxLength + 1];
            bytes = buffer[..file.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)];
        }
        catch (FileNotFoundException)
        {
            return null;
        }

        return Parse(bytes);
    }

    internal static (LedgerId Id, ulong Number, Digest Hash) Parse(byte[] bytes)
    {
        var reader = new CanonicalCborReader(Stage, bytes, MaxLength);
        reader.BeginArray(4);
        reader.Expect(Tag);
        (LedgerId, ulong, Digest) head = (reader.LedgerId(), reader.UInt64(), reader.Digest());
        reader.EndArray();
        reader.End();
        return head;
    }

    private void Write()
    {
        (LedgerId id, ulong number, Digest hash) = _seen!.Value;
        Remember(id, number, hash);
        (_isWritten, _writtenAt) = (true, TimeProvider.System.GetTimestamp());
    }

    private void Remember(LedgerId id, ulong number, Digest hash)
    {
        byte[] bytes = new CanonicalCborWriter().Array(4).Text(Tag).Id(id).UInt64(number).Id(hash).EndArray().ToBytes();
        string temporary = $"{_path}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}.new";
        try
        {
            using (var file = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 }))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, _path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
