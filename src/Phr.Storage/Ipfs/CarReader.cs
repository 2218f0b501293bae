using System.Buffers;
using Phr.Crypto;

namespace Phr.Storage.Ipfs;

/// <summary>Reads a CAR (content-addressed archive) of version 1 as it comes, block by block, each checked against its id.</summary>
/// <remarks>
/// Source: IPLD's CARv1 specification. Strict: one root, the header in its one CBOR form, shortest numbers, SHA-256 ids, blocks of at most 2 MiB, an end where a block ends.
/// Memory is that of the longest block. Not thread safe; does not dispose the stream.
/// </remarks>
internal sealed class CarReader(Stream stream) : IDisposable
{
    private const string Stage = "car";
    private const int MaxHeaderLength = 128;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4096);
    private bool _headerRead;

    private static ReadOnlySpan<byte> BeforeRoot => [0xa2, 0x65, (byte)'r', (byte)'o', (byte)'o', (byte)'t', (byte)'s', 0x81, 0xd8, 0x2a, 0x58];

    private static ReadOnlySpan<byte> AfterRoot => [0x67, (byte)'v', (byte)'e', (byte)'r', (byte)'s', (byte)'i', (byte)'o', (byte)'n', 0x01];

    /// <summary>Writes the header of a CAR with one root, its length before it.</summary>
    public static byte[] Header(Cid root)
    {
        byte[] header = [.. BeforeRoot, (byte)(root.ByteLength + 1), 0, .. root.ToBytes(), .. AfterRoot];
        return [(byte)header.Length, .. header];
    }

    /// <summary>Writes what stands before the bytes of a block: the length of id and block, and the id.</summary>
    public static byte[] Prefix(Cid cid, int blockLength)
    {
        var output = new ArrayBufferWriter<byte>(64);
        ulong length = (ulong)(cid.ByteLength + blockLength);
        for (; length >= 0x80; length >>= 7)
        {
            output.Write([(byte)((length & 0x7f) | 0x80)]);
        }

        output.Write([(byte)length]);
        output.Write(cid.ToBytes());
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads the header.</summary>
    /// <returns>The one root.</returns>
    /// <exception cref="PhrDataException">It is not the header of a CAR of version 1 with one root.</exception>
    public async ValueTask<Cid> ReadRootAsync(CancellationToken cancellationToken)
    {
        if (_headerRead)
        {
            throw new InvalidOperationException("The header was read.");
        }

        _headerRead = true;
        int length = await ReadLengthAsync(MaxHeaderLength, cancellationToken).ConfigureAwait(false) ?? throw Fault(PhrDataReason.Truncated, "it is empty.");
        await FillAsync(length, cancellationToken).ConfigureAwait(false);
        return ParseHeader(_buffer.AsSpan(0, length));
    }

    /// <summary>Reads the next block.</summary>
    /// <returns>The id and the block, which is valid until the next call; null at the end.</returns>
    /// <exception cref="PhrDataException">It is not a block, or not the one of its id.</exception>
    public async ValueTask<(Cid Cid, ReadOnlyMemory<byte> Block)?> ReadBlockAsync(CancellationToken cancellationToken)
    {
        if (!_headerRead)
        {
            throw new InvalidOperationException("The header comes first.");
        }

        if (await ReadLengthAsync(Cid.MaxByteLength + IpfsLimits.MaxBlockLength, cancellationToken).ConfigureAwait(false) is not { } length)
        {
            return null;
        }

        await FillAsync(length, cancellationToken).ConfigureAwait(false);
        int cidLength = ParseCid(_buffer.AsSpan(0, length), out Cid cid);
        ReadOnlyMemory<byte> block = _buffer.AsMemory(cidLength, length - cidLength);
        if (block.Length > IpfsLimits.MaxBlockLength)
        {
            throw Fault(PhrDataReason.TooLarge, $"block {cid} is longer than a block can be.");
        }

        return cid.Matches(block.Span) ? (cid, block) : throw Fault(PhrDataReason.DigestMismatch, $"the bytes of block {cid} have another digest.");
    }

    public void Dispose()
    {
        byte[] buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static Cid ParseHeader(ReadOnlySpan<byte> header)
    {
        if (!header.StartsWith(BeforeRoot))
        {
            throw Fault(PhrDataReason.Malformed, "it does not begin with one root.");
        }

        // A byte string of up to 255 bytes, whose first byte is zero: how DAG-CBOR writes an id.
        header = header[BeforeRoot.Length..];
        if (header.Length < 2 || header[0] < 2 || header[0] - 1 > Cid.MaxByteLength || header.Length - 1 < header[0] || header[1] != 0)
        {
            throw Fault(PhrDataReason.Malformed, "its root is not an id.");
        }

        Cid root = Cid.FromBytes(header[2..(header[0] + 1)]);
        return header[(header[0] + 1)..].SequenceEqual(AfterRoot) ? root : throw Fault(PhrDataReason.UnknownVersion, "it is not of version 1.");
    }

    private static int ParseCid(ReadOnlySpan<byte> section, out Cid cid)
    {
        // Version 0 begins with the multihash; version 1 has four numbers, the last of which is the length of the digest.
        int length = 2 + Digest.Length;
        if (section.Length == 0 || section[0] != 0x12)
        {
            var cursor = new ByteCursor(section, Stage);
            for (int i = 0; i < 4; i++)
            {
                cursor.ReadVarint();
            }

            length = section.Length - cursor.Remaining + Digest.Length;
        }

        if (length > section.Length)
        {
            throw Fault(PhrDataReason.Truncated, "a block is shorter than an id.");
        }

        cid = Cid.FromBytes(section[..length]);
        return length;
    }

    private async ValueTask<int?> ReadLengthAsync(int most, CancellationToken cancellationToken)
    {
        long value = 0;
        for (int i = 0; i < 4; i++)
        {
            int count = await stream.ReadAsync(_buffer.AsMemory(0, 1), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                return i == 0 ? null : throw Fault(PhrDataReason.Truncated, "it ends in a length.");
            }

            byte next = _buffer[0];
            value |= (long)(next & 0x7f) << (7 * i);
            if (next < 0x80)
            {
                if (next == 0 && i > 0)
                {
                    throw Fault(PhrDataReason.NonCanonical, "a length is not written in its shortest form.");
                }

                return value == 0 ? throw Fault(PhrDataReason.WrongLength, "a part of it is empty.")
                    : value > most ? throw Fault(PhrDataReason.TooLarge, $"a part of it has {value} bytes where at most {most} are read.") : (int)value;
            }
        }

        throw Fault(PhrDataReason.TooLarge, "a length has more than four bytes.");
    }

    private async ValueTask FillAsync(int length, CancellationToken cancellationToken)
    {
        // Grows with what has come, not with what was promised.
        for (int filled = 0; filled < length;)
        {
            if (filled == _buffer.Length)
            {
                byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Min(length, _buffer.Length * 4));
                _buffer.AsSpan(0, filled).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = larger;
            }

            int count = await stream.ReadAsync(_buffer.AsMemory(filled, Math.Min(length, _buffer.Length) - filled), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                throw Fault(PhrDataReason.Truncated, $"it ends {length - filled} bytes before the end of a part.");
            }

            filled += count;
        }
    }

    private static PhrDataException Fault(PhrDataReason reason, string detail) => new(Stage, reason, detail);
}
