using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto;
using Phr.Storage.Ipfs;
using Phr.TestSupport;

namespace Phr.Storage.Tests;

/// <summary>The readers of archives and of nodes, on what other implementations wrote and on damage.</summary>
public sealed class CarReaderTests
{
    [Fact]
    public async Task Read_PublishedArchives_GivesTheFile()
    {
        using var vectors = JsonDocument.Parse(await File.ReadAllBytesAsync(RepositoryRoot.Combine("tests", "vectors", "ipfs", "ipfs-cids.json")));
        int read = 0;
        foreach (JsonElement row in vectors.RootElement.GetProperty("cars").EnumerateArray())
        {
            byte[] content = ContentOf(row.GetProperty("content").GetString()!);
            var layout = new UnixFsLayout { ChunkSize = row.GetProperty("chunkSize").GetInt32(), MaxLinks = row.GetProperty("maxLinks").GetInt32() };
            await using var node = new PaperNode();
            Cid cid = node.Add(content, layout);
            Assert.Equal(row.GetProperty("cidv1").GetString(), cid.ToString());

            // Ours is the same bytes, which the digest says also where the vector does not have them.
            byte[] car = node.Car(cid);
            Assert.Equal(row.GetProperty("carLength").GetInt32(), car.Length);
            Assert.Equal(row.GetProperty("carSha256").GetString(), Digest.Of(car).ToString());
            if (row.TryGetProperty("carHex", out JsonElement hex))
            {
                Assert.Equal(hex.GetString(), Convert.ToHexStringLower(car));
            }

            (Cid root, List<(Cid Cid, byte[] Block)> blocks) = await ReadAsync(car);
            Assert.Equal(cid, root);
            Assert.All(blocks, b => Assert.Equal(node.Block(b.Cid), b.Block));

            // Out of a gateway, as a whole and in any part.
            using var store = IpfsContentStore.Connect(new IpfsContentStoreOptions { Gateways = [node.Address] });
            Assert.Equal(content, await IpfsHostileNodeTests.ReadAsync(store, cid));
            read++;
        }

        Assert.True(read >= 6);
    }

    [Fact]
    public async Task Read_AnyByteChangedOrCut_IsRefusedOrIsAnotherBlock()
    {
        await using var node = new PaperNode();
        Cid cid = node.Add([.. Enumerable.Range(0, 50).Select(i => (byte)i)], new UnixFsLayout { ChunkSize = 16, MaxLinks = 3 });
        byte[] car = node.Car(cid);
        (_, List<(Cid Cid, byte[] Block)> all) = await ReadAsync(car);
        for (int at = 0; at < car.Length; at++)
        {
            byte[] changed = [.. car];
            changed[at] ^= 1;
            try
            {
                // The ids are not covered by a digest, but by the tree: whoever follows it notices another one.
                (Cid root, List<(Cid Cid, byte[] Block)> blocks) = await ReadAsync(changed);
                Assert.NotEqual([cid, .. all.Select(b => b.Cid)], [root, .. blocks.Select(b => b.Cid)]);
            }
            catch (PhrDataException)
            {
            }
        }

        for (int length = 0; length < car.Length; length++)
        {
            try
            {
                Assert.True((await ReadAsync(car[..length])).Blocks.Count < all.Count);
            }
            catch (PhrDataException e)
            {
                Assert.Equal(PhrDataReason.Truncated, e.Reason);
            }
        }
    }

