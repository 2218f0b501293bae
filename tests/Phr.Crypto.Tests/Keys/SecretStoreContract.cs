namespace Phr.Crypto.Tests.Keys;

/// <summary>What every secret store does. Each implementation derives this once.</summary>
public abstract class SecretStoreContract : IDisposable
{
    private static readonly byte[] Secret = Enumerable.Range(1, 48).Select(i => (byte)i).ToArray();

    protected abstract ISecretStore Store { get; }

    [Fact]
    public async Task GetAsync_WhatWasPut_IsThere()
    {
        await Store.PutAsync("request/0a/key", Secret);
        using SecretValue? value = await Store.GetAsync("request/0a/key");
        Assert.Equal(Secret, value!.Bytes.ToArray());
        Assert.Equal(Secret.Length, value.Length);
        Assert.Equal("SecretValue", value.ToString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(ISecretStore.MaxSecretLength)]
    public async Task GetAsync_AnyLength_IsThere(int length)
    {
        byte[] secret = new byte[length];
        Array.Fill(secret, (byte)0xA5);
        await Store.PutAsync("s", secret);
        using SecretValue? value = await Store.GetAsync("s");
        Assert.True(value!.Bytes.SequenceEqual(secret));
    }

    [Fact]
    public async Task GetAsync_NeverPut_IsNull() => Assert.Null(await Store.GetAsync("nothing/here"));

    [Fact]
    public async Task GetAsync_ACopy_OutlivesTheStoredOne()
    {
        await Store.PutAsync("s", Secret);
        using SecretValue? copy = await Store.GetAsync("s");
        await Store.PutAsync("s", new byte[48]);
        await Store.DeleteAsync("s");
        Assert.Equal(Secret, copy!.Bytes.ToArray());
        copy.Dispose();
        Assert.Throws<ObjectDisposedException>(() => copy.Bytes.Length);
    }

    [Fact]
    public async Task PutAsync_TheCallersArray_IsNotKept()
    {
        byte[] mine = [.. Secret];
        await Store.PutAsync("s", mine);
        Array.Clear(mine);
        using SecretValue? value = await Store.GetAsync("s");
        Assert.Equal(Secret, value!.Bytes.ToArray());
    }

    [Fact]
    public async Task TryAddAsync_NameInUse_KeepsWhatIsThere()
    {
        Assert.True(await Store.TryAddAsync("delivery/1", Secret));
        Assert.False(await Store.TryAddAsync("delivery/1", new byte[5]));
        using SecretValue? value = await Store.GetAsync("delivery/1");
        Assert.Equal(Secret, value!.Bytes.ToArray());
        Assert.True(await Store.DeleteAsync("delivery/1"));
        Assert.True(await Store.TryAddAsync("delivery/1", new byte[5]));
        Assert.Equal(["delivery/1"], await Store.ListAsync(string.Empty));
    }

    [Fact]
    public async Task TryAddAsync_ManyAtOnce_OneIsKept()
    {
        byte[][] secrets = [.. Enumerable.Range(1, 16).Select(i => new byte[] { (byte)i })];
        bool[] added = await Task.WhenAll(secrets.Select(secret => Task.Run(() => Store.TryAddAsync("one", secret))));
        using SecretValue? value = await Store.GetAsync("one");
        Assert.Equal(secrets[Assert.Single(added.Index(), a => a.Item).Index], value!.Bytes.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("../up")]
    public async Task TryAddAsync_NameThatIsNone_IsRefused(string name) => await Assert.ThrowsAsync<ArgumentException>(() => Store.TryAddAsync(name, Secret));

    [Fact]
    public async Task PutAsync_SameName_Replaces()
    {
        await Store.PutAsync("s", Secret);
        await Store.PutAsync("s", new byte[] { 7 });
        using SecretValue? value = await Store.GetAsync("s");
        Assert.Equal([7], value!.Bytes.ToArray());
        Assert.Equal(["s"], await Store.ListAsync(""));
    }

    [Fact]
    public async Task DeleteAsync_OnceThere_IsGone()
    {
        await Store.PutAsync("a/s", Secret);
        Assert.True(await Store.DeleteAsync("a/s"));
        Assert.Null(await Store.GetAsync("a/s"));
        Assert.False(await Store.DeleteAsync("a/s"));
        Assert.False(await Store.DeleteAsync("never/put"));
        Assert.Empty(await Store.ListAsync(""));
    }

    [Fact]
    public async Task ListAsync_Prefix_GivesTheNamesInOrder()
    {
        Assert.Empty(await Store.ListAsync(""));
        foreach (string name in (string[])["b", "a/2", "a/10", "a", "a-b", "ab/c/d"])
        {
            await Store.PutAsync(name, Secret);
        }

        Assert.Equal(["a", "a-b", "a/10", "a/2", "ab/c/d", "b"], await Store.ListAsync(""));
        Assert.Equal(["a/10", "a/2"], await Store.ListAsync("a/"));
        Assert.Equal(["ab/c/d"], await Store.ListAsync("ab"));
        Assert.Empty(await Store.ListAsync("c"));
        Assert.Empty(await Store.ListAsync("../"));
    }

    // One's file must not be in the way of another's folder.
    [Theory]
    [InlineData("a", "a/b")]
    [InlineData("a", "a.secret/b")]
    [InlineData("a", "a.secret")]
    [InlineData("a", "a.tmp")]
    [InlineData("a/b", "a.b")]
    [InlineData("a..b/c", "a.b/c")]
    public async Task PutAsync_NamesAlike_StayApart(string first, string second)
    {
        await Store.PutAsync(first, new byte[] { 1 });
        await Store.PutAsync(second, new byte[] { 2 });
        using SecretValue? one = await Store.GetAsync(first);
        using SecretValue? two = await Store.GetAsync(second);
        Assert.Equal((1, 2), (one!.Bytes[0], two!.Bytes[0]));
        Assert.True(await Store.DeleteAsync(first));
        Assert.Equal([second], await Store.ListAsync(""));
    }

    public static TheoryData<string> ForbiddenNames =>
        ["", ".", "..", "/", "a/", "/a", ".a", "a.", "../a", "a/../b", "a/./b", "a/.../b", "a//b", "a\\b", "A", "ä", "a b", "a\0", "a@secret", "a\n", new string('a', 201)];

    [Theory]
    [MemberData(nameof(ForbiddenNames))]
    public async Task EveryCall_NameThatIsNotAllowed_ThrowsArgumentException(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.PutAsync(name, Secret));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.GetAsync(name));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.DeleteAsync(name));
        Assert.Empty(await Store.ListAsync(""));
    }

    [Fact]
    public async Task EveryCall_Null_ThrowsArgumentNull()
    {
        await Assert.ThrowsAsync<ArgumentNullException>(() => Store.PutAsync(null!, Secret));
        await Assert.ThrowsAsync<ArgumentNullException>(() => Store.GetAsync(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => Store.DeleteAsync(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => Store.ListAsync(null!));
    }

    [Fact]
    public async Task PutAsync_LongestName_IsKept()
    {
        string name = new('a', ISecretStore.MaxNameLength);
        await Store.PutAsync(name, Secret);
        Assert.Equal([name], await Store.ListAsync("a"));
    }

    [Fact]
    public async Task PutAsync_TooLong_ThrowsAndKeepsTheOld()
    {
        await Store.PutAsync("s", Secret);
        await Assert.ThrowsAsync<ArgumentException>(() => Store.PutAsync("s", new byte[ISecretStore.MaxSecretLength + 1]));
        using SecretValue? value = await Store.GetAsync("s");
        Assert.Equal(Secret, value!.Bytes.ToArray());
    }

    [Fact]
    public async Task PutAsync_Cancelled_KeepsTheOld()
    {
        await Store.PutAsync("s", Secret);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.PutAsync("s", new byte[] { 1 }, new CancellationToken(canceled: true)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.DeleteAsync("s", new CancellationToken(canceled: true)));
        using SecretValue? value = await Store.GetAsync("s");
        Assert.Equal(Secret, value!.Bytes.ToArray());
    }

    [Fact]
    public async Task GetAsync_WhileReplaced_IsTheOldOrTheNewOne()
    {
        byte[] zeros = new byte[1000];
        byte[] ones = new byte[1000];
        Array.Fill(ones, (byte)1);
        await Store.PutAsync("s", ones);
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < 100; i++)
            {
                Array.Fill(zeros, (byte)(2 + i));
                await Store.PutAsync("s", zeros);
            }
        });
        int reads = 0;
        do
        {
            using SecretValue? value = await Store.GetAsync("s");
            Assert.NotEqual(0, value!.Bytes[0]);
            Assert.False(value.Bytes.ContainsAnyExcept(value.Bytes[0]));
            reads++;
        }
        while (!writing.IsCompleted || reads < 100);
        await writing;
    }

    [Fact]
    public async Task Dispose_EveryCall_ThrowsObjectDisposed()
    {
        await Store.PutAsync("s", Secret);
        ((IDisposable)Store).Dispose();
        ((IDisposable)Store).Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Store.PutAsync("s", Secret));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Store.GetAsync("s"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Store.DeleteAsync("s"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Store.ListAsync(""));
        Assert.Equal(Store.GetType().Name, Store.ToString());
    }

    public void Dispose()
    {
        CleanUp();
        GC.SuppressFinalize(this);
    }

    protected virtual void CleanUp() => (Store as IDisposable)?.Dispose();
}
