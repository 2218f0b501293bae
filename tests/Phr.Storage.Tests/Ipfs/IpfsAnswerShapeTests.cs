using Phr.Crypto;
using Phr.Storage.Ipfs;

namespace Phr.Storage.Tests;

/// <summary>
/// What nodes answer, call by call: as Kubo's page of the RPC interface and its sources have it, and as js-ipfs 0.18.1 gave it to us. Kubo itself does not run in these tests; what it
/// says is read here from a table.
/// </summary>
public sealed class IpfsAnswerShapeTests
{
    private static readonly Cid _tree = Cid.Parse("bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q");
    private static readonly Cid _raw = Cid.ForRawBlock(Digest.Of("x"u8));

    private const string Base58 = "zdj7WmWwpxj4Qm7qa56nqQwLJfbCvuX5dXJFp35XgMBnCAhjZ";
    private const string Base32 = "bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q";

    [Theory]
    [InlineData("Kubo", """{"Name":"object","Hash":"bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q","Size":"300108"}""")]
    [InlineData("Kubo with mode and time", """{"Name":"object","Hash":"bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q","Size":"300108","Mode":"0644","Mtime":1700000000,"MtimeNsecs":1}""")]
    [InlineData("Kubo with progress", "{\"Name\":\"object\",\"Bytes\":262144}\n{\"Name\":\"object\",\"Bytes\":300000}\n{\"Name\":\"object\",\"Hash\":\"bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q\",\"Size\":\"300108\"}\n")]
    [InlineData("js-ipfs", """{"Name":"bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q","Hash":"zdj7WmWwpxj4Qm7qa56nqQwLJfbCvuX5dXJFp35XgMBnCAhjZ","Size":300108,"Mode":"0644"}""")]
    public async Task Add_AnyNode_GivesTheId(string node, string answer) =>
        Assert.True(await AskAsync("add", answer, (rpc, e) => rpc.AddAsync(e, UploadContent.Of(new byte[3]), TimeSpan.FromSeconds(10), default)) == _tree, node);

    [Theory]
    [InlineData("no object", "[]", IpfsFaultKind.Malformed)]
    [InlineData("no json", "ok", IpfsFaultKind.Malformed)]
    [InlineData("no id", """{"Name":"object"}""", IpfsFaultKind.Malformed)]
    [InlineData("another hash", """{"Name":"object","Hash":"bafk2bzaceaykjsfnnksu2pu7jzwgrzlzjiccuj36c7lhlyzwnpkxnrxccrwda"}""", IpfsFaultKind.Malformed)]
    [InlineData("two objects", "{\"Hash\":\"bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q\"}\n{\"Hash\":\"bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q\"}", IpfsFaultKind.Malformed)]
    [InlineData("nothing", "", IpfsFaultKind.Malformed)]
    [InlineData("an error in the stream", """{"Message":"no space left on device","Code":0,"Type":"error"}""", IpfsFaultKind.Refused)]
    [InlineData("very deep", "{\"a\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}", IpfsFaultKind.Malformed)]
    public async Task Add_NoAnswerToThat_IsAFault(string what, string answer, IpfsFaultKind kind)
    {
        IpfsFaultException e = await Assert.ThrowsAsync<IpfsFaultException>(
            () => AskAsync("add", answer, (rpc, endpoint) => rpc.AddAsync(endpoint, UploadContent.Of(new byte[3]), TimeSpan.FromSeconds(10), default)));
        Assert.True(e.Fault.Kind == kind, $"{what}: {e.Fault}");
    }

