using Phr.Crypto;

namespace Phr.Storage.Ipfs;

/// <summary>Reads a range of an object. A block is checked before any byte of it is handed out. After a failure the same read can be tried again.</summary>
internal sealed class IpfsReadStream : Stream
{
    private readonly BlockFeed _feed;
    private readonly DagWalker _walker;
    private readonly long? _asked;
    private long _position;
    private long _end;
    private FeedScope _scope;
    private ReadOnlyMemory<byte> _piece;
    private bool _disposed;

    private IpfsReadStream(BlockFeed feed, Cid cid, long offset, long? length)
    {
        _feed = feed;
        _asked = length;
        _position = offset;
        _end = long.MaxValue;
        _walker = new DagWalker(cid, offset, long.MaxValue);
    }

    /// <summary>Opens a range: reads the first block, which tells the length.</summary>
    /// <param name="feed">Where the blocks come from; disposed with the stream, or when it is not opened.</param>
    /// <param name="cid">The object.</param>
    /// <param name="offset">The first byte wanted.</param>
    /// <param name="length">How many; null for all that follow.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    public static async Task<IpfsReadStream> OpenAsync(BlockFeed feed, Cid cid, long offset, long? length, CancellationToken cancellationToken)
    {
        var stream = new IpfsReadStream(feed, cid, offset, length);
        try
        {
            await stream.BeginAsync(cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Bytes of the whole object.</summary>
    public long ObjectLength => _walker.Length!.Value;

    public override bool CanRead => !_disposed;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        cancellationToken.ThrowIfCancellationRequested();
        if (_position == _end || buffer.IsEmpty)
        {
            return 0;
        }

        while (_piece.IsEmpty)
        {
            ReadOnlyMemory<byte> block = await _feed.GetAsync(_walker, _end, _scope, cancellationToken).ConfigureAwait(false);
            Take(_walker.Accept(block));
        }

        int count = (int)Math.Min(Math.Min(_piece.Length, buffer.Length), _end - _position);
        _piece[..count].CopyTo(buffer);
        _piece = _piece[count..];
        _position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Task.Run(() => ReadAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask()).GetAwaiter().GetResult();
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            _piece = default;
            await _feed.DisposeAsync().ConfigureAwait(false);
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _piece = default;
            Task.Run(() => _feed.DisposeAsync().AsTask()).GetAwaiter().GetResult();
        }

        base.Dispose(disposing);
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        (ReadOnlyMemory<byte> Piece, long Start) first = _walker.Accept(await _feed.GetAsync(_walker, long.MaxValue, FeedScope.Part, cancellationToken).ConfigureAwait(false));
        ArgumentOutOfRangeException? outside = _position > ObjectLength ? Error.RangeOutside("offset", ObjectLength)
            : _asked > ObjectLength - _position ? Error.RangeOutside("length", ObjectLength) : null;
        if (outside is not null)
        {
            throw outside;
        }

        _end = _position + (_asked ?? ObjectLength - _position);
        _scope = _position == 0 && _end == ObjectLength ? FeedScope.AllBytes : FeedScope.Part;
        _walker.EndAt(_end);
        Take(first);
    }

    private void Take((ReadOnlyMemory<byte> Piece, long Start) given)
    {
        // The part of the piece that lies in the range and was not read.
        long skip = Math.Clamp(_position - given.Start, 0, given.Piece.Length);
        _piece = given.Piece[(int)skip..];
    }
}
