using System.Security.Cryptography;
using Phr.Crypto;
using Phr.Crypto.Bundles;

namespace Phr.Benchmarks.Scenes;

/// <summary>Chunks of 64 KiB in memory, and files: what sealing and opening take without the curve.</summary>
internal sealed class ChunkScene : IDisposable
{
    public const int ChunkLength = DocumentCipher.ChunkLength;

    // Some more than fit the caches next to a core, as with a document that comes from elsewhere.
    private const int Chunks = 64;

    private readonly byte[] _plaintext = RandomNumberGenerator.GetBytes(Chunks * ChunkLength);
    private readonly byte[] _sealed = new byte[Chunks * DocumentCipher.SealedChunkLength];
    private readonly byte[] _opened = new byte[ChunkLength];
    private readonly ChunkCipher _cipher = NewCipher();
    private UnixFsHasher _hasher = new();

    public ChunkScene()
    {
        for (int i = 0; i < Chunks; i++)
        {
            Seal(i);
        }
    }

    /// <summary>Seals one chunk in place of an earlier one.</summary>
    public void Seal(int i)
    {
        int chunk = i % Chunks;
        _cipher.Seal(chunk, last: false, _plaintext.AsSpan(chunk * ChunkLength, ChunkLength), Sealed(chunk));
    }

    public void Open(int i)
    {
        int chunk = i % Chunks;
        if (!_cipher.TryOpen(chunk, last: false, Sealed(chunk), _opened))
        {
            throw new InvalidOperationException("A chunk does not open.");
        }
    }

    /// <summary>Seals one chunk and takes it into a content id.</summary>
    public void SealAndHash(int i)
    {
        Seal(i);
        _hasher.Append(Sealed(i % Chunks));
        if (_hasher.Length > 1L << 30)
        {
            _hasher.Complete();
            _hasher.Dispose();
            _hasher = new UnixFsHasher();
        }
    }

    /// <summary>Seals a file chunk by chunk into another, without a content id or padding: what <c>age</c> does.</summary>
    public static void SealFile(string input, string output)
    {
        using var source = new FileStream(input, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan);
        using var destination = new FileStream(output, FileMode.Create, FileAccess.Write, FileShare.None, 0);
        using ChunkCipher cipher = NewCipher();
        const int batch = 16;
        byte[] plaintext = new byte[batch * ChunkLength], ciphertext = new byte[batch * DocumentCipher.SealedChunkLength];
        long left = source.Length, counter = 0;
        while (left > 0)
        {
            int read = source.ReadAtLeast(plaintext, plaintext.Length, throwOnEndOfStream: false);
            int written = 0;
            for (int at = 0; at < read; at += ChunkLength)
            {
                int length = Math.Min(ChunkLength, read - at);
                left -= length;
                cipher.Seal(counter++, left == 0, plaintext.AsSpan(at, length), ciphertext.AsSpan(written, length + DocumentCipher.TagLength));
                written += length + DocumentCipher.TagLength;
            }

            destination.Write(ciphertext.AsSpan(0, written));
        }
    }

    public void Dispose()
    {
        _cipher.Dispose();
        _hasher.Dispose();
    }

    private static ChunkCipher NewCipher() =>
        new(RandomNumberGenerator.GetBytes(DocumentCipher.KeyLength), BundleId.FromBytes(new byte[BundleId.Length]), DocumentId.FromBytes(new byte[DocumentId.Length]), default);

    private Span<byte> Sealed(int chunk) => _sealed.AsSpan(chunk * DocumentCipher.SealedChunkLength, DocumentCipher.SealedChunkLength);
}
