using System.Security.Cryptography;

namespace Phr.Samples.Portal;

/// <summary>Collects bytes up to a limit. What it outgrows is wiped.</summary>
internal sealed class WipingStream(long limit) : Stream
{
    private byte[] _bytes = new byte[64 << 10];
    private int _length;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <summary>Hands the bytes over.</summary>
    public ArraySegment<byte> Take() => new(_bytes, 0, _length);

    public void Wipe() => CryptographicOperations.ZeroMemory(_bytes);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (_length + (long)buffer.Length > Math.Min(limit, Array.MaxLength))
        {
            throw new DeskException("The document is too large to be shown here.");
        }

        if (_length + buffer.Length > _bytes.Length)
        {
            byte[] larger = new byte[(int)Math.Min(Array.MaxLength, Math.Max((long)_length + buffer.Length, _bytes.Length * 2L))];
            _bytes.AsSpan(0, _length).CopyTo(larger);
            Wipe();
            _bytes = larger;
        }

        buffer.CopyTo(_bytes.AsSpan(_length));
        _length += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