    [Theory]
    [InlineData("Kubo", """{"Keys":{"bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q":{"Type":"recursive","Name":""}}}""")]
    [InlineData("Kubo, a pin a line", """{"Cid":"bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q","Type":"recursive","Name":"of somebody"}""")]
    [InlineData("Kubo's page", """{"PinLsList":{"Keys":{"bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q":{"Name":"","Type":"recursive"}}},"PinLsObject":{"Cid":"","Name":"","Type":""}}""")]
    [InlineData("Kubo's page, a pin a line", """{"PinLsObject":{"Cid":"bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q","Name":"","Type":"recursive"}}""")]
    [InlineData("js-ipfs", """{"Keys":{"zdj7WmWwpxj4Qm7qa56nqQwLJfbCvuX5dXJFp35XgMBnCAhjZ":{"Type":"recursive"}}}""")]
    [InlineData("js-ipfs, a pin a line", """{"Type":"recursive","Cid":"zdj7WmWwpxj4Qm7qa56nqQwLJfbCvuX5dXJFp35XgMBnCAhjZ"}""")]
    [InlineData("with one of another hash", "{\"Cid\":\"bafk2bzaceaykjsfnnksu2pu7jzwgrzlzjiccuj36c7lhlyzwnpkxnrxccrwda\",\"Type\":\"recursive\"}\n{\"Cid\":\"bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q\",\"Type\":\"recursive\"}")]
    public async Task PinList_AnyNode_IsRead(string node, string answer)
    {
        Cid[] pins = await AskAsync("pin/ls", answer, async (rpc, e) => await rpc.ListPinsAsync(e, PinParts.LeftOut, default).ToArrayAsync());
        Assert.True(pins is [var pin] && pin == _tree, node);
        Assert.True(await AskAsync("pin/ls", answer, (rpc, e) => rpc.IsPinnedAsync(e, _tree, default)), node);
        Assert.False(await AskAsync("pin/ls", answer, (rpc, e) => rpc.IsPinnedAsync(e, _raw, default)), node);
    }

    [Theory]
    [InlineData("path 'bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q' is not pinned")]
    [InlineData("not pinned or pinned indirectly")]
    [InlineData("Failed to remove pin: bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q is not pinned")]
    public async Task Pins_NodeSaysNotPinned_IsNoFault(string message)
    {
        Assert.False(await AskErrorAsync(message, (rpc, e) => rpc.IsPinnedAsync(e, _tree, default)));
        Assert.True(await AskErrorAsync(message, async (rpc, e) =>
        {
            await rpc.UnpinAsync(e, _tree, default);
            return true;
        }));
    }

    [Theory]
    [InlineData("Kubo", """{"Pins":["bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q"]}""")]
    [InlineData("Kubo with progress", "{\"Progress\":3}\n{\"Progress\":7,\"Bytes\":12}\n{\"Pins\":[\"bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q\"]}")]
    [InlineData("js-ipfs", """{"Pins":["zdj7WmWwpxj4Qm7qa56nqQwLJfbCvuX5dXJFp35XgMBnCAhjZ"]}""")]
    public async Task PinAdd_AnyNode_IsBelievedWhenItNamesTheId(string node, string answer)
    {
        Assert.True(await AskAsync("pin/add", answer, DoneAsync((rpc, e) => rpc.PinAsync(e, _tree, TimeSpan.FromSeconds(1), default))), node);
        Assert.True(await AskAsync("pin/rm", answer, DoneAsync((rpc, e) => rpc.UnpinAsync(e, _tree, default))), node);
        await Assert.ThrowsAsync<IpfsFaultException>(() => AskAsync("pin/add", answer, DoneAsync((rpc, e) => rpc.PinAsync(e, _raw, TimeSpan.FromSeconds(1), default))));
    }

    [Theory]
    [InlineData("Kubo", """{"Key":"bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q","Size":108}""")]
    [InlineData("with the size as text", """{"Key":"bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q","Size":"108"}""")]
    [InlineData("js-ipfs", """{"Key":"zdj7WmWwpxj4Qm7qa56nqQwLJfbCvuX5dXJFp35XgMBnCAhjZ","Size":108}""")]
    public async Task BlockStat_AnyNode_GivesTheSize(string node, string answer)
    {
        Assert.True(await AskAsync("block/stat", answer, (rpc, e) => rpc.StatBlockAsync(e, _tree, default)) == 108, node);
        await Assert.ThrowsAsync<IpfsFaultException>(() => AskAsync("block/stat", answer, (rpc, e) => rpc.StatBlockAsync(e, _raw, default)));
    }

