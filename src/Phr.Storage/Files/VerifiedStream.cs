using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Phr.Crypto;

namespace Phr.Storage.Files;

/// <summary>Reads a range of an object of several chunks. A chunk is read whole and checked before any byte of it is handed out.</summary>
internal sealed class VerifiedStream : Stream
{
    private readonly SafeFileHandle _data;
    private readonly LeafList _leaves;
    private readonly Cid _cid;
    private readonly long _end;
    private long _position;
    private Digest[] _window;
    private long _windowStart;
    private byte[]? _chunk;
    private long _chunkIndex = -1;
    private bool _disposed;

    /// <summary>Takes over both files. <paramref name="window"/> has the proved digests from the first chunk of the range on.</summary>
    public VerifiedStream(SafeFileHandle data, LeafList leaves, Cid cid, long offset, long length, Digest[] window)
    {
        _data = data;
        _leaves = leaves;
        _cid = cid;
        _position = offset;
        _end = offset + length;
        _window = window;
        _windowStart = offset / leaves.ChunkSize;
    }

    public override bool CanRead => !_disposed;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>How many digests the stream over a range wants at its start.</summary>
    public static int WindowFor(LeafList leaves, long offset, long length) =>
        length == 0 ? 0 : (int)Math.Min(LeafList.MaxWindow, ((offset + length - 1) / leaves.ChunkSize) - (offset / leaves.ChunkSize) + 1);

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_position == _end || buffer.IsEmpty)
        {
            return 0;
        }

        Load(_position / _leaves.ChunkSize, CancellationToken.None);
        return Take(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        if (_position == _end || buffer.IsEmpty)
        {
            return 0;
        }

        long index = _position / _leaves.ChunkSize;
        if (index != _chunkIndex)
        {
            // Reading and hashing a chunk take a good part of a millisecond: not on the caller's thread.
            await Task.Run(() => Load(index, cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        return Take(buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _data.Dispose();
            _leaves.Dispose();
            if (_chunk is not null)
            {
                ArrayPool<byte>.Shared.Return(_chunk);
                _chunk = null;
            }
        }

        base.Dispose(disposing);
    }

    private int Take(Span<byte> buffer)
    {
        int at = (int)(_position % _leaves.ChunkSize);
        int available = (int)Math.Min(_leaves.ChunkSize - at, _end - _position);
        int count = Math.Min(available, buffer.Length);
        _chunk.AsSpan(at, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    private void Load(long index, CancellationToken cancellationToken)
    {
        if (index == _chunkIndex)
        {
            return;
        }

        if (index - _windowStart >= _window.Length)
        {
            _window = _leaves.ReadVerified(index, WindowFor(_leaves, _position, _end - _position), cancellationToken);
            _windowStart = index;
        }

        _chunk ??= ArrayPool<byte>.Shared.Rent(_leaves.ChunkSize);
        _chunkIndex = -1;
        long start = index * _leaves.ChunkSize;
        Span<byte> chunk = _chunk.AsSpan(0, (int)Math.Min(_leaves.ChunkSize, _leaves.Length - start));
        if (LeafList.ReadFully(_data, chunk, start) < chunk.Length)
        {
            throw Error.Damaged(_cid, $"it ends before byte {start + chunk.Length}");
        }

        if (Digest.Of(chunk) != _window[index - _windowStart])
        {
            throw Error.Damaged(_cid, $"the chunk of bytes {start} to {start + chunk.Length - 1} has another digest");
        }

        _chunkIndex = index;
    }
}
