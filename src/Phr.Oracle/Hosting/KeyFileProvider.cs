using System.Security.Cryptography;
using System.Text;
using Phr.Crypto;

namespace Phr.Oracle.Hosting;

/// <summary>Keys from a key file under a passphrase that is in a file of its own.</summary>
internal sealed class KeyFileProvider(OracleKeyOptions options) : IKeyProvider
{
    private const int MaxPassphraseFileLength = 4096;

    public async Task<IdentityKeys> LoadAsync(CancellationToken cancellationToken = default)
    {
        char[] passphrase = await ReadPassphraseAsync(options.PassphraseFile!, cancellationToken).ConfigureAwait(false);
        try
        {
            return await KeyFile.LoadIdentityAsync(options.File!, passphrase, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(passphrase.AsSpan()));
        }
    }

    /// <summary>The first line of a file.</summary>
    internal static async Task<char[]> ReadPassphraseAsync(string path, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[MaxPassphraseFileLength + 1];
        try
        {
            await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true);
            int length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (length > MaxPassphraseFileLength)
            {
                throw new PhrDataException("passphrase file", PhrDataReason.TooLarge, $"it has more than {MaxPassphraseFileLength} bytes.");
            }

            ReadOnlySpan<byte> line = bytes.AsSpan(0, length);
            int end = line.IndexOfAny((byte)'\r', (byte)'\n');
            line = end < 0 ? line : line[..end];
            char[] passphrase = new char[Encoding.UTF8.GetCharCount(line)];
            Encoding.UTF8.GetChars(line, passphrase);
            return passphrase;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
