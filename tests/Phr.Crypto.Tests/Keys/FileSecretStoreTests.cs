using System.Collections.Concurrent;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Keys;

public sealed class FileSecretStoreTests : SecretStoreContract
{
    private const int Overhead = 1 + 12 + 16;
    private static readonly byte[] Secret = "an envelope key of thirty-two by"u8.ToArray();
    private readonly TemporaryFolder _folder = new();
    private readonly IdentityKeys _owner = IdentityKeys.Generate();
    private readonly FileSecretStore _store;

    public FileSecretStoreTests() => _store = new FileSecretStore(_folder["store"], _owner);

    protected override ISecretStore Store => _store;

    [Fact]
    public async Task GetAsync_AnotherStoreOfTheOwner_OpensIt()
    {
        await _store.PutAsync("a/s", Secret);
        using IdentityKeys renewed = _owner.Renew();
        using var again = new FileSecretStore(_folder["store"], renewed);
        using SecretValue? value = await again.GetAsync("a/s");
        Assert.Equal(Secret, value!.Bytes.ToArray());
    }

    [Fact]
    public async Task GetAsync_AnotherOwner_IsIsRefused()
    {
        await _store.PutAsync("s", Secret);
        using var thief = IdentityKeys.Generate();
        using var other = new FileSecretStore(_folder["store"], thief);
        Assert.Equal(["s"], await other.ListAsync(""));
        await IsRefused(() => other.GetAsync("s"));
    }

    [Fact]
    public async Task GetAsync_FileUnderAnotherName_IsIsRefused()
    {
        await _store.PutAsync("a", Secret);
        string file = Assert.Single(_folder.Files);
        File.Copy(file, file.Replace("a@", "b@", StringComparison.Ordinal));
        await IsRefused(() => _store.GetAsync("b"));
        using SecretValue? untouched = await _store.GetAsync("a");
        Assert.Equal(Secret, untouched!.Bytes.ToArray());
    }

    [Fact]
    public async Task GetAsync_EveryByteFlipped_IsIsRefused()
    {
        await _store.PutAsync("s", Secret);
        string file = Assert.Single(_folder.Files);
        byte[] good = await File.ReadAllBytesAsync(file);
        Assert.Equal(Secret.Length + Overhead, good.Length);
        for (int i = 0; i < good.Length; i++)
        {
            byte[] bad = [.. good];
            bad[i] ^= 0x01;
            await File.WriteAllBytesAsync(file, bad);
            await IsRefused(() => _store.GetAsync("s"));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Overhead - 1)]
    [InlineData(Overhead)]
    [InlineData(Overhead + ISecretStore.MaxSecretLength + 1)]
    public async Task GetAsync_FileOfAnotherLength_IsIsRefused(int length)
    {
        await _store.PutAsync("s", Secret);
        await using (FileStream stream = File.OpenWrite(Assert.Single(_folder.Files)))
        {
            stream.SetLength(length);
        }

        await IsRefused(() => _store.GetAsync("s"));
    }

    [Fact]
    public async Task GetAsync_DamagedFiles_ThrowOnlyPhrDataException()
    {
        await _store.PutAsync("s", Secret);
        string file = Assert.Single(_folder.Files);
        byte[] good = await File.ReadAllBytesAsync(file);
        Mutations.Run(
            "secret store file",
            [good],
            bytes =>
            {
                File.WriteAllBytes(file, bytes);
                using SecretValue? value = _store.GetAsync("s").GetAwaiter().GetResult();
                Assert.Equal(good, bytes);
                return value is not null;
            },
            e => e is PhrDataException);
    }

    [Fact]
    public async Task PutAsync_Twice_WritesNeitherTheSecretNorTheSameBytes()
    {
        await _store.PutAsync("s", Secret);
        byte[] first = await File.ReadAllBytesAsync(Assert.Single(_folder.Files));
        await _store.PutAsync("s", Secret);
        byte[] second = await File.ReadAllBytesAsync(Assert.Single(_folder.Files));
        Assert.NotEqual(first[1..13], second[1..13]);
        Assert.NotEqual(first[13..], second[13..]);
        Assert.True(first.AsSpan().IndexOf(Secret) < 0);
    }

