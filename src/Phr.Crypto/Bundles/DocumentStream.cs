using System.Security.Cryptography;

namespace Phr.Crypto.Bundles;

/// <summary>The plaintext of one document, at any place. It holds one opened chunk and, while reading forward, one open ciphertext stream.</summary>
internal sealed class DocumentStream : Stream
{
    private readonly IContentSource _source;
    private readonly BundleDocument _document;
    private readonly ChunkCipher _cipher;
    private readonly long _chunks;
    private readonly byte[] _chunk = new byte[DocumentCipher.SealedChunkLength];
    private readonly byte[] _plaintext = new byte[DocumentCipher.ChunkLength];
    private Stream? _forward;
    private long _forwardChunk;
    private long _openChunk = -1;
    private long _position;
    private bool _lengthProven;
    private bool _disposed;

    public DocumentStream(IContentSource source, BundleDocument document, ChunkCipher cipher, long length)
    {
        _source = source;
        _document = document;
        _cipher = cipher;
        _chunks = (document.CiphertextLength + DocumentCipher.SealedChunkLength - 1) / DocumentCipher.SealedChunkLength;
        Length = length;
    }

    public override bool CanRead => !_disposed;

    public override bool CanSeek => !_disposed;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (buffer.IsEmpty)
        {
            return 0;
        }

        if (!_lengthProven)
        {
            await OpenChunkAsync(_chunks - 1, cancellationToken).ConfigureAwait(false);
            _lengthProven = true;
        }

        if (_position >= Length)
        {
            return 0;
        }

        await OpenChunkAsync(_position / DocumentCipher.ChunkLength, cancellationToken).ConfigureAwait(false);
        int start = (int)(_position % DocumentCipher.ChunkLength);
        int count = (int)Math.Min(Math.Min(buffer.Length, DocumentCipher.ChunkLength - start), Length - _position);
        _plaintext.AsMemory(start, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override int Read(Span<byte> buffer)
    {
        byte[] copy = new byte[Math.Min(buffer.Length, DocumentCipher.ChunkLength)];
        int read = Read(copy, 0, copy.Length);
        copy.AsSpan(0, read).CopyTo(buffer);
        CryptographicOperations.ZeroMemory(copy);
        return read;
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        long target = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            SeekOrigin.End => Length + offset,
            _ => throw new ArgumentOutOfRangeException(nameof(origin)),
        };
        if (target < 0)
        {
            throw new IOException("A stream has nothing before its beginning.");
        }

        return _position = target;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        if (_forward is not null)
        {
            await _forward.DisposeAsync().ConfigureAwait(false);
            _forward = null;
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _forward?.Dispose();
            _cipher.Dispose();
            CryptographicOperations.ZeroMemory(_plaintext);
        }

        base.Dispose(disposing);
    }

    private async ValueTask OpenChunkAsync(long index, CancellationToken cancellationToken)
    {
        if (_openChunk == index)
        {
            return;
        }

        long offset = index * DocumentCipher.SealedChunkLength;
        int size = (int)Math.Min(DocumentCipher.SealedChunkLength, _document.CiphertextLength - offset);
        if (_forward is null || _forwardChunk != index)
        {
            await CloseForwardAsync().ConfigureAwait(false);
            _forward = await OpenForwardAsync(offset, cancellationToken).ConfigureAwait(false);
            _forwardChunk = index;
        }

        _openChunk = -1;
        try
        {
            if (await _forward.ReadAtLeastAsync(_chunk.AsMemory(0, size), size, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) != size)
            {
                throw BundleReader.Fault(PhrDataReason.Truncated, "the ciphertext ends before the document does.");
            }
        }
        catch
        {
            await CloseForwardAsync().ConfigureAwait(false);
            throw;
        }

        _forwardChunk++;
        if (!_cipher.TryOpen(index, index == _chunks - 1, _chunk.AsSpan(0, size), _plaintext))
        {
            throw BundleReader.Fault(PhrDataReason.AuthenticationFailed, $"chunk {index} was altered, moved, or belongs to another document.");
        }

        _openChunk = index;
    }

    private async ValueTask<Stream> OpenForwardAsync(long offset, CancellationToken cancellationToken)
    {
        try
        {
            return await _source.OpenAsync(_document.CiphertextCid, offset, _document.CiphertextLength - offset, cancellationToken).ConfigureAwait(false);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new PhrDataException(DocumentCipher.Stage, PhrDataReason.Truncated, "the ciphertext ends before the document does.", e);
        }
    }

    private async ValueTask CloseForwardAsync()
    {
        if (_forward is not null)
        {
            await _forward.DisposeAsync().ConfigureAwait(false);
            _forward = null;
        }
    }
}