    [Fact]
    public async Task Read_ForgedParts_AreRefused()
    {
        byte[] header = CarReader.Header(Cid.ForRawBlock(Digest.Of("x"u8)));
        foreach ((string hex, PhrDataReason reason) in new[]
        {
            ("", PhrDataReason.Truncated),
            ("00", PhrDataReason.WrongLength),
            ("8000", PhrDataReason.NonCanonical),
            ("0aa16776657273696f6e02", PhrDataReason.Malformed),          // the prefix of version 2
            ("11a265726f6f7473806776657273696f6e01", PhrDataReason.Malformed), // no root
            ("ffffffff0f", PhrDataReason.TooLarge),
            ("8101", PhrDataReason.TooLarge),
        })
        {
            Assert.Equal(reason, (await Assert.ThrowsAsync<PhrDataException>(() => ReadAsync(Convert.FromHexString(hex)))).Reason);
        }

        foreach ((string hex, PhrDataReason reason) in new[]
        {
            ("00", PhrDataReason.WrongLength),
            ("0101", PhrDataReason.Truncated),
            ("03015512", PhrDataReason.Truncated),
            ("ffffff7f", PhrDataReason.TooLarge),
            ("8080808001", PhrDataReason.TooLarge),
            ("2401551220" + new string('0', 64), PhrDataReason.DigestMismatch),
            ("2401551120" + new string('0', 64), PhrDataReason.UnknownVersion), // another hash
        })
        {
            Assert.Equal(reason, (await Assert.ThrowsAsync<PhrDataException>(() => ReadAsync([.. header, .. Convert.FromHexString(hex)]))).Reason);
        }

        byte[] version2 = [.. header];
        version2[^1] = 2;
        Assert.Equal(PhrDataReason.UnknownVersion, (await Assert.ThrowsAsync<PhrDataException>(() => ReadAsync(version2))).Reason);
    }

    [Fact]
    public void Parse_NodesOfAnyFile_HaveTheSizesOfIt() =>
        Prop.ForAll<byte[], PositiveInt, PositiveInt>((content, chunk, links) =>
        {
            var layout = new UnixFsLayout { ChunkSize = (chunk.Get % 5) + 1, MaxLinks = (links.Get % 3) + 2 };
            long total = 0;
            UnixFsNode? last = null;
            using var hasher = new UnixFsHasher(layout, (cid, block) =>
            {
                if (cid.Codec == ContentCodec.DagPb)
                {
                    last = UnixFsNode.Parse(block.ToArray());
                    total++;
                }
            });
            hasher.Append(content);
            hasher.Complete();
            return last is null ? content.Length <= layout.ChunkSize : last.FileSize == content.Length && last.Links.Sum(l => l.Size) == content.Length && total > 0;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Parse_DamagedNodes_AreRefusedWithTheOneException()
    {
        byte[] node = IpfsHostileContentTests.Node([(Cid.ForRawBlock(default), 10), (Cid.ForDagPbNode(default), 300)], 312, data: [1, 2]);
        Assert.Equal(312, UnixFsNode.Parse(node).FileSize);
        Prop.ForAll<byte[], PositiveInt, byte>((random, at, value) =>
        {
            byte[] changed = [.. node];
            changed[at.Get % node.Length] = value;
            return Refuses(random) & Refuses(changed) & Refuses(node[..(at.Get % node.Length)]) & Refuses([.. node, .. random]);
        }).QuickCheckThrowOnFailure();
    }

    private static bool Refuses(byte[] bytes)
    {
        try
        {
            UnixFsNode read = UnixFsNode.Parse(bytes);
            return read.FileSize == read.Data.Length + read.Links.Sum(l => l.Size);
        }
        catch (PhrDataException)
        {
            return true;
        }
    }

    private static async Task<(Cid Root, List<(Cid Cid, byte[] Block)> Blocks)> ReadAsync(byte[] car)
    {
        using var reader = new CarReader(new MemoryStream(car));
        Cid root = await reader.ReadRootAsync(CancellationToken.None);
        var blocks = new List<(Cid, byte[])>();
        while (await reader.ReadBlockAsync(CancellationToken.None) is { } block)
        {
            blocks.Add((block.Cid, block.Block.ToArray()));
        }

        return (root, blocks);
    }

    private static byte[] ContentOf(string description)
    {
        string[] parts = description.Split(':', 2);
        return parts[0] switch
        {
            "utf8" => Encoding.UTF8.GetBytes(parts[1]),
            "zeros" => new byte[int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)],
            _ => [.. Enumerable.Range(0, int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)).Select(i => (byte)((i * 31L + 7) % 251))],
        };
    }
}
