using Phr.Crypto;
using Phr.Storage.Ipfs;
using Phr.TestSupport;

namespace Phr.Storage.Tests;

/// <summary>The contract over a real IPFS node, which is js-ipfs and not Kubo.</summary>
public sealed class IpfsContentStoreContractTests(IpfsNodes nodes) : ContentStoreContract, IClassFixture<IpfsNodes>
{
    private readonly List<IpfsContentStore> _stores = [];
    private IpfsNodeProcess _node = null!;
    private HashSet<Digest> _always = [];

    protected override bool FindsNodesAsBlocks => true;

    public override async ValueTask InitializeAsync()
    {
        _node = (await nodes.AtLeastAsync(1))[0];
        await IpfsNodes.EmptyAsync(_node);
        _always = await DigestsAsync(rpc => rpc.ListBlocksAsync(Endpoint, CancellationToken.None));
        await base.InitializeAsync();
    }

    public override ValueTask DisposeAsync()
    {
        _stores.ForEach(s => s.Dispose());
        return ValueTask.CompletedTask;
    }

    protected override ValueTask<IContentStore> OpenStoreAsync()
    {
        var store = IpfsContentStore.Connect(new IpfsContentStoreOptions { Nodes = [_node.Api], LookupTimeout = TimeSpan.FromSeconds(1) });
        _stores.Add(store);
        return ValueTask.FromResult<IContentStore>(store);
    }

    protected override async Task DamageAsync(Cid cid, long position)
    {
        Cid leaf = IpfsNodes.Leaves(_node, cid)[position / Layout.ChunkSize];
        await using var file = new FileStream(IpfsNodes.BlockFile(_node, leaf), FileMode.Open, FileAccess.ReadWrite);
        file.Position = position % Layout.ChunkSize;
        int value = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(value ^ 1));
    }

    protected override async Task TruncateAsync(Cid cid, long length)
    {
        long start = 0;
        foreach (Cid leaf in IpfsNodes.Leaves(_node, cid))
        {
            await using var file = new FileStream(IpfsNodes.BlockFile(_node, leaf), FileMode.Open, FileAccess.ReadWrite);
            long end = start + file.Length;
            file.SetLength(Math.Clamp(length - start, 0, file.Length));
            start = end;
        }
    }

    /// <summary>Blocks that no pin keeps and no collection removes. What a put that failed leaves goes with the next collection.</summary>
    protected override async Task<int> CountLeftoversAsync()
    {
        await Store.CollectAsync();
        HashSet<Digest> blocks = await DigestsAsync(rpc => rpc.ListBlocksAsync(Endpoint, CancellationToken.None));
        blocks.ExceptWith(await DigestsAsync(rpc => rpc.ListPinsAsync(Endpoint, PinParts.Included, CancellationToken.None)));
        blocks.ExceptWith(_always);
        return blocks.Count;
    }

    private IpfsEndpoint Endpoint => new(_node.Api, isGateway: false, TimeProvider.System);

    private static async Task<HashSet<Digest>> DigestsAsync(Func<IpfsRpc, IAsyncEnumerable<Cid>> list)
    {
        using var http = new IpfsHttp(new IpfsContentStoreOptions());
        var digests = new HashSet<Digest>();
        await foreach (Cid cid in list(new IpfsRpc(http)))
        {
            digests.Add(cid.Digest);
        }

        return digests;
    }
}