    [Theory]
    [InlineData("Kubo", """{"Key":"bafkreibnoqxisx2gmcmkgupmumjukzgnwrwrjznlvnlk3dwefhs7jqqdce","Size":1}""")]
    [InlineData("js-ipfs without format and version", """{"Key":"KEY0","Size":1}""")]
    public async Task BlockPut_AnyNode_IsComparedByDigest(string node, string answer)
    {
        string key = node == "Kubo" ? _raw.ToString() : Cid.ForVersion0(_raw.Digest).ToString();
        answer = answer.Replace("bafkreibnoqxisx2gmcmkgupmumjukzgnwrwrjznlvnlk3dwefhs7jqqdce", key, StringComparison.Ordinal).Replace("KEY0", key, StringComparison.Ordinal);
        Assert.True(await AskAsync("block/put", answer, DoneAsync((rpc, e) => rpc.PutBlockAsync(e, _raw, "x"u8.ToArray(), BlockPin.Recursive, default))), node);
        await Assert.ThrowsAsync<IpfsFaultException>(() => AskAsync("block/put", answer, DoneAsync((rpc, e) => rpc.PutBlockAsync(e, _tree, "x"u8.ToArray(), BlockPin.None, default))));
    }

    [Theory]
    [InlineData("Kubo", """{"Root":{"Cid":{"/":"bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q"},"PinErrorMsg":""}}""")]
    [InlineData("Kubo with numbers", "{\"Root\":{\"Cid\":{\"/\":\"bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q\"}}}\n{\"Stats\":{\"BlockCount\":3,\"BlockBytesCount\":300108}}")]
    [InlineData("js-ipfs", """{"Root":{"Cid":{"/":"bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q"},"PinErrorMsg":""}}""")]
    public async Task Import_AnyNode_IsBelievedWhenItNamesTheRoot(string node, string answer)
    {
        Assert.True(await AskAsync("dag/import", answer, DoneAsync((rpc, e) => rpc.ImportAsync(e, _tree, UploadContent.Of(new byte[1]), TimeSpan.FromSeconds(10), default))), node);
        await Assert.ThrowsAsync<IpfsFaultException>(
            () => AskAsync("dag/import", answer.Replace("\"PinErrorMsg\":\"\"", "\"PinErrorMsg\":\"block was not found\"", StringComparison.Ordinal), DoneAsync((rpc, e) => rpc.ImportAsync(e, _raw, UploadContent.Of(new byte[1]), TimeSpan.FromSeconds(10), default))));
    }

    [Theory]
    [InlineData("Kubo", """{"NumObjects":5,"RepoPath":"/data/ipfs","RepoSize":601590,"StorageMax":10000000000,"Version":"fs-repo@16"}""")]
    [InlineData("Kubo's page, numbers as text", """{"NumObjects":"5","RepoPath":"/data/ipfs","RepoSize":"601590","StorageMax":"10000000000","Version":"fs-repo@16"}""")]
    [InlineData("js-ipfs", """{"NumObjects":"5","RepoSize":"601590","RepoPath":"repo","Version":"12","StorageMax":"9007199254740991"}""")]
    public async Task Status_AnyNode_IsRead(string node, string answer)
    {
        await using var paper = new PaperNode();
        paper.Lie = async call =>
        {
            await call.JsonAsync(call.Method == "id"
                ? """{"ID":"12D3KooWAErfqXpyMjLWNX37wLQS25oq7en2agphwFuQJ9dekSLx","PublicKey":"CAES","Addresses":["/ip4/127.0.0.1/tcp/4001/p2p/12D3"],"AgentVersion":"kubo/0.39.0/","Protocols":["/ipfs/bitswap/1.2.0"]}"""
                : answer);
            return true;
        };
        using var store = IpfsContentStore.Connect(new IpfsContentStoreOptions { Nodes = [paper.Address] });
        IpfsNodeStatus status = Assert.Single(await store.GetNodesAsync());
        Assert.True(status is { IsReachable: true, Blocks: 5, Bytes: 601590, Agent: "kubo/0.39.0/", PeerId: "12D3KooWAErfqXpyMjLWNX37wLQS25oq7en2agphwFuQJ9dekSLx" }, node);
    }

