using Phr.Storage;
using Phr.TestSupport;

namespace Phr.Samples.FullFlow;

/// <summary>IPFS nodes to keep content on: two that are started and stopped here, or those that are given. All stories share them.</summary>
internal sealed class SampleIpfs : IAsyncDisposable
{
    private readonly List<IpfsNodeProcess> _started = [];

    private SampleIpfs()
    {
    }

    /// <summary>The store, with a copy on up to two nodes.</summary>
    public IpfsContentStore Store { get; private set; } = null!;

    /// <summary>The nodes' interfaces.</summary>
    public IReadOnlyList<Uri> Nodes { get; private set; } = [];

    /// <summary>Takes the nodes that are given, else starts two.</summary>
    public static async Task<SampleIpfs> StartAsync(IReadOnlyList<Uri>? nodes)
    {
        var ipfs = new SampleIpfs();
        try
        {
            if (nodes is null)
            {
                ipfs._started.AddRange(await Task.WhenAll(IpfsNodeProcess.StartAsync(), IpfsNodeProcess.StartAsync()));
                nodes = [.. ipfs._started.Select(node => node.Api)];
            }

            ipfs.Nodes = nodes;
            ipfs.Store = ipfs.Connect();
            return ipfs;
        }
        catch
        {
            await ipfs.DisposeAsync();
            throw;
        }
    }

    /// <summary>Another client of the same nodes, which the caller disposes.</summary>
    public IpfsContentStore Connect() => IpfsContentStore.Connect(new IpfsContentStoreOptions { Nodes = Nodes, Replicas = Math.Min(2, Nodes.Count), LookupTimeout = TimeSpan.FromSeconds(3) });

    public async ValueTask DisposeAsync()
    {
        Store?.Dispose();
        foreach (IpfsNodeProcess node in _started)
        {
            await node.DisposeAsync();
        }
    }
}
