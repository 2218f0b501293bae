using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Phr.Crypto;
using Phr.Storage.Ipfs;

namespace Phr.Storage.Tests;

/// <summary>
/// An HTTP server of ours that plays an IPFS node and a trustless gateway, and lies where a test wants it to. It writes its answers to the connection byte by byte, so that it can
/// break HTTP as well. What a real node does is tested against a real node.
/// </summary>
internal sealed class PaperNode : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Digest, byte[]> _blocks = new();
    private readonly ConcurrentDictionary<Cid, byte[]> _contents = new();
    private readonly ConcurrentDictionary<Task, byte> _conversations = new();
    private readonly Task _serving;

    public PaperNode()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>Answers a call in the honest node's place: true if it did.</summary>
    public Func<PaperCall, Task<bool>> Lie { get; set; } = _ => Task.FromResult(false);

    /// <summary>What was asked for, in order: <c>block/get</c>, <c>ipfs</c>.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    public ConcurrentDictionary<Cid, byte> Pins { get; } = new();

    /// <summary>Which name of a block's codec it knows: both, as Kubo does, or one.</summary>
    public string? OnlyCodecName { get; set; }

    /// <summary>Keeps a file.</summary>
    public Cid Add(byte[] content, UnixFsLayout? layout = null)
    {
        using var hasher = new UnixFsHasher(layout, (cid, block) => _blocks[cid.Digest] = block.ToArray());
        hasher.Append(content);
        Cid cid = hasher.Complete();
        _contents[cid] = content;
        Pins[cid] = 0;
        return cid;
    }

    /// <summary>Keeps a block.</summary>
    public Cid AddBlock(byte[] block, ContentCodec codec)
    {
        var digest = Digest.Of(block);
        _blocks[digest] = block;
        return codec == ContentCodec.Raw ? Cid.ForRawBlock(digest) : Cid.ForDagPbNode(digest);
    }

    public byte[]? Block(Cid cid) => _blocks.GetValueOrDefault(cid.Digest);

    /// <summary>Has other bytes for a block from now on, and does not know it.</summary>
    public void Spoil(Cid cid) => _blocks[cid.Digest] = new byte[_blocks[cid.Digest].Length];

    public void Forget(Cid cid) => _blocks.TryRemove(cid.Digest, out _);

    /// <summary>A CAR of a tree, each block once.</summary>
    public byte[] Car(Cid root)
    {
        var seen = new HashSet<Cid>();
        var car = new ArrayBufferWriter<byte>();
        car.Write(CarReader.Header(root));
        void Visit(Cid cid)
        {
            if (!seen.Add(cid))
            {
                return;
            }

            byte[] block = Block(cid)!;
            car.Write(CarReader.Prefix(cid, block.Length));
            car.Write(block);
            if (cid.Codec == ContentCodec.DagPb)
            {
                foreach (UnixFsLink link in UnixFsNode.Parse(block).Links)
                {
                    Visit(link.Cid);
                }
            }
        }

        Visit(root);
        return car.WrittenSpan.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        await Task.WhenAll(_conversations.Keys);
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            Task conversation = TalkAsync(socket);
            _conversations[conversation] = 0;
        }
    }

    private async Task TalkAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            if (await PaperCall.ReadAsync(stream, _stop.Token) is { } call)
            {
                Calls.Enqueue(call.Method);
                if (!await Lie(call))
                {
                    await AnswerAsync(call);
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
            // The client went away, as it does with liars.
        }
    }

    private async Task AnswerAsync(PaperCall call)
    {
        Cid cid = Cid.TryParse(call.Argument("arg") ?? call.Path.Split('/')[^1], out Cid asked) ? asked : default;
        switch (call.Method)
        {
            case "id":
                await call.JsonAsync("""{"ID":"12D3KooWPaper","PublicKey":"CAES","Addresses":[],"AgentVersion":"paper/1","Protocols":[]}""");
                break;
            case "ipfs" when call.Argument("format") == "car" && Block(cid) is not null:
                await call.BytesAsync(Car(cid));
                break;
            case "ipfs" when Block(cid) is { } block:
                await call.BytesAsync(block);
                break;
            case "ipfs":
                await call.AnswerAsync(404, "text/plain", "not here"u8.ToArray());
                break;
            case "block/get" when Block(cid) is { } block:
                await call.BytesAsync(block);
                break;
            case "block/stat" when Block(cid) is { } block:
                await call.JsonAsync($$"""{"Key":"{{cid}}","Size":{{block.Length}}}""");
                break;
            case "block/put":
                await PutAsync(call, await call.ReadPartAsync());
                break;
            case "block/rm" when Pins.ContainsKey(cid) || Pins.Keys.Any(pin => Block(pin) is not null && Keeps(pin, cid)):
                await call.JsonAsync($$"""{"Hash":"{{cid}}","Error":"pinned: recursive"}""");
                break;
            case "block/rm":
                Forget(cid);
                await call.JsonAsync($$"""{"Hash":"{{cid}}"}""");
                break;
            case "add":
                Cid added = Add(await call.ReadPartAsync());
                await call.JsonAsync($$"""{"Name":"object","Hash":"{{added}}","Size":"1"}""");
                break;
            case "cat" when _contents.TryGetValue(cid, out byte[]? content):
                int offset = int.Parse(call.Argument("offset")!, CultureInfo.InvariantCulture);
                await call.BytesAsync(content[offset..Math.Min(content.Length, offset + int.Parse(call.Argument("length")!, CultureInfo.InvariantCulture))]);
                break;
            case "dag/export" when Block(cid) is not null:
                await call.BytesAsync(Car(cid));
                break;
            case "pin/ls" when cid != default && !Pins.ContainsKey(cid):
                await call.ErrorAsync($"path '{cid}' is not pinned");
                break;
            case "pin/ls":
                await call.JsonAsync("{\"Keys\":{" + string.Join(',', Pins.Keys.Where(p => cid == default || p == cid).Select(p => $$"""
                    "{{p}}":{"Type":"recursive","Name":""}
                    """)) + "}}");
                break;
            case "pin/add" when Block(cid) is not null:
                Pins[cid] = 0;
                await call.JsonAsync($$"""{"Pins":["{{cid}}"]}""");
                break;
            case "pin/rm" when Pins.TryRemove(cid, out _):
                await call.JsonAsync($$"""{"Pins":["{{cid}}"]}""");
                break;
            case "pin/rm":
                await call.ErrorAsync("not pinned or pinned indirectly");
                break;
            default:
                await call.ErrorAsync($"block was not found locally (offline): ipld: could not find {cid}");
                break;
        }
    }

    // As Kubo: what it has it does not write again; 'format' is the old name of 'cid-codec', and only raw, the default, goes with it.
    private async Task PutAsync(PaperCall call, byte[] put)
    {
        string? format = OnlyCodecName is null or "format" ? call.Argument("format") : null;
        string? codec = OnlyCodecName is null or "cid-codec" ? call.Argument("cid-codec") : null;
        if (format is not null && codec is not (null or "raw"))
        {
            await call.ErrorAsync("""unable to use \"format\" (deprecated) and a custom \"cid-codec\" at the same time""");
            return;
        }

        Digest digest = Digest.Of(put);
        _blocks.TryAdd(digest, put);
        Cid? made = (format ?? codec ?? "raw") switch
        {
            "raw" => Cid.ForRawBlock(digest),
            "dag-pb" => Cid.ForDagPbNode(digest),
            "v0" => Cid.ForVersion0(digest),
            _ => null,
        };
        if (made is not { } key)
        {
            await call.ErrorAsync("unknown multicodec");
            return;
        }

        if (call.Argument("pin") == "true")
        {
            Pins[key] = 0;
        }

        await call.JsonAsync($$"""{"Key":"{{key}}","Size":{{put.Length}}}""");
    }

    // A root that is spoilt shows no links.
    private bool Keeps(Cid pin, Cid part)
    {
        try
        {
            return pin.Codec == ContentCodec.DagPb && UnixFsNode.Parse(Block(pin)!).Links.Any(link => link.Cid == part);
        }
        catch (PhrDataException)
        {
            return false;
        }
    }
}
