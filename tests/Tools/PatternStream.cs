/// <summary>A stream of bytes that follow from their place. Reading gives them; writing compares.</summary>
internal sealed class PatternStream(long length) : Stream
{
    // Longer than any read, and of a length that no chunk size divides.
    private static readonly byte[] _pattern = MakePattern(1_048_583);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => length;

    public override long Position { get; set; }

    public override int Read(Span<byte> buffer)
    {
        int start = (int)(Position % _pattern.Length);
        int count = (int)Math.Min(Math.Min(buffer.Length, _pattern.Length - start), length - Position);
        _pattern.AsSpan(start, count).CopyTo(buffer);
        Position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int start = (int)(Position % _pattern.Length);
            int count = Math.Min(buffer.Length, _pattern.Length - start);
            if (!buffer[..count].SequenceEqual(_pattern.AsSpan(start, count)))
            {
                throw new InvalidDataException($"The opened document differs after byte {Position}.");
            }

            Position += count;
            buffer = buffer[count..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static byte[] MakePattern(int count)
    {
        byte[] pattern = new byte[count];
        uint state = 1;
        for (int i = 0; i < count; i++)
        {
            state = unchecked((state * 1_664_525) + 1_013_904_223);
            pattern[i] = (byte)(state >> 24);
        }

        return pattern;
    }
}
