using Phr.Crypto;

namespace Phr.Storage.Ipfs;

/// <summary>A child of a file's node: its id and how many bytes of the file lie under it.</summary>
internal readonly record struct UnixFsLink(Cid Cid, long Size);

/// <summary>An inner node of a file, or a leaf that is wrapped in one: bytes of its own, then those of its children.</summary>
/// <remarks>
/// Sources: IPLD's dag-pb and IPFS's UnixFS specifications. Read strictly: links before data, fields in their order, shortest numbers, no unknown field, sizes that add up.
/// A child of no bytes is refused, so that the number of blocks is bounded by the length. Directories, symbolic links and sharded directories are not files and are refused.
/// </remarks>
internal sealed class UnixFsNode
{
    /// <summary>The most links that one node of 2 MiB can have.</summary>
    public const int MaxLinks = IpfsLimits.MaxBlockLength / 40;

    private const string Stage = "unixfs node";
    private const byte Bytes1 = 0x0a;
    private const byte Bytes2 = 0x12;
    private const byte Number1 = 0x08;
    private const byte Number3 = 0x18;
    private const byte Number4 = 0x20;
    private const byte Number7 = 0x38;
    private const byte Bytes8 = 0x42;
    private const int TypeRaw = 0;
    private const int TypeFile = 2;

    private UnixFsNode(ReadOnlyMemory<byte> data, UnixFsLink[] links, long fileSize)
    {
        Data = data;
        Links = links;
        FileSize = fileSize;
    }

    /// <summary>The node's own bytes, which come first. A part of the block.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    public UnixFsLink[] Links { get; }

    /// <summary>Bytes of the file under this node, its own included.</summary>
    public long FileSize { get; }

    /// <summary>Reads a block whose digest was checked.</summary>
    /// <exception cref="PhrDataException">The block is not a node of a file.</exception>
    public static UnixFsNode Parse(ReadOnlyMemory<byte> block)
    {
        var cursor = new ByteCursor(block.Span, Stage);
        var cids = new List<Cid>();
        while (cursor.TryTake(Bytes2))
        {
            if (cids.Count == MaxLinks)
            {
                throw cursor.Fault(PhrDataReason.TooLarge, "it has more links than a node can have.");
            }

            cids.Add(ReadLink(cursor.ReadPiece()));
        }

        if (!cursor.TryTake(Bytes1))
        {
            throw cursor.Fault(PhrDataReason.Malformed, "its data is missing, or links and data are not in order.");
        }

        int dataLength = cursor.ReadPiece().Length;
        if (!cursor.IsAtEnd)
        {
            throw cursor.Fault(PhrDataReason.Malformed, "something follows its data.");
        }

        return ReadFile(block[^dataLength..], cids);
    }

    private static Cid ReadLink(ReadOnlySpan<byte> bytes)
    {
        var cursor = new ByteCursor(bytes, Stage);
        if (!cursor.TryTake(Bytes1))
        {
            throw cursor.Fault(PhrDataReason.Malformed, "a link has no id.");
        }

        Cid cid = Cid.FromBytes(cursor.ReadPiece());
        if (!cid.IsSupported)
        {
            throw cursor.Fault(PhrDataReason.UnknownVersion, $"a link leads to {cid}, which is neither a node nor bytes.");
        }

        if (cursor.TryTake(Bytes2) && !cursor.ReadPiece().IsEmpty)
        {
            throw cursor.Fault(PhrDataReason.Malformed, "a link has a name, as in a directory.");
        }

        if (cursor.TryTake(Number3))
        {
            cursor.ReadVarint(); // the bytes of the child's tree: nothing is decided by it
        }

        return cursor.IsAtEnd ? cid : throw cursor.Fault(PhrDataReason.Malformed, "a link has a field that links do not have.");
    }

    private static UnixFsNode ReadFile(ReadOnlyMemory<byte> bytes, List<Cid> cids)
    {
        var cursor = new ByteCursor(bytes.Span, Stage);
        long type = cursor.TryTake(Number1) ? cursor.ReadVarint() : throw cursor.Fault(PhrDataReason.Malformed, "it does not say what it is.");
        if (type is not TypeFile and not TypeRaw)
        {
            throw cursor.Fault(PhrDataReason.Mismatched, $"it is of type {type}, not a file.");
        }

        ReadOnlyMemory<byte> data = default;
        if (cursor.TryTake(Bytes2))
        {
            int length = cursor.ReadPiece().Length;
            data = bytes.Slice(bytes.Length - cursor.Remaining - length, length);
        }

        long fileSize = cursor.TryTake(Number3) ? cursor.ReadVarint() : data.Length;
        var links = new UnixFsLink[cids.Count];
        long total = data.Length;
        for (int i = 0; i < links.Length; i++)
        {
            long size = cursor.TryTake(Number4) ? cursor.ReadVarint() : throw cursor.Fault(PhrDataReason.Mismatched, "it has more links than sizes.");
            if (size < 1 || size > fileSize - total)
            {
                throw cursor.Fault(PhrDataReason.Mismatched, $"its children and their sizes do not add up to {fileSize} bytes.");
            }

            total += size;
            links[i] = new UnixFsLink(cids[i], size);
        }

        if (cursor.TryTake(Number7))
        {
            cursor.ReadVarint(); // the file's mode
        }

        if (cursor.TryTake(Bytes8))
        {
            cursor.ReadPiece(); // the time of its last change
        }

        if (!cursor.IsAtEnd)
        {
            throw cursor.Fault(PhrDataReason.Malformed, "it has a field that files do not have, or more sizes than links.");
        }

        return total == fileSize ? new UnixFsNode(data, links, fileSize) : throw cursor.Fault(PhrDataReason.Mismatched, $"its parts have {total} bytes where it says {fileSize}.");
    }
}
