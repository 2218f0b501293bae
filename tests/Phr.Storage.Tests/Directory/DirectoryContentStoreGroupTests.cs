using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Phr.Crypto;
using Phr.Storage.Files;
using Phr.TestSupport;

namespace Phr.Storage.Tests;

/// <summary>Blocks that are put at the same time, by one process and by several: what is told of them holds, whatever fails, whoever dies, and when the power does.</summary>
public sealed class DirectoryContentStoreGroupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Place => Path.Combine(_folder.Path, "store");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PutBlockAsync_ManyWhileOneIsFlushed_AreOneGroupWithOneFlushOfEachFolder()
    {
        using var begun = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var flushed = new ConcurrentQueue<string>();
        int files = 0;
        DirectoryContentStore store = Open((_, _) =>
        {
            Interlocked.Increment(ref files);
            begun.Set();
            goOn.Wait(TestContext.Current.CancellationToken);
        }, flushed.Enqueue);
        byte[][] blocks = [.. Enumerable.Range(0, 41).Select(i => new[] { (byte)i })];
        var puts = new List<Task<Cid>> { store.PutBlockAsync(blocks[0]).AsTask() };
        begun.Wait(TestContext.Current.CancellationToken);
        flushed.Clear();
        puts.AddRange(blocks[1..].Select(block => store.PutBlockAsync(block).AsTask()));
        goOn.Set();
        Cid[] cids = await Task.WhenAll(puts);

        // The first alone, then what came meanwhile.
        Assert.Equal([store.Paths.Blocks, store.Paths.Blocks], flushed);
        Assert.Equal(2, files);
        await AssertKeptAsync(store, cids);
        Assert.Empty(System.IO.Directory.GetFiles(store.Paths.Temporary));
    }

    [Fact]
    public async Task PutBlockAsync_OneOfAGroupCannotBeNamed_FailsAlone()
    {
        using var begun = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        DirectoryContentStore store = Open((_, _) =>
        {
            begun.Set();
            goOn.Wait(TestContext.Current.CancellationToken);
        });
        byte[][] blocks = [.. Enumerable.Range(0, 9).Select(i => new[] { (byte)i })];

        // A folder is where the name of one should be, and it has something in it.
        string taken = store.Paths.Block(Cid.ForRawBlock(Digest.Of(blocks[5])));
        System.IO.Directory.CreateDirectory(Path.Combine(taken, "full"));
        Task<Cid>[] puts = [.. blocks.Select(block => store.PutBlockAsync(block).AsTask())];
        begun.Wait(TestContext.Current.CancellationToken);
        goOn.Set();
        await ((Task)Task.WhenAll(puts)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        Assert.True(puts[5].IsFaulted);
        Assert.Empty(System.IO.Directory.GetFiles(store.Paths.Temporary));
        await AssertKeptAsync(store, await Task.WhenAll(puts.Where(put => put != puts[5])));
        System.IO.Directory.Delete(taken, recursive: true);
        await AssertKeptAsync(store, [await store.PutBlockAsync(blocks[5])]);
        Assert.Equal(blocks.Length, System.IO.Directory.GetFileSystemEntries(store.Paths.Blocks).Length);
    }

    [Fact]
    public async Task PutBlockAsync_FileOrFolderOfAGroupCannotBeFlushed_GivesNoIdAndLeavesNoTemporaryFile()
    {
        bool failsFile = true, failsFolder = false;
        DirectoryContentStore store = Open(
            (_, _) => Throw(failsFile),
            folder => Throw(failsFolder && Path.GetFileName(folder) == "blocks"));
        static void Throw(bool fails)
        {
            if (fails)
            {
                throw new IOException("planted");
            }
        }

        byte[] block = [1, 2, 3];
        var cid = Cid.ForRawBlock(Digest.Of(block));
        await Assert.ThrowsAsync<IOException>(() => store.PutBlockAsync(block).AsTask());
        Assert.False(await store.ExistsAsync(cid));
        (failsFile, failsFolder) = (false, true);
        await Assert.ThrowsAsync<IOException>(() => store.PutBlockAsync(block).AsTask());
        failsFolder = false;
        await AssertKeptAsync(store, [await store.PutBlockAsync(block)]);
        Assert.Empty(System.IO.Directory.GetFiles(store.Paths.Temporary));
    }

    [Fact]
    public async Task PutBlockAsync_BlocksOfOneFile_LiveAndDieAlone()
    {
        DirectoryContentStore store = DirectoryContentStore.Open(Place);
        byte[][] blocks = [.. Enumerable.Range(0, 40).Select(i => RandomNumberGenerator.GetBytes(1 + (i * 50)))];
        Cid[] cids = await PutTogetherAsync(blocks);
        Assert.Single(cids.Select(cid => new FileInfo(store.Paths.Block(cid)).Length).Distinct());

        // Damage to one is its own, wherever it lies; damage to the list is everybody's in it. Whoever is put again is whole.
        await using (var file = new FileStream(store.Paths.Block(cids[0]), FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = file.Length - 1;
            int last = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(last ^ 1));
        }

        Assert.Equal(PhrDataReason.DigestMismatch, (await Assert.ThrowsAsync<PhrDataException>(() => store.GetBlockAsync(cids[^1].Digest))).Reason);
        await AssertKeptAsync(store, cids[..^1]);
        Assert.Equal(cids[^1], await store.PutBlockAsync(blocks[^1]));
        await AssertKeptAsync(store, cids);

        // Every second one goes; a block that was also put as an object of its own stays as that.
        foreach (Cid cid in cids.Where((_, i) => i % 2 == 0))
        {
            await store.UnpinAsync(cid);
            Assert.True(await store.ExistsAsync(cid));
        }

        await store.PinAsync(cids[0]);
        Assert.Equal(cids[2], await store.PutAsync(new MemoryStream(blocks[2])));
        Assert.Equal(new CollectReport(18, Enumerable.Range(2, 18).Sum(i => 1 + (i * 100L))), await store.CollectAsync());
        Cid[] left = [.. cids.Where((_, i) => i % 2 == 1 || i is 0 or 2)];
        await AssertKeptAsync(store, left);
        Assert.Equal(left.Order(), (await store.ListPinsAsync().ToArrayAsync()).Order());
        foreach (Cid cid in left)
        {
            await store.UnpinAsync(cid);
        }

        Assert.Equal(left.Length, (await store.CollectAsync()).Objects);
        Assert.All(System.IO.Directory.GetFiles(Place, "*", SearchOption.AllDirectories), file => Assert.Contains(Path.GetFileName(file), (string[])["format", ".lock"]));
    }

    [Fact]
    public async Task GetBlockAsync_DamagedFilesOfBlocks_GiveDataExceptionsOrTheTrueBytes()
    {
        byte[][] blocks = [.. Enumerable.Range(0, 3).Select(i => RandomNumberGenerator.GetBytes(20 * i))];
        Cid[] cids = await PutTogetherAsync(blocks);
        DirectoryContentStore store = DirectoryContentStore.Open(Place);
        byte[] whole = await File.ReadAllBytesAsync(store.Paths.Block(cids[2]));
        string damaged = Path.Combine(_folder.Path, "damaged");
        using SafeFileHandle file = File.OpenHandle(damaged, FileMode.CreateNew, FileAccess.ReadWrite);
        Mutations.Run("file of blocks", [whole], bytes =>
        {
            RandomAccess.SetLength(file, bytes.Length);
            RandomAccess.Write(file, bytes, 0);
            Assert.InRange(BlockGroup.ReadLength(file, cids[1]), 0, ContentSourceExtensions.MaxBlockLength);
            Assert.Equal(blocks[2], BlockGroup.Read(file, cids[2]));
            return true;
        }, e => e is PhrDataException);
    }

    /// <summary>
    /// The power fails before every flush: what is left then is what was flushed, and nothing else. What was told by then must be there and pinned, and whatever else is there must be whole. The other
    /// extreme, that everything is left, is what a killed process leaves.
    /// </summary>
    [Fact]
    public async Task PutBlockAsync_PowerFailsAtAnyFlush_KeepsWhatWasTold()
    {
        DirectoryContentStore.Open(Place);
        var disk = new Disk(Place);
        disk.FlushFile(Path.Combine(Place, "format"));
        disk.FlushFolder(Place);
        var told = new ConcurrentBag<Cid>();
        var states = new List<(Cid[] Told, Dictionary<string, byte[]?> Left)>();
        void Fail()
        {
            lock (states)
            {
                states.Add(([.. told], disk.Left()));
            }
        }

        DirectoryContentStore store = Open(
            (path, _) =>
            {
                Fail();
                disk.FlushFile(path);
            },
            path =>
            {
                Fail();
                disk.FlushFolder(path);
            });
        for (int round = 0; round < 4; round++)
        {
            // Some are there already from the second round on.
            await Task.WhenAll(Enumerable.Range(round * 10, 24).Select(async i =>
            {
                byte[] block = SHA512.HashData([(byte)i]);
                told.Add(i % 5 == 0 ? await store.PutAsync(new MemoryStream(block)) : await store.PutBlockAsync(block));
            }));
        }

        Fail();
        Assert.InRange(states.Count, 30, 1000);
        for (int i = 0; i < states.Count; i++)
        {
            string copy = Path.Combine(_folder.Path, $"after-{i}");
            Disk.Write(states[i].Left, copy);
            var after = DirectoryContentStore.Open(copy, CrashOptions);
            await AssertKeptAsync(after, states[i].Told);
            await AssertWholeAsync(after);
        }

        Assert.Equal(54, states[^1].Told.Distinct().Count());
    }

    [Fact]
    public async Task PutBlockAsync_ProcessesKilledAtEveryKindOfStep_LoseNothingThatTheyAcknowledged()
    {
        // The first flushes are those of a new store; those after them are of files, of the folder of their names, group by group.
        var cids = new List<Cid>();
        foreach (int flush in (int[])[1, 2, 3, 4, 5, 6, 41, 90])
        {
            using Process child = CrashChildTests.StartBlocks(Place, flush);
            cids.AddRange(await ReadAsync(child, int.MaxValue));
            DirectoryContentStore store = DirectoryContentStore.Open(Place, CrashOptions);
            Assert.Empty(System.IO.Directory.GetFiles(store.Paths.Temporary));
            await AssertKeptAsync(store, cids);
            await AssertWholeAsync(store);
        }

        Assert.InRange(cids.Count, 10, 5000);
    }

    [Fact]
    public async Task PutBlockAsync_ProcessesKilledAnywhere_LoseNothingThatTheyAcknowledged()
    {
        var cids = new List<Cid>();
        for (int kill = 1; kill <= 3; kill++)
        {
            // Two at work on one folder, while a third collects what has no pin: nothing.
            using Process one = CrashChildTests.StartBlocks(Place), other = CrashChildTests.StartBlocks(Place);
            using var done = new CancellationTokenSource();
            Task<List<Cid>>[] reading = [ReadAsync(one, 100 * kill), ReadAsync(other, 150)];
            Task<int> collecting = CollectAsync(done.Token);
            foreach (Task<List<Cid>> read in reading)
            {
                cids.AddRange(await read);
            }

            await done.CancelAsync();
            Assert.Equal(0, await collecting);
            DirectoryContentStore store = DirectoryContentStore.Open(Place, CrashOptions);
            Assert.Empty(System.IO.Directory.GetFiles(store.Paths.Temporary));
            await AssertKeptAsync(store, cids);
            await AssertWholeAsync(store);
        }

        Assert.InRange(cids.Count, 900, int.MaxValue);
    }

    /// <summary>The folder as version 0.1 of the store left it: an object is a data file, a pin an empty file, each shard has a lock, and there may be what a killed process left.</summary>
    [Fact]
    public async Task Open_FolderOfAnEarlierVersion_IsReadPinnedAndCollectedAsBefore()
    {
        byte[] kept = "kept"u8.ToArray(), loose = "loose"u8.ToArray(), half = "half"u8.ToArray();
        foreach (string folder in (string[])["objects", "pins", "tmp"])
        {
            System.IO.Directory.CreateDirectory(Path.Combine(Place, folder));
        }

        await File.WriteAllTextAsync(Path.Combine(Place, "format"), "phr content store 1\n");
        foreach (byte[] block in (byte[][])[kept, loose])
        {
            string shard = Path.Combine(Place, "objects", Convert.ToHexStringLower(SHA256.HashData(block))[..2]);
            System.IO.Directory.CreateDirectory(shard);
            await File.WriteAllBytesAsync(Path.Combine(shard, ".lock"), []);
            await File.WriteAllBytesAsync(Path.Combine(shard, Cid.ForRawBlock(Digest.Of(block)) + ".data"), block);
        }

        // Two chunks of 16 bytes: the list has its header, then the digest of each.
        byte[] tree = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        Cid treeCid = UnixFsHasher.HashData(tree, CrashChildTests.Layout);
        string treeShard = Path.Combine(Place, "objects", treeCid.Digest.ToString()[..2]);
        System.IO.Directory.CreateDirectory(treeShard);
        await File.WriteAllBytesAsync(Path.Combine(treeShard, treeCid + ".data"), tree);
        await File.WriteAllBytesAsync(
            Path.Combine(treeShard, treeCid + ".leaves"),
            [.. "phrleaf1"u8, 0, 0, 0, 16, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, .. SHA256.HashData(tree.AsSpan(0, 16)), .. SHA256.HashData(tree.AsSpan(16))]);
        Cid keptCid = Cid.ForRawBlock(Digest.Of(kept)), looseCid = Cid.ForRawBlock(Digest.Of(loose));
        await File.WriteAllBytesAsync(Path.Combine(Place, "pins", keptCid.ToString()), []);
        await File.WriteAllBytesAsync(Path.Combine(Place, "pins", treeCid.ToString()), []);
        await File.WriteAllBytesAsync(Path.Combine(Place, "tmp", Guid.NewGuid().ToString("N")), half);

        DirectoryContentStore store = DirectoryContentStore.Open(Place, CrashOptions);
        Assert.Empty(System.IO.Directory.GetFiles(store.Paths.Temporary));
        await AssertKeptAsync(store, [keptCid, treeCid]);
        Assert.Equal(loose, await store.GetBlockAsync(looseCid.Digest));
        Assert.False(await store.IsPinnedAsync(looseCid));
        Assert.Equal(new HashSet<Cid> { keptCid, treeCid }, await store.ListPinsAsync().ToHashSetAsync());

        // It is a folder of today from then on, which the earlier version leaves alone. What is put over what is there has one name more, and one life.
        Assert.Equal("phr content store 2\n", await File.ReadAllTextAsync(Path.Combine(Place, "format")));
        Assert.Equal(keptCid, await store.PutBlockAsync(kept));
        Assert.Equal(new HashSet<Cid> { keptCid, treeCid }, await store.ListPinsAsync().ToHashSetAsync());
        Assert.Equal(2, await store.ListPinsAsync().CountAsync());
        Cid halfCid = await store.PutBlockAsync(half);
        Assert.Equal(new CollectReport(1, loose.Length), await store.CollectAsync());
        await AssertKeptAsync(store, [keptCid, treeCid, halfCid]);
        await store.UnpinAsync(keptCid);
        Assert.False(await store.IsPinnedAsync(keptCid));
        Assert.Equal(kept, await store.GetBlockAsync(keptCid.Digest));
        Assert.Equal(new CollectReport(1, kept.Length), await store.CollectAsync());
        await store.UnpinAsync(treeCid);
        Assert.Equal(new CollectReport(1, tree.Length), await store.CollectAsync());
        Assert.Equal([halfCid], await store.ListPinsAsync().ToArrayAsync());
    }

    [Fact]
    public async Task Collect_WhileBlocksArePutAndUnpinned_NeverTakesWhatWasPut()
    {
        using var done = new CancellationTokenSource();
        DirectoryContentStore store = DirectoryContentStore.Open(Place);
        Task<int> collecting = CollectAsync(done.Token);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(async () =>
        {
            // Each its own block, again and again: new, there and pinned, there and about to be collected.
            byte[] block = [(byte)i, 1, 2, 3];
            for (int round = 0; round < 25; round++)
            {
                Cid cid = await store.PutBlockAsync(block);
                Assert.Equal(block, await store.GetBlockAsync(cid.Digest));
                Assert.True(await store.IsPinnedAsync(cid));
                if (round % 3 > 0)
                {
                    await store.UnpinAsync(cid);
                }
            }
        })));
        await done.CancelAsync();
        await collecting;
    }

    private static DirectoryContentStoreOptions CrashOptions { get; } = new() { Layout = CrashChildTests.Layout, TimeProvider = new LaterClock() };

    private DirectoryContentStore Open(Action<string, SafeFileHandle> flushFile, Action<string>? flushFolder = null)
    {
        DirectoryContentStore.Open(Place);
        return DirectoryContentStore.Open(Place, new DirectoryContentStoreOptions { FlushFile = flushFile, FlushFolder = flushFolder ?? (_ => { }) });
    }

    // Collects what nobody has pinned, until told to stop, by a store of its own.
    private Task<int> CollectAsync(CancellationToken done) => Task.Run(
        async () =>
        {
            DirectoryContentStore store = DirectoryContentStore.Open(Place);
            int removed = 0;
            do
            {
                removed += (int)(await store.CollectAsync(CancellationToken.None)).Objects;
            }
            while (!done.IsCancellationRequested);
            return removed;
        },
        CancellationToken.None);

    // What a child says that it has put; it is killed when that is enough.
    private static async Task<List<Cid>> ReadAsync(Process child, int enough)
    {
        Task<string> output = child.StandardOutput.ReadToEndAsync();
        var cids = new List<Cid>();
        while (await child.StandardError.ReadLineAsync() is string line)
        {
            Assert.True(Cid.TryParse(line, out Cid cid), line);
            cids.Add(cid);
            if (cids.Count == enough)
            {
                child.Kill();
            }
        }

        await child.WaitForExitAsync();
        Assert.True(child.ExitCode != 0 && (enough == int.MaxValue || cids.Count >= enough), await output);
        return cids;
    }

    private static async Task AssertKeptAsync(DirectoryContentStore store, IEnumerable<Cid> cids)
    {
        foreach (Cid cid in cids)
        {
            await store.VerifyAsync(cid);
            Assert.True(await store.IsPinnedAsync(cid), cid.ToString());
        }
    }

    // Every object is whole, and a collection leaves what is pinned and nothing else.
    private static async Task AssertWholeAsync(DirectoryContentStore store)
    {
        foreach (string file in Objects(store))
        {
            await store.VerifyAsync(Cid.Parse(Path.GetFileNameWithoutExtension(file)));
        }

        Cid[] pins = await store.ListPinsAsync().ToArrayAsync();
        await store.CollectAsync();
        Assert.Equal(pins.Order(), Objects(store).Select(file => Cid.Parse(Path.GetFileNameWithoutExtension(file))).Order());
    }

    private static IEnumerable<string> Objects(DirectoryContentStore store) =>
        [.. System.IO.Directory.GetFiles(store.Paths.Objects, "*.data", SearchOption.AllDirectories), .. System.IO.Directory.GetFiles(store.Paths.Blocks), .. System.IO.Directory.GetFiles(store.Paths.Loose)];

    // Blocks of one file: the first holds the others up until they are all there.
    private async Task<Cid[]> PutTogetherAsync(byte[][] blocks)
    {
        using var begun = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        DirectoryContentStore store = Open((_, _) =>
        {
            begun.Set();
            goOn.Wait(TestContext.Current.CancellationToken);
        });
        Task<Cid> first = store.PutBlockAsync("first"u8.ToArray()).AsTask();
        begun.Wait(TestContext.Current.CancellationToken);
        Task<Cid>[] puts = [.. blocks.Select(block => store.PutBlockAsync(block).AsTask())];
        goOn.Set();
        await store.UnpinAsync(await first);
        await store.CollectAsync();
        return await Task.WhenAll(puts);
    }

    /// <summary>What a disk has when the power fails: of files the bytes that were flushed, of folders the names.</summary>
    private sealed class Disk(string root)
    {
        // Bytes that were flushed, by themselves: a rename takes them along.
        private readonly Dictionary<string, byte[]> _bytes = new(StringComparer.Ordinal);
        private readonly Dictionary<string, byte[]?> _names = new(StringComparer.Ordinal);

        public void FlushFile(string path)
        {
            lock (_names)
            {
                byte[] bytes = ReadLocked(path);
                _bytes[Convert.ToHexString(bytes)] = bytes;
            }
        }

        public void FlushFolder(string folder)
        {
            lock (_names)
            {
                foreach (string old in _names.Keys.Where(name => Path.GetDirectoryName(name) == folder).ToArray())
                {
                    _names.Remove(old);
                }

                foreach (string name in System.IO.Directory.GetFileSystemEntries(folder))
                {
                    // The bytes of a file that nobody flushed are lost with the power, and its name may stay.
                    _names[name] = System.IO.Directory.Exists(name) ? null : _bytes.GetValueOrDefault(Convert.ToHexString(ReadLocked(name)), []);
                }
            }
        }

        /// <summary>What is left: relative names; null for a folder. What lies in a folder whose name is lost is lost.</summary>
        public Dictionary<string, byte[]?> Left()
        {
            lock (_names)
            {
                return _names.Where(entry => IsReached(Path.GetDirectoryName(entry.Key)!)).ToDictionary(entry => Path.GetRelativePath(root, entry.Key), entry => entry.Value, StringComparer.Ordinal);
            }
        }

        public static void Write(Dictionary<string, byte[]?> left, string root)
        {
            System.IO.Directory.CreateDirectory(root);
            foreach ((string name, byte[]? bytes) in left.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            {
                if (bytes is null)
                {
                    System.IO.Directory.CreateDirectory(Path.Combine(root, name));
                }
                else
                {
                    File.WriteAllBytes(Path.Combine(root, name), bytes);
                }
            }
        }

        // Whoever writes a file has it locked, and .NET asks for the lock before it reads.
        private static byte[] ReadLocked(string path)
        {
            using var stream = new FileStream(new SafeFileHandle(OpenFile(path, 0), ownsHandle: true), FileAccess.Read);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }

        [DllImport("libc", EntryPoint = "open")]
        private static extern int OpenFile([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

        private bool IsReached(string folder) => folder == root || (_names.ContainsKey(folder) && IsReached(Path.GetDirectoryName(folder)!));
    }

    /// <summary>A clock that is a day fast, so that every file is old.</summary>
    internal sealed class LaterClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddDays(1);
    }
}
