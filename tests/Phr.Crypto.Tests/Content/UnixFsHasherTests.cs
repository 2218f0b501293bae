using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto.Content;

namespace Phr.Crypto.Tests.Content;

public class UnixFsHasherTests
{
    [Fact]
    public void Complete_FilesOfAllProfiles_GiveThePublishedIds()
    {
        foreach (JsonElement row in IpfsVectors.Rows("vectors"))
        {
            byte[] file = IpfsVectors.Pattern(row.GetProperty("size").GetInt32());
            Assert.Equal(row.GetProperty("sha256").GetString(), Digest.Of(file).ToString());
            Dag dag = Dag.Of(file, UnixFsLayout.Default);
            Assert.Equal(row.GetProperty("cidv1").GetString(), dag.Root.ToString());
            Assert.Equal(row.GetProperty("uniqueBlocks").GetInt32(), dag.Blocks.Count);
            AssertRootBlock(row, dag);
            Assert.Equal(row.GetProperty("cidv1_2025").GetString(), UnixFsHasher.HashData(file, UnixFsLayout.V1Of2025).ToString());
            Assert.Equal(row.GetProperty("cidv0").GetString(), UnixFsHasher.HashData(file, UnixFsLayout.V0Of2015).ToString());
        }
    }

    [Fact]
    public void Complete_SmallLayouts_GiveThePublishedIds()
    {
        foreach (JsonElement row in IpfsVectors.Rows("layout"))
        {
            var layout = new UnixFsLayout { ChunkSize = row.GetProperty("chunkSize").GetInt32(), MaxLinks = row.GetProperty("maxLinks").GetInt32() };
            Dag dag = Dag.Of(IpfsVectors.Pattern(row.GetProperty("size").GetInt32()), layout);
            Assert.Equal(row.GetProperty("cidv1").GetString(), dag.Root.ToString());
            Assert.Equal(row.GetProperty("uniqueBlocks").GetInt32(), dag.Blocks.Count);
            AssertRootBlock(row, dag);
        }
    }

    [Fact]
    public void Complete_Texts_GiveThePublishedIds()
    {
        foreach (JsonElement row in IpfsVectors.Rows("text"))
        {
            byte[] file = Encoding.UTF8.GetBytes(row.GetProperty("utf8").GetString()!);
            Assert.Equal(row.GetProperty("cidv1").GetString(), UnixFsHasher.HashData(file).ToString());
            Assert.Equal(row.GetProperty("cidv0").GetString(), UnixFsHasher.HashData(file, UnixFsLayout.V0Of2015).ToString());
        }
    }

    [Fact]
    public void Complete_Directories_GiveThePublishedIds()
    {
        foreach (JsonElement row in IpfsVectors.Rows("directories"))
        {
            var files = row.GetProperty("files").EnumerateObject().Select(f => (Path: f.Name, Content: Encoding.UTF8.GetBytes(f.Value.GetString()!)));
            (Cid cid, byte[] block, _) = Directory([.. files]);
            Assert.Equal(row.GetProperty("cidv1").GetString(), cid.ToString());
            Assert.Equal(row.GetProperty("rootBlockHex").GetString(), Convert.ToHexStringLower(block));
        }
    }

    [Fact]
    public void Complete_ContentOfArchives_GivesTheirRootsAndBlocks()
    {
        foreach (JsonElement row in IpfsVectors.Rows("cars"))
        {
            string[] content = row.GetProperty("content").GetString()!.Split(':', 2);
            byte[] file = content[0] switch
            {
                "utf8" => Encoding.UTF8.GetBytes(content[1]),
                "pattern" => IpfsVectors.Pattern(int.Parse(content[1])),
                _ => new byte[int.Parse(content[1])],
            };
            var layout = new UnixFsLayout { ChunkSize = row.GetProperty("chunkSize").GetInt32(), MaxLinks = row.GetProperty("maxLinks").GetInt32() };
            Dag dag = Dag.Of(file, layout);
            Assert.Equal(row.GetProperty("cidv1").GetString(), dag.Root.ToString());
            if (row.TryGetProperty("carHex", out JsonElement car))
            {
                foreach ((Cid cid, byte[] block) in dag.Blocks)
                {
                    Assert.Contains(Convert.ToHexStringLower([.. cid.ToBytes(), .. block]), car.GetString());
                }
            }
        }
    }

