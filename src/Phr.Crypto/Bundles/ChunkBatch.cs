using System.Buffers;
using System.Security.Cryptography;

namespace Phr.Crypto.Bundles;

/// <summary>A few chunks of one document, in the clear and sealed, with a cipher of their own: AES-GCM objects are not thread safe.</summary>
internal sealed class ChunkBatch : IDisposable
{
    /// <summary>Chunks in a batch when one core works. Reading and writing 256 KiB at a time costs fewer calls, and all of it stays in the core's own cache.</summary>
    public const int SerialChunks = 4;

    /// <summary>Chunks in a batch when several cores work, so that handing a batch over is a small part of the work on it.</summary>
    public const int ParallelChunks = 8;

    private readonly ChunkCipher _cipher;
    private readonly byte[] _plaintext;
    private readonly byte[] _sealed;
    private readonly int _chunks;

    /// <summary>Takes over the cipher.</summary>
    public ChunkBatch(ChunkCipher cipher, int parallelism)
    {
        _cipher = cipher;
        _chunks = parallelism == 1 ? SerialChunks : ParallelChunks;
        _plaintext = ArrayPool<byte>.Shared.Rent(_chunks * DocumentCipher.ChunkLength);
        _sealed = ArrayPool<byte>.Shared.Rent(_chunks * DocumentCipher.SealedChunkLength);
    }

    /// <summary>Room for plaintext.</summary>
    public Memory<byte> Plaintext => _plaintext.AsMemory(0, _chunks * DocumentCipher.ChunkLength);

    /// <summary>Room for sealed chunks.</summary>
    public Memory<byte> Chunks => _sealed.AsMemory(0, _chunks * DocumentCipher.SealedChunkLength);

    /// <summary>The number of the first chunk.</summary>
    public long Counter { get; set; }

    /// <summary>Bytes of plaintext, padding included.</summary>
    public int Length { get; set; }

    /// <summary>Bytes of content among them: all before the padding.</summary>
    public int Content { get; set; }

    /// <summary>Whether the document's last chunk is the batch's last.</summary>
    public bool Last { get; set; }

    /// <summary>Why opening stopped; then <see cref="Content"/> counts what had been verified before.</summary>
    public PhrDataException? Fault { get; private set; }

    /// <summary>The chunks, without the room after them.</summary>
    public ReadOnlyMemory<byte> SealedChunks => _sealed.AsMemory(0, (int)DocumentCipher.CiphertextLength(Length));

    /// <summary>The content, without what follows it.</summary>
    public ReadOnlyMemory<byte> ContentBytes => _plaintext.AsMemory(0, Content);

    public void Seal()
    {
        Span<byte> destination = _sealed;
        ReadOnlySpan<byte> source = _plaintext.AsSpan(0, Length);
        long counter = Counter;
        do
        {
            int size = Math.Min(source.Length, DocumentCipher.ChunkLength);
            _cipher.Seal(counter++, Last && size == source.Length, source[..size], destination);
            source = source[size..];
            destination = destination[(size + DocumentCipher.TagLength)..];
        }
        while (!source.IsEmpty);
    }

    public void Open()
    {
        ReadOnlySpan<byte> source = SealedChunks.Span;
        long counter = Counter;
        int at = 0;
        Fault = null;
        do
        {
            int size = Math.Min(source.Length, DocumentCipher.SealedChunkLength), length = size - DocumentCipher.TagLength;
            Span<byte> destination = _plaintext.AsSpan(at, length);
            if (!_cipher.TryOpen(counter, Last && size == source.Length, source[..size], destination))
            {
                Stop(at, PhrDataReason.AuthenticationFailed, $"chunk {counter} was altered, moved, or belongs to another document.");
                return;
            }

            if (destination[Math.Clamp(Content - at, 0, length)..].ContainsAnyExcept((byte)0))
            {
                Stop(at, PhrDataReason.NonCanonical, "the padding after the document is not zero.");
                return;
            }

            counter++;
            at += length;
            source = source[size..];
        }
        while (!source.IsEmpty);
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_plaintext);
        ArrayPool<byte>.Shared.Return(_plaintext);
        ArrayPool<byte>.Shared.Return(_sealed);
        _cipher.Dispose();
    }

    private void Stop(int at, PhrDataReason reason, string detail)
    {
        Content = Math.Min(Content, at);
        Fault = BundleReader.Fault(reason, detail);
    }
}