    [Fact]
    public async Task PutAsync_FileAndFolders_AreTheOwnersAlone()
    {
        await _store.PutAsync("a/s", Secret);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Assert.Single(_folder.Files)));
            UnixFileMode folder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            Assert.Equal(folder, File.GetUnixFileMode(_folder["store"]));
            Assert.Equal(folder, File.GetUnixFileMode(_folder["store/a"]));
        }
    }

    [Fact]
    public async Task DeleteAsync_File_IsOverwrittenAndUnlinked()
    {
        await _store.PutAsync("s", Secret);
        string file = Assert.Single(_folder.Files);
        using FileStream still = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Assert.True(await _store.DeleteAsync("s"));
        Assert.Empty(_folder.Files);
        var rest = new byte[Secret.Length + Overhead + 1];
        Assert.Equal(Secret.Length + Overhead, still.ReadAtLeast(rest, rest.Length, throwOnEndOfStream: false));
        Assert.All(rest, b => Assert.Equal(0, b));
    }

    /// <summary>Whoever reads while another erases finds the secret or none, and no damage.</summary>
    [Fact]
    public async Task GetAsync_WhileItIsErased_FindsItOrNothing()
    {
        for (int round = 0; round < 50; round++)
        {
            await _store.PutAsync("s", Secret);
            Task<bool> erasing = Task.Run(() => _store.DeleteAsync("s"));
            bool isThere;
            do
            {
                using SecretValue? value = await _store.GetAsync("s");
                isThere = value is not null;
                Assert.True(!isThere || value!.Bytes.SequenceEqual(Secret));
            }
            while (isThere || !erasing.IsCompleted);
            Assert.True(await erasing);
        }
    }

    /// <summary>What a process was killed at: overwritten, and not unlinked yet.</summary>
    [Fact]
    public async Task GetAsync_OverwrittenFile_IsGone()
    {
        await _store.PutAsync("s", Secret);
        string file = Directory.EnumerateFiles(_folder["store"], "s@secret").Single();
        await File.WriteAllBytesAsync(file, new byte[new FileInfo(file).Length]);
        Assert.Null(await _store.GetAsync("s"));
        Assert.True(await _store.DeleteAsync("s"));
    }

    /// <summary>A name is durable when its folder is flushed, and a new folder's own name when the one above it is.</summary>
    [Fact]
    public async Task TryAddAsync_InNewFolders_FlushesEachFolderThatGotANameBeforeItAnswers()
    {
        var flushed = new ConcurrentQueue<string>();
        using var store = new FileSecretStore(_folder["deep/store"], _owner, flushed.Enqueue);
        Assert.True(await store.TryAddAsync("delivery/1/0", Secret));
        Assert.Superset(new HashSet<string> { _folder["deep/store/delivery/1"], _folder["deep/store/delivery"], _folder["deep/store"] }, flushed.ToHashSet());
        flushed.Clear();
        await store.PutAsync("key/of/it", Secret);
        Assert.Equal([_folder["deep/store/key/of"], _folder["deep/store/key"], _folder["deep/store"]], flushed);
    }

    /// <summary>Another process put the file into its place and was killed, or the flush failed: nobody may act on what is not durable.</summary>
    [Fact]
    public async Task TryAddAsync_NameThatWasNotFlushed_IsFlushedBeforeItIsSaidToBeThere()
    {
        bool isBroken = true;
        var flushed = new ConcurrentQueue<string>();
        using var store = new FileSecretStore(_folder["store"], _owner, folder =>
        {
            if (isBroken)
            {
                throw new IOException("The disk is full.");
            }

            flushed.Enqueue(folder);
        });
        await Assert.ThrowsAsync<IOException>(() => store.TryAddAsync("delivery/1/0", Secret));
        await Assert.ThrowsAsync<IOException>(() => store.TryAddAsync("delivery/1/0", new byte[5]));
        isBroken = false;
        Assert.False(await store.TryAddAsync("delivery/1/0", new byte[5]));
        Assert.Equal([_folder["store/delivery/1"], _folder["store/delivery"]], flushed);
        using SecretValue? kept = await store.GetAsync("delivery/1/0");
        Assert.Equal(Secret, kept!.Bytes.ToArray());
    }

    [Fact]
    public async Task TryAddAsync_OneFolderOfAGroupCannotBeFlushed_FailsWhatIsInItAlone()
    {
        using var store = new FileSecretStore(_folder["store"], _owner, folder =>
        {
            if (folder == _folder["store/bad/1"])
            {
                throw new IOException("planted");
            }
        });

        // While another process adds, these wait, and are one group.
        Directory.CreateDirectory(_folder["store"]);
        Task<bool>[] adding;
        await using (new FileStream(_folder["store/adding@lock"], FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            adding = [.. ((string[])["good/1/0", "bad/1/0", "good/2/0"]).Select(name => store.TryAddAsync(name, Secret))];
        }

        Assert.True(await adding[0]);
        await Assert.ThrowsAsync<IOException>(() => adding[1]);
        Assert.True(await adding[2]);
    }

    [Fact]
    public async Task DeleteAsync_LastOfAFolder_RemovesTheFolderAndAddingGoesOnBesideIt()
    {
        await _store.PutAsync("delivery/1/0", Secret);
        await _store.PutAsync("delivery/1/1", Secret);
        Assert.True(await _store.DeleteAsync("delivery/1/0"));
        Assert.True(Directory.Exists(_folder["store/delivery/1"]));
        Assert.True(await _store.DeleteAsync("delivery/1/1"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["store/delivery"]));

        Task[] work = [.. Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
        {
            for (int round = 0; round < 50; round++)
            {
                Assert.True(await _store.TryAddAsync($"delivery/2/{i}", Secret));
                Assert.True(await _store.DeleteAsync($"delivery/2/{i}"));
            }
        }))];
        await Task.WhenAll(work);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["store/delivery"]));
    }

    [Fact]
    public async Task ListAsync_ForeignFiles_AreLeftOut()
    {
        await _store.PutAsync("a/s", Secret);
        await File.WriteAllTextAsync(_folder["store/notes.txt"], "");
        await File.WriteAllTextAsync(_folder["store/UPPER@secret"], "");
        await File.WriteAllTextAsync(_folder["store/a/s@secret.0123.tmp"], "");
        Assert.Equal(["a/s"], await _store.ListAsync(""));
    }

    [Fact]
    public void Create_NoFolderOrNoOwner_Throws()
    {
        Assert.Throws<ArgumentException>(() => new FileSecretStore("", _owner));
        Assert.Throws<ArgumentNullException>(() => new FileSecretStore("x", null!));
        var disposed = IdentityKeys.Generate();
        disposed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => new FileSecretStore("x", disposed));
    }

    protected override void CleanUp()
    {
        base.CleanUp();
        _owner.Dispose();
        _folder.Dispose();
    }

    private static async Task IsRefused(Func<Task<SecretValue?>> get) =>
        Assert.Equal(PhrDataReason.AuthenticationFailed, (await Assert.ThrowsAsync<PhrDataException>(async () => (await get())?.Dispose())).Reason);
}
