using System.Security.Cryptography;
using System.Text;
using Phr.Crypto;

namespace Phr.Storage.Tests.Examples;

/// <summary>The code that the package's README shows, run here as it stands there.</summary>
public sealed class StorageExamples
{
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
