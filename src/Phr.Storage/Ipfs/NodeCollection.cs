using Phr.Crypto;

namespace Phr.Storage.Ipfs;

/// <summary>Has nodes remove what no pin keeps, and works out which objects that was.</summary>
/// <remarks>
/// A node lists the blocks that it removed, not the objects. So before it collects, every block that no pin keeps is asked for its size, and read if it can be a node: an object is a
/// removed block to which no other removed one leads. A file that is a part of another file that went as well is not counted by itself.
/// </remarks>
internal sealed class NodeCollection(IpfsRpc rpc)
{
    // The nodes of the default layout have less than 10 KiB, the largest of the profiles 54 KiB.
    private const int MaxNodeLength = 1 << 16;
    private const int AtOnce = 4;

    private readonly Dictionary<Digest, long> _roots = [];
    private readonly HashSet<Digest> _inside = [];

    /// <summary>What was removed so far; an object that went from several nodes counts once.</summary>
    public CollectReport Report
    {
        get
        {
            long[] lengths = [.. _roots.Where(r => !_inside.Contains(r.Key)).Select(r => r.Value)];
            return new CollectReport(lengths.Length, lengths.Sum());
        }
    }

    /// <summary>Collects at one node.</summary>
    public async Task CollectAsync(IpfsEndpoint node, CancellationToken cancellationToken)
    {
        Dictionary<Digest, Found> loose = await LookAsync(node, cancellationToken).ConfigureAwait(false);
        await foreach (Cid cid in rpc.CollectAsync(node, cancellationToken).ConfigureAwait(false))
        {
            if (loose.TryGetValue(cid.Digest, out Found? found))
            {
                _roots[cid.Digest] = found.Length;
                _inside.UnionWith(found.Children);
            }
        }
    }

    private async Task<Dictionary<Digest, Found>> LookAsync(IpfsEndpoint node, CancellationToken cancellationToken)
    {
        var digests = new HashSet<Digest>();
        await foreach (Cid cid in rpc.ListBlocksAsync(node, cancellationToken).ConfigureAwait(false))
        {
            digests.Add(cid.Digest);
        }

        await foreach (Cid cid in rpc.ListPinsAsync(node, PinParts.Included, cancellationToken).ConfigureAwait(false))
        {
            digests.Remove(cid.Digest);
        }

        var loose = new Dictionary<Digest, Found>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(digests, parallel, async (digest, ct) =>
        {
            if (await TryLookAsync(node, digest, ct).ConfigureAwait(false) is { } found)
            {
                lock (loose)
                {
                    loose[digest] = found;
                }
            }
        }).ConfigureAwait(false);
        return loose;
    }

    private async Task<Found?> TryLookAsync(IpfsEndpoint node, Digest digest, CancellationToken cancellationToken)
    {
        Cid cid = Cid.ForRawBlock(digest);
        try
        {
            long length = await rpc.StatBlockAsync(node, cid, cancellationToken).ConfigureAwait(false);
            if (length <= MaxNodeLength)
            {
                var parsed = UnixFsNode.Parse(await rpc.GetBlockAsync(node, cid, cancellationToken).ConfigureAwait(false));
                return new Found(parsed.FileSize, [.. parsed.Links.Select(l => l.Cid.Digest)]);
            }

            return new Found(length, []);
        }
        catch (PhrDataException)
        {
            // Not a node, so a leaf or a file of one.
            return new Found(await rpc.StatBlockAsync(node, cid, cancellationToken).ConfigureAwait(false), []);
        }
        catch (IpfsFaultException e) when (e.Fault.Kind is IpfsFaultKind.NotFound or IpfsFaultKind.WrongBytes)
        {
            return null; // gone meanwhile, or spoilt
        }
    }

    private sealed record Found(long Length, Digest[] Children);
}
