using System.Security.Cryptography;
using System.Text;
using Phr.Crypto;

namespace Phr.Storage.Tests.Examples;

/// <summary>The code that the package's README shows, run here as it stands there.</summary>
public sealed class StorageExamples(IpfsNodes nodes) : IClassFixture<IpfsNodes>
{
    [Fact]
    public async Task IpfsStore_PutProbeRepair_DoesWhatTheReadmeSays()
    {
        Uri[] addresses = [.. (await nodes.AtLeastAsync(2)).Select(n => n.Api)];
        (Uri node, Uri other) = (addresses[0], addresses[1]);
        byte[] content = RandomNumberGenerator.GetBytes(300_000);
        using var scan = new MemoryStream(content);

        #region ipfs-store
        using IpfsContentStore store = IpfsContentStore.Connect(new IpfsContentStoreOptions
        {
            Nodes = [node, other],                                             // Kubo's RPC interface; the first is preferred
            Replicas = 2,                                                      // pinned on both, streamed to both at once
            RequiredReplicas = 1,                                              // one of them may be down meanwhile
        });
        Cid cid = await store.PutAsync(scan);                                  // the id that every other store gives it
        await store.VerifyAsync(cid);                                          // every block checked, from whichever node is honest and quick
        IReadOnlyList<IpfsReplica> replicas = await store.ProbeAsync(cid, IpfsProbeDepth.Samples);
        IpfsRepairReport report = await store.RepairAsync(cid);                // damaged blocks mended, missing copies made
        #endregion

        Assert.Equal(UnixFsHasher.HashData(content), cid);
        Assert.All(replicas, r => Assert.True(r.IsKept));
        Assert.Equal(2, report.Kept);
    }

    [Fact]
    public async Task Store_PutOpenCollect_DoesWhatTheReadmeSays()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Path;
        byte[] header = Encoding.ASCII.GetBytes("a signed header");
        using var scan = new MemoryStream(RandomNumberGenerator.GetBytes(300_000));

        #region content-store
        DirectoryContentStore store = DirectoryContentStore.Open(path);
        Cid cid = await store.PutAsync(scan);                                  // bafybei…, durable and pinned
        await using (Stream part = await store.OpenAsync(cid, offset: 200_000, length: 70_000))
        {
            await part.CopyToAsync(Stream.Null);                               // every chunk checked before a byte of it comes out
        }

        Cid block = await store.PutBlockAsync(header);                         // one block: its id holds the SHA-256 digest of the header
        byte[] same = await store.GetBlockAsync(Digest.Of(header));            // found by the digest that a ledger has

        await store.UnpinAsync(cid);
        CollectReport removed = await store.CollectAsync();                    // 1 object, 300,000 bytes
        #endregion

        Assert.StartsWith("bafybei", cid.ToString(), StringComparison.Ordinal);
        Assert.Equal(Digest.Of(header), block.Digest);
        Assert.Equal(header, same);
        Assert.Equal(new CollectReport(1, 300_000), removed);
    }
}
