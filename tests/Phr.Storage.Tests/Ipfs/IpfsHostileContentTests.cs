using System.Buffers;
using Phr.Crypto;
using Phr.Storage.Ipfs;

namespace Phr.Storage.Tests;

/// <summary>Trees that their author made wrong: every block has its id, so no node is to blame, and no other node is asked.</summary>
public sealed class IpfsHostileContentTests
{
    [Fact]
    public async Task Open_TreeThatLiesAboutSizes_IsMismatched()
    {
        await using var node = new PaperNode();
        Cid leaf = node.AddBlock(new byte[10], ContentCodec.Raw);
        Cid honest = node.AddBlock(Node([(leaf, 10), (leaf, 10)], 20), ContentCodec.DagPb);
        Assert.Equal(20, (await ReadAsync(node, honest)).Length);
        foreach ((byte[] block, PhrDataReason reason) in new[]
        {
            (Node([(leaf, 11), (leaf, 9)], 20), PhrDataReason.Mismatched),          // a leaf is shorter
            (Node([(leaf, 9), (leaf, 11)], 20), PhrDataReason.Mismatched),
            (Node([(leaf, 10), (leaf, 10)], 21), PhrDataReason.Mismatched),         // the sum is another
            (Node([(leaf, 10), (leaf, 10)], 19), PhrDataReason.Mismatched),
            (Node([(leaf, 20), (leaf, 0)], 20), PhrDataReason.Mismatched),          // a child of no bytes
            (Node([(leaf, long.MaxValue), (leaf, long.MaxValue)], long.MaxValue), PhrDataReason.Mismatched),
            (Node([(honest, 20), (honest, 19)], 39), PhrDataReason.Mismatched),     // a node below is of another size
            (Node([(leaf, 10), (leaf, 10)], 20, type: 1), PhrDataReason.Mismatched), // a directory
            (Node([(leaf, 10), (leaf, 10)], 20, type: 5), PhrDataReason.Mismatched), // a sharded directory
            (Node([(leaf, 10), (leaf, 10)], 20, name: "a"), PhrDataReason.Malformed),
            ([0x0a, 0x02, 0x08, 0x02, 0x0a, 0x00], PhrDataReason.Malformed),        // data twice
            ([0x12], PhrDataReason.Truncated),
            ([1, 2, 3], PhrDataReason.Malformed),
        })
        {
            Cid cid = node.AddBlock(block, ContentCodec.DagPb);
            PhrDataException e = await Assert.ThrowsAsync<PhrDataException>(() => ReadAsync(node, cid));
            Assert.Equal(reason, e.Reason);
        }
    }

    [Fact]
    public async Task Open_TreeTooDeep_IsRefused()
    {
        await using var node = new PaperNode();
        Cid cid = node.AddBlock([7], ContentCodec.Raw);
        for (int depth = 1; depth <= IpfsLimits.MaxDepth; depth++)
        {
            cid = node.AddBlock(Node([(cid, 1)], 1), ContentCodec.DagPb);
        }

        Assert.Equal([7], await ReadAsync(node, cid));
        Cid deeper = node.AddBlock(Node([(cid, 1)], 1), ContentCodec.DagPb);
        Assert.Equal(PhrDataReason.TooLarge, (await Assert.ThrowsAsync<PhrDataException>(() => ReadAsync(node, deeper))).Reason);
    }

    [Fact]
    public async Task Open_TreeOfAnotherWriter_IsRead()
    {
        await using var node = new PaperNode();

        // Bytes in an inner node and in leaves with a node around them, as the trickle layout and version 0 have them.
        Cid leaf = node.AddBlock([0x0a, 0x07, 0x08, 0x02, 0x12, 0x01, 0x05, 0x18, 0x01], ContentCodec.DagPb);
        Cid raw = node.AddBlock([6, 7], ContentCodec.Raw);
        Cid root = node.AddBlock(Node([(leaf, 1), (raw, 2)], 5, data: [3, 4]), ContentCodec.DagPb);
        Assert.Equal([3, 4, 5, 6, 7], await ReadAsync(node, root));
        using var store = Store(node);
        for (int from = 0; from <= 5; from++)
        {
            for (int to = from; to <= 5; to++)
            {
                await using Stream part = await store.OpenAsync(root, from, to - from);
                using var bytes = new MemoryStream();
                await part.CopyToAsync(bytes);
                Assert.Equal(new byte[] { 3, 4, 5, 6, 7 }[from..to], bytes.ToArray());
            }
        }

        byte[] content = [.. Enumerable.Range(0, 1000).Select(i => (byte)(i % 251))];
        foreach (UnixFsLayout layout in new[] { new UnixFsLayout { ChunkSize = 7, MaxLinks = 2 }, new UnixFsLayout { ChunkSize = 16, MaxLinks = 3, CidVersion = 0 }, UnixFsLayout.V0Of2015, UnixFsLayout.V1Of2025 })
        {
            Assert.Equal(content, await ReadAsync(node, node.Add(content, layout)));
        }
    }

    [Fact]
    public async Task Open_RepeatedLeaves_AreReadFromACarThatHasThemOnce()
    {
        await using var node = new PaperNode();
        byte[] zeros = new byte[6 * 262_144];
        Cid cid = node.Add(zeros);
        using var store = IpfsContentStore.Connect(new IpfsContentStoreOptions { Gateways = [node.Address] });
        Assert.Equal(zeros, await IpfsHostileNodeTests.ReadAsync(store, cid));
        Assert.Contains("ipfs", node.Calls);
    }

    private static IpfsContentStore Store(PaperNode node) => IpfsContentStore.Connect(IpfsHostileNodeTests.Options(new IpfsHostileNodeTests.FaultList(), [node.Address], []));

    private static async Task<byte[]> ReadAsync(PaperNode node, Cid cid)
    {
        using IpfsContentStore store = Store(node);
        return await IpfsHostileNodeTests.ReadAsync(store, cid);
    }

    /// <summary>Writes a node with any sizes, which an honest writer does not.</summary>
    internal static byte[] Node((Cid Cid, long Size)[] links, long fileSize, int type = 2, string name = "", byte[]? data = null)
    {
        var file = new List<byte> { 0x08, (byte)type };
        if (data is not null)
        {
            file.AddRange([0x12, (byte)data.Length, .. data]);
        }

        file.AddRange([0x18, .. Varint(fileSize)]);
        var node = new List<byte>();
        foreach ((Cid cid, long size) in links)
        {
            byte[] link = [0x0a, (byte)cid.ByteLength, .. cid.ToBytes(), 0x12, (byte)name.Length, .. System.Text.Encoding.ASCII.GetBytes(name), 0x18, 1];
            node.AddRange([0x12, (byte)link.Length, .. link]);
            file.AddRange([0x20, .. Varint(size)]);
        }

        return [.. node, 0x0a, .. Varint(file.Count), .. file];
    }

    private static byte[] Varint(long value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)((value & 0x7f) | 0x80));
        }

        return [.. bytes, (byte)value];
    }
}
