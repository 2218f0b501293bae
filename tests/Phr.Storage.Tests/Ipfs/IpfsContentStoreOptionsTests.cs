namespace Phr.Storage.Tests;

public sealed class IpfsContentStoreOptionsTests
{
    private static readonly Uri _node = new("http://127.0.0.1:5001/");

    public static TheoryData<string, IpfsContentStoreOptions> Faulty => new()
    {
        { "no address", new IpfsContentStoreOptions() },
        { "too many", new IpfsContentStoreOptions { Nodes = [.. Enumerable.Range(0, 11).Select(i => new Uri($"http://127.0.0.1:{5000 + i}/"))] } },
        { "twice", new IpfsContentStoreOptions { Nodes = [_node], Gateways = [_node] } },
        { "ftp", new IpfsContentStoreOptions { Nodes = [new Uri("ftp://127.0.0.1/")] } },
        { "relative", new IpfsContentStoreOptions { Nodes = [new Uri("/api", UriKind.Relative)] } },
        { "query", new IpfsContentStoreOptions { Nodes = [new Uri("http://127.0.0.1/?key=1")] } },
        { "password", new IpfsContentStoreOptions { Nodes = [new Uri("http://me:secret@127.0.0.1/")] } },
        { "more replicas than nodes", new IpfsContentStoreOptions { Nodes = [_node], Replicas = 2 } },
        { "more required than wanted", new IpfsContentStoreOptions { Nodes = [_node], RequiredReplicas = 2 } },
        { "no replica", new IpfsContentStoreOptions { Nodes = [_node], Replicas = 0 } },
        { "no time to look", new IpfsContentStoreOptions { Nodes = [_node], LookupTimeout = TimeSpan.Zero } },
        { "no time to transfer", new IpfsContentStoreOptions { Nodes = [_node], TransferTimeout = TimeSpan.FromDays(1) } },
        { "no time to work", new IpfsContentStoreOptions { Nodes = [_node], WorkTimeout = TimeSpan.Zero } },
        { "negative delay", new IpfsContentStoreOptions { Nodes = [_node], HedgeDelay = TimeSpan.FromTicks(-1) } },
        { "negative cool-down", new IpfsContentStoreOptions { Nodes = [_node], CoolDown = TimeSpan.FromTicks(-1) } },
        { "negative distrust", new IpfsContentStoreOptions { Nodes = [_node], Distrust = TimeSpan.FromTicks(-1) } },
        { "too far ahead", new IpfsContentStoreOptions { Nodes = [_node], ReadAhead = 65 } },
    };

    [Theory]
    [MemberData(nameof(Faulty), DisableDiscoveryEnumeration = true)]
    public void Connect_FaultyOptions_IsRefused(string what, IpfsContentStoreOptions options)
    {
        ArgumentException e = Assert.ThrowsAny<ArgumentException>(() => IpfsContentStore.Connect(options));
        Assert.False(e.Message.Contains("secret", StringComparison.Ordinal), what);
    }

    [Fact]
    public void Connect_Defaults_AskNothing()
    {
        Assert.Throws<ArgumentNullException>(() => IpfsContentStore.Connect(null!));
        using var store = IpfsContentStore.Connect(new IpfsContentStoreOptions { Nodes = [_node], Gateways = [new Uri("https://gateway.example/ipfs-behind-a-path")] });
        Assert.NotNull(store);
    }
}
