using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Phr.Crypto;

namespace Phr.Storage.Files;

/// <summary>The file of blocks that were put together: the digest and the length of each, then the bytes of each. Each block has a name of its own for it.</summary>
/// <remarks>Nothing in it is believed: a block is the one that was asked for when its bytes have the digest of the id.</remarks>
internal static class BlockGroup
{
    /// <summary>The most blocks of a file.</summary>
    public const int MaxBlocks = 64;

    private const int EntryLength = Digest.Length + 4;
    private const int StartLength = 12;

    // All of the list, and often the block.
    private const int FirstRead = 8192;

    private static ReadOnlySpan<byte> Magic => "phrblks1"u8;

    /// <summary>What the file consists of, in pieces.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Format(IReadOnlyList<NewBlock> blocks)
    {
        byte[] list = new byte[StartLength + (blocks.Count * EntryLength)];
        Magic.CopyTo(list);
        BinaryPrimitives.WriteInt32BigEndian(list.AsSpan(Magic.Length), blocks.Count);
        var pieces = new List<ReadOnlyMemory<byte>>(blocks.Count + 1) { list };
        for (int i = 0; i < blocks.Count; i++)
        {
            Span<byte> entry = list.AsSpan(StartLength + (i * EntryLength), EntryLength);
            blocks[i].Cid.Digest.CopyTo(entry);
            BinaryPrimitives.WriteInt32BigEndian(entry[Digest.Length..], blocks[i].Bytes.Length);
            pieces.Add(blocks[i].Bytes);
        }

        return pieces;
    }

    /// <summary>Reads one block and checks it.</summary>
    /// <exception cref="PhrDataException">The file has not the block's bytes.</exception>
    public static byte[] Read(SafeFileHandle file, Cid cid)
    {
        byte[] start = ArrayPool<byte>.Shared.Rent(FirstRead);
        try
        {
            int count = LeafList.ReadFully(file, start.AsSpan(0, FirstRead), 0);
            (int offset, int length) = Find(start.AsSpan(0, count), cid) ?? throw Error.Damaged(cid, "the file of its name does not list it");
            if (length > ContentSourceExtensions.MaxBlockLength || length > RandomAccess.GetLength(file) - offset)
            {
                throw Error.Damaged(cid, $"its {length} bytes are not there");
            }

            byte[] block = new byte[length];
            int there = Math.Clamp(count - offset, 0, length);
            start.AsSpan(Math.Min(offset, count), there).CopyTo(block);
            there += LeafList.ReadFully(file, block.AsSpan(there), offset + there);
            return there == length && cid.Matches(block) ? block : throw Error.Damaged(cid, $"its {length} bytes have another digest");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(start);
        }
    }

    /// <summary>The length that is written down for a block; zero where none can be read.</summary>
    public static int ReadLength(SafeFileHandle file, Cid cid)
    {
        byte[] start = new byte[StartLength + (MaxBlocks * EntryLength)];
        return Find(start.AsSpan(0, LeafList.ReadFully(file, start, 0)), cid)?.Length ?? 0;
    }

    /// <summary>Where a block lies, by the list: not negative, and no farther than the lengths of the blocks before it lead.</summary>
    private static (int Offset, int Length)? Find(ReadOnlySpan<byte> start, Cid cid)
    {
        if (start.Length < StartLength || !start.StartsWith(Magic))
        {
            return null;
        }

        int count = BinaryPrimitives.ReadInt32BigEndian(start[Magic.Length..]);
        if (count is < 1 or > MaxBlocks || start.Length < StartLength + (count * EntryLength))
        {
            return null;
        }

        long offset = StartLength + (count * EntryLength);
        for (ReadOnlySpan<byte> list = start.Slice(StartLength, count * EntryLength); !list.IsEmpty; list = list[EntryLength..])
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(list[Digest.Length..]);
            if (length is < 0 or > ContentSourceExtensions.MaxBlockLength)
            {
                return null;
            }

            if (Digest.FromBytes(list[..Digest.Length]) == cid.Digest)
            {
                return ((int)offset, length);
            }

            offset += length;
        }

        return null;
    }
}
