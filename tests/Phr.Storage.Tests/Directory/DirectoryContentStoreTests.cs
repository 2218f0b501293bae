using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using Phr.Crypto;
using Phr.Storage.Files;
using Phr.TestSupport;

namespace Phr.Storage.Tests;

public sealed class DirectoryContentStoreTests : IDisposable
{
    private static readonly UnixFsLayout _small = new() { ChunkSize = 16, MaxLinks = 3 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Open_StoreOfAnotherLayout_ReadsItsObjects()
    {
        byte[] content = RandomNumberGenerator.GetBytes(1000);
        Cid cid = await Open(_small).PutAsync(new MemoryStream(content));
        DirectoryContentStore store = Open(UnixFsLayout.Default);
        Assert.Equal(1000, await store.GetLengthAsync(cid));
        await store.VerifyAsync(cid);
        Assert.NotEqual(cid, await store.PutAsync(new MemoryStream(content)));
    }

    [Fact]
    public async Task Open_LaterFormat_IsRefused()
    {
        Open(_small);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "format"), "phr content store 3\n");
        Assert.Equal(PhrDataReason.UnknownVersion, Assert.Throws<PhrDataException>(() => Open(_small)).Reason);
    }

    /// <summary>What has an id is there after a power failure, whichever process made the folders that lead to it, and whether it lived to flush them.</summary>
    [Fact]
    public async Task Put_FoldersOfAProcessThatWasKilled_AreFlushedBeforeTheIdIsGiven()
    {
        string root = Path.Combine(_folder.Path, "above", "store");
        var flushed = new ConcurrentQueue<string>();
        var options = new DirectoryContentStoreOptions { FlushFolder = flushed.Enqueue };
        Directory.CreateDirectory(Path.Combine(_folder.Path, "above"));
        DirectoryContentStore.Open(root, options);
        Assert.Superset(new HashSet<string> { root, Path.Combine(_folder.Path, "above") }, flushed.ToHashSet());

        // The one before made all folders, and was killed before it flushed any of them.
        byte[] block = [1, 2, 3];
        string shard = Path.Combine(root, "objects", Digest.Of(block).ToString()[..2]);
        Directory.CreateDirectory(shard);
        flushed.Clear();
        DirectoryContentStore store = DirectoryContentStore.Open(root, options);
        await store.PutAsync(new MemoryStream(block));
        Assert.Superset(new HashSet<string> { root, Path.Combine(root, "objects"), shard, Path.Combine(root, "pins") }, flushed.ToHashSet());
        flushed.Clear();
        await store.PutAsync(new MemoryStream(block));
        Assert.Equal(new HashSet<string> { shard, Path.Combine(root, "pins") }, flushed.ToHashSet());
        flushed.Clear();
        await store.PutBlockAsync(block);
        Assert.Equal([Path.Combine(root, "blocks")], flushed);
    }

    [Fact]
    public async Task Put_FolderThatCannotBeFlushed_GivesNoId()
    {
        string broken = string.Empty;
        DirectoryContentStore store = DirectoryContentStore.Open(_folder.Path, new DirectoryContentStoreOptions
        {
            FlushFolder = folder =>
            {
                if (Path.GetFileName(folder) == broken)
                {
                    throw new IOException("planted");
                }
            },
        });
        byte[] block = [1, 2, 3];
        Task<Cid> PutAsync(string folder) => folder == "blocks" ? store.PutBlockAsync(block).AsTask() : store.PutAsync(new MemoryStream(block));
        foreach (string folder in (string[])["objects", Digest.Of(block).ToString()[..2], "pins", "blocks"])
        {
            broken = folder;
            await Assert.ThrowsAsync<IOException>(() => PutAsync(folder));
            broken = string.Empty;
            if (folder == "objects")
            {
                // Once it was flushed, it is not again.
                await PutAsync(folder);
            }
        }

        Cid cid = await store.PutBlockAsync(block);
        Assert.True(await store.IsPinnedAsync(cid));
        await store.VerifyAsync(cid);
    }

    [Fact]
    public void Open_ByManyAtOnce_MakesOneStore()
    {
        Parallel.For(0, 16, _ => Open(_small));
        Assert.Equal("phr content store 2\n", File.ReadAllText(Path.Combine(_folder.Path, "format")));
        Assert.Empty(TemporaryFiles());
    }

    [Fact]
    public async Task Open_AbandonedTemporaryFiles_RemovesTheOldOnes()
    {
        DirectoryContentStore store = Open(_small);
        string old = Path.Combine(_folder.Path, "tmp", "old");
        string young = Path.Combine(_folder.Path, "tmp", "young");
        await File.WriteAllTextAsync(old, "x");
        await File.WriteAllTextAsync(young, "x");
        File.SetLastWriteTimeUtc(old, File.GetLastWriteTimeUtc(young).AddHours(-2));
        Open(_small);
        Assert.Equal([young], TemporaryFiles());

        // What is left of a put of blocks goes while a block of it is read.
        string rest = Path.Combine(_folder.Path, "tmp", "rest.blocks");
        Cid block = await store.PutBlockAsync(new byte[3]);
        await File.WriteAllBytesAsync(rest, await File.ReadAllBytesAsync(store.Paths.Block(block)));
        File.Delete(store.Paths.Block(block));
        Assert.Equal(HardLink.Outcome.Made, HardLink.Make(rest, store.Paths.Block(block)));
        File.SetLastWriteTimeUtc(rest, File.GetLastWriteTimeUtc(young).AddHours(-2));
        using (File.OpenHandle(store.Paths.Block(block)))
        {
            Open(_small);
        }

        Assert.Equal([young], TemporaryFiles());
        await store.VerifyAsync(block);

        // A writer that lives keeps its files however old they are.
        await using ContentWriter writer = await store.CreateAsync();
        await writer.WriteAsync(new byte[1000]);
        foreach (string file in TemporaryFiles())
        {
            File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        await Open(_small).CollectAsync();
        Assert.DoesNotContain(young, TemporaryFiles());
        await store.VerifyAsync(await writer.CompleteAsync());
    }

    [Fact]
    public async Task Open_WhilePutAgain_IsNeverTurnedAway()
    {
        DirectoryContentStore store = Open(_small);
        byte[] content = RandomNumberGenerator.GetBytes(100);
        Cid cid = await store.PutAsync(new MemoryStream(content));
        Task putter = Task.Run(async () =>
        {
            for (int i = 0; i < 50; i++)
            {
                await store.PutAsync(new MemoryStream(content));
            }
        });
        do
        {
            await store.VerifyAsync(cid);
        }
        while (!putter.IsCompleted);
        await putter;
    }

    [Fact]
    public void Options_OutsideTheirRanges_Throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new DirectoryContentStoreOptions { TemporaryFileAge = TimeSpan.FromMinutes(9) });
        Assert.Throws<ArgumentException>(() => new DirectoryContentStoreOptions { Layout = UnixFsLayout.V0Of2015 });
        Assert.Throws<ArgumentNullException>(() => new DirectoryContentStoreOptions { TimeProvider = null! });
    }

    [Fact]
    public async Task Read_ListOfChunksMissing_NamesTheObject()
    {
        DirectoryContentStore store = Open(_small);
        Cid cid = await store.PutAsync(new MemoryStream(new byte[100]));
        File.Delete(store.Paths.Leaves(cid));
        PhrDataException e = await Assert.ThrowsAsync<PhrDataException>(async () => await store.OpenAsync(cid));
        Assert.Equal(PhrDataReason.DigestMismatch, e.Reason);
        Assert.Contains(cid.ToString(), e.Message);
    }

    [Fact]
    public async Task Read_DamagedListsOfChunks_GiveDataExceptionsOrTheTrueBytes()
    {
        DirectoryContentStore store = Open(_small);
        byte[] content = RandomNumberGenerator.GetBytes(150);
        Cid cid = await store.PutAsync(new MemoryStream(content));
        byte[] list = await File.ReadAllBytesAsync(store.Paths.Leaves(cid));
        string damaged = Path.Combine(_folder.Path, "damaged");
        using var file = new FileStream(damaged, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        Mutations.Run("list of chunks", [list], bytes =>
        {
            file.SetLength(bytes.Length);
            RandomAccess.Write(file.SafeFileHandle, bytes, 0);
            using LeafList leaves = LeafList.Open(File.OpenHandle(damaged, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), cid);
            int count = (int)Math.Min(leaves.Count, LeafList.MaxWindow);
            Digest[] digests = leaves.ReadVerified(0, count, CancellationToken.None);
            Assert.Equal(content.Chunk(leaves.ChunkSize).Select(c => Digest.Of(c)), digests);
            return leaves.Length == content.Length;
        }, e => e is PhrDataException);
    }

    [Fact]
    public async Task Read_ObjectOfSeveralWindows_GivesTheBytes()
    {
        DirectoryContentStore store = Open(new UnixFsLayout { ChunkSize = 2, MaxLinks = 174 });
        byte[] content = RandomNumberGenerator.GetBytes((2 * LeafList.MaxWindow * 2) + 5);
        Cid cid = await store.PutAsync(new MemoryStream(content));
        await using Stream stream = await store.OpenAsync(cid, 1);
        byte[] read = new byte[content.Length - 1];
        stream.ReadExactly(read);
        Assert.True(content.AsSpan(1).SequenceEqual(read));
        Assert.Equal(0, stream.Read(read));
    }

    [Fact]
    public async Task Put_ProcessKilledAnywhere_LosesNothingThatItAcknowledged()
    {
        // The child names each object that it has put; it is killed after some.
        string place = Path.Combine(_folder.Path, "store");
        var cids = new List<Cid>();
        for (int kill = 1; kill <= 3; kill++)
        {
            using Process child = CrashChildTests.StartObjects(place);
            Task<string> output = child.StandardOutput.ReadToEndAsync();
            int enough = cids.Count + (7 * kill);
            while (await child.StandardError.ReadLineAsync() is string line)
            {
                cids.Add(Cid.Parse(line));
                if (cids.Count == enough)
                {
                    child.Kill();
                }
            }

            await child.WaitForExitAsync();
            Assert.True(cids.Count >= enough, await output);

            var store = DirectoryContentStore.Open(place, new DirectoryContentStoreOptions { Layout = CrashChildTests.Layout, TimeProvider = new DirectoryContentStoreGroupTests.LaterClock() });
            Assert.Empty(System.IO.Directory.GetFiles(Path.Combine(place, "tmp")));
            foreach (Cid cid in cids)
            {
                await store.VerifyAsync(cid);
                Assert.True(await store.IsPinnedAsync(cid));
            }

            await store.CollectAsync();
            string[] data = System.IO.Directory.GetFiles(place, "*.data", SearchOption.AllDirectories);
            Assert.InRange(data.Length, cids.Count, cids.Count + kill);
            foreach (string file in data)
            {
                await store.VerifyAsync(Cid.Parse(Path.GetFileNameWithoutExtension(file)));
            }
        }
    }

    private DirectoryContentStore Open(UnixFsLayout layout) =>
        DirectoryContentStore.Open(_folder.Path, new DirectoryContentStoreOptions { Layout = layout });

    private string[] TemporaryFiles() => System.IO.Directory.GetFiles(Path.Combine(_folder.Path, "tmp"));
}