    [Theory]
    [InlineData("Kubo", "{\"Key\":{\"/\":\"KEY\"}}\n")]
    [InlineData("Kubo's sources, with an empty error", "{\"Key\":{\"/\":\"KEY\"},\"Error\":\"\"}\n")]
    [InlineData("as a text", "{\"Key\":\"KEY\"}\n")]
    public async Task Collect_AnyNode_IsRead(string node, string answer)
    {
        Cid[] removed = await AskAsync("repo/gc", answer.Replace("KEY", _raw.ToString(), StringComparison.Ordinal), async (rpc, e) => await rpc.CollectAsync(e, default).ToArrayAsync());
        Assert.True(removed is [var cid] && cid == _raw, node);
        Cid[] blocks = await AskAsync("refs/local", $$"""{"Ref":"{{_raw}}","Err":""}""", async (rpc, e) => await rpc.ListBlocksAsync(e, default).ToArrayAsync());
        Assert.Equal([_raw], blocks);
    }

    [Theory]
    [InlineData("Kubo, offline", "block was not found locally (offline): ipld: could not find bafybeihpayalorchfb3flr6ns7fpxdaoaqwx2nbdgfqqggya55luhcjs7q", IpfsFaultKind.NotFound)]
    [InlineData("Kubo, in time", "context deadline exceeded", IpfsFaultKind.NotFound)]
    [InlineData("Kubo", "merkledag: not found", IpfsFaultKind.NotFound)]
    [InlineData("js-ipfs", "Failed to get block: request timed out", IpfsFaultKind.NotFound)]
    [InlineData("a full disk", "write /data/ipfs: no space left on device", IpfsFaultKind.Refused)]
    [InlineData("a locked node", "lock /data/ipfs/repo.lock: someone else has the lock", IpfsFaultKind.Refused)]
    public async Task AnyCall_ErrorOfANode_IsToldApart(string node, string message, IpfsFaultKind kind)
    {
        IpfsFaultException e = await Assert.ThrowsAsync<IpfsFaultException>(() => AskErrorAsync(message, (rpc, endpoint) => rpc.GetBlockAsync(endpoint, _tree, default)));
        Assert.True(e.Fault.Kind == kind, node);
        Assert.Contains(message[..20], e.Fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_InBothBases_AreOne() => Assert.Equal(Cid.Parse(Base32), Cid.Parse(Base58));

    private static Func<IpfsRpc, IpfsEndpoint, Task<bool>> DoneAsync(Func<IpfsRpc, IpfsEndpoint, Task> ask) => async (rpc, e) =>
    {
        await ask(rpc, e);
        return true;
    };

    private static Task<T> AskAsync<T>(string method, string answer, Func<IpfsRpc, IpfsEndpoint, Task<T>> ask) => AskAsync(
        async call =>
        {
            Assert.Equal(method, call.Method);
            if (method is "add" or "block/put" or "dag/import")
            {
                await call.ReadPartAsync();
            }

            await call.AnswerAsync(200, "application/json", System.Text.Encoding.UTF8.GetBytes(answer));
        },
        ask);

    private static Task<T> AskErrorAsync<T>(string message, Func<IpfsRpc, IpfsEndpoint, Task<T>> ask) => AskAsync(call => call.ErrorAsync(message), ask);

    private static async Task<T> AskAsync<T>(Func<PaperCall, Task> answer, Func<IpfsRpc, IpfsEndpoint, Task<T>> ask)
    {
        await using var node = new PaperNode
        {
            Lie = async call =>
            {
                await answer(call);
                return true;
            },
        };
        using var http = new IpfsHttp(new IpfsContentStoreOptions { TransferTimeout = TimeSpan.FromSeconds(20) });
        return await ask(new IpfsRpc(http), new IpfsEndpoint(node.Address, isGateway: false, TimeProvider.System));
    }
}
