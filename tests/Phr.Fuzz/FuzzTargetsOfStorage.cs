using Phr.Crypto;
using Phr.Storage.Ipfs;

namespace Phr.Fuzz;

/// <summary>The readers of Phr.Storage: what an IPFS node or a gateway sends.</summary>
internal static class FuzzTargetsOfStorage
{
    private static readonly Lazy<(byte[] Car, byte[][] Nodes)> File = new(MakeFile);

    public static FuzzTarget[] All { get; } =
    [
        new("car", [typeof(CarReader)], () => [File.Value.Car, CarReader.Header(Cid.ForRawBlock(default)), CarReader.Header(Cid.ForVersion0(default))], ReadCar) { MaxLength = 2048 },
        new("unixfs-node", [typeof(UnixFsNode)], () => File.Value.Nodes, ReadNode) { MaxLength = 1024 },
    ];

    private static bool ReadCar(byte[] bytes)
    {
        using var reader = new CarReader(new MemoryStream(bytes, writable: false));
        Cid root = reader.ReadRootAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        var written = new List<byte>(CarReader.Header(root));
        while (reader.ReadBlockAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult() is { } block)
        {
            if (!block.Cid.Matches(block.Block.Span))
            {
                throw new FuzzFaultException("a block is handed out under an id that is not its own.");
            }

            written.AddRange(CarReader.Prefix(block.Cid, block.Block.Length));
            written.AddRange(block.Block.Span);
        }

        return bytes.AsSpan().SequenceEqual(written.ToArray()) ? true : throw new FuzzFaultException("what was read is written in another form.");
    }

    private static bool ReadNode(byte[] bytes)
    {
        UnixFsNode node = UnixFsNode.Parse(bytes);
        long total = node.Data.Length;
        foreach (UnixFsLink link in node.Links)
        {
            if (link.Size < 1 || !link.Cid.IsSupported)
            {
                throw new FuzzFaultException("a link leads nowhere.");
            }

            total = checked(total + link.Size);
        }

        if (total != node.FileSize)
        {
            throw new FuzzFaultException("the sizes do not add up.");
        }

        // The walk of a tree that has nothing else: as far as the node itself goes, whatever is asked for.
        Cid cid = Cid.ForDagPbNode(Digest.Of(bytes));
        foreach ((long offset, long end) in new[] { (0L, long.MaxValue), (node.FileSize / 2, node.FileSize), (node.FileSize, node.FileSize) })
        {
            var walker = new DagWalker(cid, offset, end);
            (ReadOnlyMemory<byte> piece, long start) = walker.Accept(bytes);
            if (start != 0 || piece.Length != node.Data.Length || walker.Length != node.FileSize || walker.Next is { Size: < 1 or null })
            {
                throw new FuzzFaultException("a walk begins in the wrong place.");
            }
        }

        return true;
    }

    private static (byte[] Car, byte[][] Nodes) MakeFile()
    {
        var blocks = new List<(Cid Cid, byte[] Block)>();
        using var hasher = new UnixFsHasher(new UnixFsLayout { ChunkSize = 7, MaxLinks = 3 }, (cid, block) => blocks.Add((cid, block.ToArray())));
        hasher.Append([.. Enumerable.Range(0, 60).Select(i => (byte)i)]);
        Cid root = hasher.Complete();
        byte[] car = [.. CarReader.Header(root), .. blocks.AsEnumerable().Reverse().SelectMany(b => (byte[])[.. CarReader.Prefix(b.Cid, b.Block.Length), .. b.Block])];

        // A leaf with a node around it, and a node with bytes of its own, a mode and a time.
        byte[] leaf = [0x0a, 0x09, 0x08, 0x02, 0x12, 0x03, 1, 2, 3, 0x18, 0x03];
        byte[] dated = [0x0a, 0x12, 0x08, 0x00, 0x12, 0x01, 9, 0x18, 0x01, 0x38, 0xa4, 0x03, 0x42, 0x06, 0x08, 0x80, 0xe2, 0xcf, 0xaa, 0x06];
        return (car, [.. blocks.Where(b => b.Cid.Codec == ContentCodec.DagPb).Select(b => b.Block), leaf, dated]);
    }
}
