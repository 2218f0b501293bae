using Phr.Crypto;
using Phr.Storage.Ipfs;
using Phr.TestSupport;

namespace Phr.Storage.Tests;

/// <summary>A real IPFS node for the tests of one class.</summary>
public sealed class IpfsNodes : IAsyncLifetime
{
    private readonly List<IpfsNodeProcess> _nodes = [];

    /// <summary>Starts nodes until there are as many, at once; skips the test where they are not installed.</summary>
    internal async Task<IReadOnlyList<IpfsNodeProcess>> AtLeastAsync(int count, bool areOnline = false)
    {
        (string? script, string reason) = NodePrograms.Ipfs();
        Assert.SkipUnless(script is not null, reason);
        _nodes.AddRange(await Task.WhenAll(Enumerable.Range(0, Math.Max(0, count - _nodes.Count)).Select(_ => IpfsNodeProcess.StartAsync(areOnline))));
        return [.. _nodes.Take(count)];
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (IpfsNodeProcess node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    /// <summary>Lets go of everything that a node keeps.</summary>
    internal static async Task EmptyAsync(IpfsNodeProcess node)
    {
        using var store = IpfsContentStore.Connect(new IpfsContentStoreOptions { Nodes = [node.Api] });
        await foreach (Cid cid in store.ListPinsAsync())
        {
            await store.UnpinAsync(cid);
        }

        await store.CollectAsync();
    }

    /// <summary>The file that has a block.</summary>
    internal static string BlockFile(IpfsNodeProcess node, Cid cid)
    {
        // The name is the multihash in base32, in capitals; which of the folders it is in is the node's affair.
        string multihash = SimpleBase.Base32.Rfc4648.Encode(Cid.ForVersion0(cid.Digest).ToBytes(), padding: false);
        return Assert.Single(System.IO.Directory.GetFiles(Path.Combine(node.Folder, "blocks"), multihash + ".data", SearchOption.AllDirectories));
    }

    /// <summary>The leaves of an object of one node, in order; the object itself if it is a leaf.</summary>
    internal static Cid[] Leaves(IpfsNodeProcess node, Cid cid) =>
        cid.Codec == ContentCodec.Raw ? [cid] : [.. UnixFsNode.Parse(File.ReadAllBytes(BlockFile(node, cid))).Links.Select(l => l.Cid)];
}