    [Fact]
    public void Append_FileCutAnywhere_GivesTheSameId()
    {
        Prop.ForAll<byte[], byte[], PositiveInt>((first, second, chunk) =>
        {
            var layout = new UnixFsLayout { ChunkSize = 1 + (chunk.Get % 7), MaxLinks = 2 };
            using var hasher = new UnixFsHasher(layout);
            hasher.Append(first);
            hasher.Append(second);
            hasher.Append([]);
            Assert.Equal(first.Length + second.Length, hasher.Length);
            return hasher.Complete() == UnixFsHasher.HashData([.. first, .. second], layout);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Complete_AnyFile_CountsTheBytesOfItsTree()
    {
        Prop.ForAll<byte[], PositiveInt>((file, links) =>
        {
            long emitted = 0;
            Cid last = default;
            using var hasher = new UnixFsHasher(new UnixFsLayout { ChunkSize = 3, MaxLinks = 2 + (links.Get % 3) }, (cid, block) =>
            {
                Assert.True(cid.Matches(block));
                emitted += block.Length;
                last = cid;
            });
            hasher.Append(file);
            return hasher.Complete() == last && hasher.TreeSize == emitted;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void AppendChunk_LeavesOfAnyFile_GiveTheIdOfTheFile()
    {
        Prop.ForAll<byte[], PositiveInt>((file, chunk) =>
        {
            var layout = new UnixFsLayout { ChunkSize = 1 + (chunk.Get % 5), MaxLinks = 2 };
            using var hasher = new UnixFsHasher(layout);
            foreach (byte[] leaf in file.Chunk(layout.ChunkSize))
            {
                hasher.AppendChunk(Digest.Of(leaf), leaf.Length);
            }

            return hasher.Complete() == UnixFsHasher.HashData(file, layout) && hasher.Length == file.Length;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void AppendChunk_WhereNoLeafBegins_Throws()
    {
        using var hasher = new UnixFsHasher(new UnixFsLayout { ChunkSize = 4 });
        Assert.Throws<ArgumentOutOfRangeException>(() => hasher.AppendChunk(default, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => hasher.AppendChunk(default, 5));
        hasher.Append([1]);
        Assert.Throws<InvalidOperationException>(() => hasher.AppendChunk(default, 4));
        hasher.Append([2, 3, 4]);
        hasher.AppendChunk(default, 3);
        Assert.Throws<InvalidOperationException>(() => hasher.AppendChunk(default, 4));
        Assert.Throws<InvalidOperationException>(() => hasher.Append([1]));
        using var version0 = new UnixFsHasher(UnixFsLayout.V0Of2015);
        Assert.Throws<InvalidOperationException>(() => version0.AppendChunk(default, 4));
    }

    [Fact]
    public void Complete_FileOfManyChunks_AllocatesLittle()
    {
        byte[] piece = new byte[65_536];
        UnixFsHasher.HashData(piece);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using var hasher = new UnixFsHasher();
        for (int i = 0; i < 1024; i++)
        {
            hasher.Append(piece);
        }

        hasher.Complete();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Append_AfterTheEnd_Throws()
    {
        var hasher = new UnixFsHasher();
        hasher.Complete();
        Assert.Throws<InvalidOperationException>(() => hasher.Append([1]));
        Assert.Throws<InvalidOperationException>(() => hasher.Complete());
        hasher.Dispose();
        hasher.Dispose();
        Assert.Throws<ObjectDisposedException>(() => hasher.Append([1]));
    }

    [Fact]
    public void Layout_OutsideItsRanges_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new UnixFsLayout { ChunkSize = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new UnixFsLayout { ChunkSize = UnixFsLayout.MaxChunkSize + 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new UnixFsLayout { MaxLinks = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new UnixFsLayout { MaxLinks = UnixFsLayout.LargestMaxLinks + 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new UnixFsLayout { CidVersion = 2 });
    }

    private static void AssertRootBlock(JsonElement row, Dag dag)
    {
        if (row.TryGetProperty("rootBlockHex", out JsonElement root))
        {
            Assert.Equal(root.GetString(), Convert.ToHexStringLower(dag.Blocks[dag.Root]));
        }
    }

    /// <summary>A directory is a node whose data says so and whose links are sorted by name; nothing but this test needs one yet.</summary>
    private static (Cid Cid, byte[] Block, long TreeSize) Directory((string Path, byte[] Content)[] files)
    {
        var links = new List<DagPbLink>();
        foreach (IGrouping<string, (string Path, byte[] Content)> entry in files.GroupBy(f => f.Path.Split('/')[0]))
        {
            if (entry.First().Path == entry.Key)
            {
                using var hasher = new UnixFsHasher();
                hasher.Append(entry.First().Content);
                links.Add(new DagPbLink(hasher.Complete(), entry.Key, hasher.TreeSize));
            }
            else
            {
                (Cid cid, _, long size) = Directory([.. entry.Select(f => (f.Path[(entry.Key.Length + 1)..], f.Content))]);
                links.Add(new DagPbLink(cid, entry.Key, size));
            }
        }

        links.Sort((a, b) => Encoding.UTF8.GetBytes(a.Name).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b.Name)));
        var block = new ArrayBufferWriter<byte>();
        DagPbNode.Write(block, links.ToArray(), [0x08, 0x01]);
        return (Cid.ForDagPbNode(Digest.Of(block.WrittenSpan)), block.WrittenSpan.ToArray(), links.Sum(l => l.TreeSize) + block.WrittenCount);
    }

    private sealed record Dag(Cid Root, Dictionary<Cid, byte[]> Blocks)
    {
        public static Dag Of(byte[] file, UnixFsLayout layout)
        {
            var blocks = new Dictionary<Cid, byte[]>();
            using var hasher = new UnixFsHasher(layout, (cid, block) => blocks.TryAdd(cid, block.ToArray()));
            hasher.Append(file);
            return new Dag(hasher.Complete(), blocks);
        }
    }
}
