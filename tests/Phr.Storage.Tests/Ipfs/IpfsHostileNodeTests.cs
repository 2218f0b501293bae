using System.Collections.Concurrent;
using System.Text;
using Phr.Crypto;

namespace Phr.Storage.Tests;

/// <summary>A node that lies, in every way we could think of: each has a name, harms nobody who has another node, and never gets a wrong byte through.</summary>
public sealed class IpfsHostileNodeTests
{
    private static readonly byte[] _small = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];
    private static readonly byte[] _large = [.. Enumerable.Range(0, 900_000).Select(i => (byte)((i * 31L + 7) % 251))];

    // What is lied to, the name of the lie, what it is called, and the lie.
    private static readonly (string Call, string Name, IpfsFaultKind Kind, Func<PaperNode, PaperCall, Task> Tell)[] _lies =
    [
        ("block/get", "wrong-bytes", IpfsFaultKind.WrongBytes, (_, call) => call.BytesAsync(new byte[100])),
        ("block/get", "short", IpfsFaultKind.WrongBytes, (_, call) => call.BytesAsync(_small[..99])),
        ("block/get", "long", IpfsFaultKind.WrongBytes, (_, call) => call.BytesAsync([.. _small, 0])),
        ("block/get", "cut-off", IpfsFaultKind.Truncated, (_, call) => CutOffAsync(call, _small, 50)),
        ("block/get", "endless", IpfsFaultKind.TooLong, (_, call) => EndlessAsync(call, [])),
        ("block/get", "dripping", IpfsFaultKind.TimedOut, DripAsync),
        ("block/get", "silent", IpfsFaultKind.TimedOut, (_, call) => SilentAsync(call)),
        ("block/get", "hung-up", IpfsFaultKind.Unreachable, (_, _) => Task.CompletedTask),
        ("block/get", "redirect", IpfsFaultKind.Redirected, (_, call) => call.TextAsync("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")),
        ("block/get", "huge-headers", IpfsFaultKind.HeadersTooLarge, (_, call) => call.TextAsync($"HTTP/1.1 200 OK\r\nX-Large: {new string('x', 20_000)}\r\nContent-Length: 0\r\n\r\n")),
        ("block/get", "endless-headers", IpfsFaultKind.HeadersTooLarge, (_, call) => EndlessHeadersAsync(call)),
        ("block/get", "no-http", IpfsFaultKind.Malformed, (_, call) => call.TextAsync("220 mail.example ESMTP\r\n\r\n")),
        ("block/get", "forbidden", IpfsFaultKind.Refused, (_, call) => call.AnswerAsync(403, "text/plain", "403 - Forbidden"u8.ToArray())),
        ("block/get", "endless-error", IpfsFaultKind.Refused, (_, call) => EndlessAsync(call, [], 500)),
        ("block/get", "denial", IpfsFaultKind.NotFound, (_, call) => call.ErrorAsync("block was not found locally (offline): ipld: could not find it")),
        ("block/get", "error-behind", IpfsFaultKind.Refused, (_, call) => call.TextAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Stream-Error\r\n\r\n0\r\nX-Stream-Error: disk on fire\r\n\r\n")),

        ("cat", "wrong-bytes", IpfsFaultKind.WrongBytes, (_, call) => call.BytesAsync(new byte[_large.Length])),
        ("cat", "wrong-byte-later", IpfsFaultKind.WrongBytes, (_, call) => call.BytesAsync([.. _large[..600_000], 0, .. _large[600_001..]])),
        ("cat", "short", IpfsFaultKind.Truncated, (_, call) => call.BytesAsync(_large[..500_000])),
        ("cat", "cut-off", IpfsFaultKind.Truncated, (_, call) => CutOffAsync(call, _large, 300_000)),
        ("cat", "endless", IpfsFaultKind.TooLong, (_, call) => EndlessAsync(call, _large)),
        ("cat", "dripping", IpfsFaultKind.TimedOut, DripAsync),
        ("cat", "redirect", IpfsFaultKind.Redirected, (_, call) => call.TextAsync("HTTP/1.1 307 Moved\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")),
        ("cat", "error-behind", IpfsFaultKind.NotFound, (_, call) => call.TextAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Stream-Error\r\n\r\n1\r\n\u0007\r\n0\r\nX-Stream-Error: request timed out\r\n\r\n")),

        ("car", "truncated", IpfsFaultKind.Truncated, (node, call) => call.BytesAsync(node.Car(Asked(call))[..^100])),
        ("car", "cut-off", IpfsFaultKind.Truncated, (node, call) => CutOffAsync(call, node.Car(Asked(call)), 400_000)),
        ("car", "a-block-left-out", IpfsFaultKind.WrongDag, (node, call) => call.BytesAsync(Without(node, Asked(call), 1))),
        ("car", "last-block-left-out", IpfsFaultKind.Truncated, (node, call) => call.BytesAsync(Without(node, Asked(call), 3))),
        ("car", "another-tree", IpfsFaultKind.WrongDag, (node, call) => call.BytesAsync(node.Car(node.Add(_large[1..])))),
        ("car", "another-tree-under-the-root", IpfsFaultKind.WrongDag, (node, call) => call.BytesAsync([.. Ipfs.CarReader.Header(Asked(call)), .. node.Car(node.Add(_large[1..]))[59..]])),
        ("car", "wrong-byte", IpfsFaultKind.WrongBytes, (node, call) => call.BytesAsync([.. node.Car(Asked(call))[..^1], 0xff])),
        ("car", "endless-block", IpfsFaultKind.TooLong, (_, call) => call.BytesAsync([.. Ipfs.CarReader.Header(Asked(call)), 0xff, 0xff, 0xff, 0x7f, .. new byte[1000]])),
        ("car", "no-car", IpfsFaultKind.Malformed, (_, call) => call.BytesAsync(Encoding.ASCII.GetBytes("<html>" + new string(' ', 200)))),
        ("car", "empty", IpfsFaultKind.Truncated, (_, call) => call.BytesAsync([])),
        ("car", "dripping", IpfsFaultKind.TimedOut, DripAsync),
    ];

    public static TheoryData<string, string> Lies => new(_lies.Select(l => (l.Call, l.Name)));

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Read_LyingNode_IsNamedAndMadeUpFor(string call, string name)
    {
        (_, _, IpfsFaultKind kind, Func<PaperNode, PaperCall, Task> tell) = _lies.Single(l => l.Call == call && l.Name == name);
        await using var liar = new PaperNode();
        await using var honest = new PaperNode();
        byte[] content = call == "block/get" ? _small : _large;
        Cid cid = liar.Add(content);
        Assert.Equal(cid, honest.Add(content));
        liar.Lie = async c =>
        {
            bool isLie = call == "car" ? c.Method is "ipfs" && c.Argument("format") == "car" : c.Method == call;
            if (isLie)
            {
                await tell(liar, c);
            }

            return isLie;
        };

        var faults = new FaultList();
        int patience = kind == IpfsFaultKind.TimedOut ? 2 : 60;
        IpfsContentStoreOptions options = call == "car"
            ? Options(faults, [], [liar.Address, honest.Address], patienceInSeconds: patience)
            : Options(faults, [liar.Address, honest.Address], [], patienceInSeconds: patience);
        using (var store = IpfsContentStore.Connect(options))
        {
            Assert.Equal(content, await ReadAsync(store, cid));
        }

        IpfsFault fault = Assert.Single(faults.All.Distinct());
        Assert.Equal((kind, liar.Address), (fault.Kind, fault.Endpoint));

        // Alone, it gives nothing, or what it says besides the lie, which is checked as well.
        using var alone = IpfsContentStore.Connect(call == "car" ? Options(faults, [], [liar.Address], patienceInSeconds: patience) : Options(faults, [liar.Address], [], patienceInSeconds: patience));
        if (call != "block/get")
        {
            Assert.Equal(content, await ReadAsync(alone, cid));
            return;
        }

        Exception e = await Assert.ThrowsAnyAsync<Exception>(() => ReadAsync(alone, cid));
        IpfsUnavailableException why = Assert.IsType<IpfsUnavailableException>(e is PhrDataException ? e.InnerException : e);
        Assert.Equal(kind, Assert.Single(why.Faults).Kind);
        Assert.Equal(
            kind switch
            {
                IpfsFaultKind.WrongBytes or IpfsFaultKind.TooLong => PhrDataReason.DigestMismatch,
                IpfsFaultKind.NotFound => PhrDataReason.NotFound,
                _ => (PhrDataReason?)null,
            },
            (e as PhrDataException)?.Reason);
        Assert.Contains(cid.ToString(), e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_SlowNode_IsOvertakenByTheNext()
    {
        await using var slow = new PaperNode();
        await using var quick = new PaperNode();
        Cid cid = slow.Add(_small);
        quick.Add(_small);
        slow.Lie = async call =>
        {
            await SilentAsync(call);
            return true;
        };
        using var store = IpfsContentStore.Connect(new IpfsContentStoreOptions { Nodes = [slow.Address, quick.Address], HedgeDelay = TimeSpan.FromMilliseconds(20) });
        Assert.Equal(_small, await ReadAsync(store, cid));
        Assert.Equal(["block/get"], quick.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Read_LongAnswerThatFallsSilent_IsOvertakenAndTheReadEndsElsewhere(bool isGateway)
    {
        await using var silent = new PaperNode();
        await using var quick = new PaperNode();
        byte[] content = [.. Enumerable.Range(0, 2_000_000).Select(i => (byte)((i * 37L + 5) % 253))];
        Cid cid = silent.Add(content);
        quick.Add(content);
        silent.Lie = async call =>
        {
            bool isLong = isGateway ? call.Argument("format") == "car" : call.Method == "cat";
            if (isLong)
            {
                byte[] whole = isGateway ? silent.Car(cid) : content;
                await call.TextAsync($"HTTP/1.1 200 OK\r\nContent-Length: {whole.Length}\r\n\r\n");
                await call.Stream.WriteAsync(whole.AsMemory(0, 300_000), call.Stop);
                await SilentAsync(call);
            }

            return isLong;
        };
        var faults = new FaultList();
        using var store = IpfsContentStore.Connect(Impatient(faults, silent.Address, quick.Address, isGateway));
        Assert.Equal(content, await ReadAsync(store, cid));

        // Nobody waited for the end of its time, and what it had given was not asked for again.
        Assert.Empty(faults.All);
        Assert.Contains(isGateway ? "ipfs" : "cat", silent.Calls);
        if (isGateway)
        {
            // Seven of the eight leaves, one by one.
            Assert.InRange(quick.Calls.Count(call => call == "ipfs"), 7, 9);
            return;
        }

        // A busy machine makes the quick one slow as well, and then it is asked once more.
        Assert.InRange(quick.Calls.Count(call => call == "block/get"), 2, 5);
        Assert.Single(quick.Calls, "cat");
    }

    [Fact]
    public async Task Read_LongAnswerThatPauses_IsKeptWhileOneBlockComesFromElsewhere()
    {
        await using var pausing = new PaperNode();
        await using var helping = new PaperNode();
        Cid cid = pausing.Add(_large);
        helping.Add(_large);
        var helped = new TaskCompletionSource();
        pausing.Lie = async call =>
        {
            if (call.Method == "cat")
            {
                await call.TextAsync($"HTTP/1.1 200 OK\r\nContent-Length: {_large.Length}\r\n\r\n");
                await call.Stream.WriteAsync(_large.AsMemory(0, 300_000), call.Stop);
                await helped.Task.WaitAsync(call.Stop);
                await call.Stream.WriteAsync(_large.AsMemory(300_000), call.Stop);
            }

            return call.Method == "cat";
        };
        helping.Lie = async call =>
        {
            bool isLeaf = Cid.TryParse(call.Argument("arg"), out Cid asked) && asked.Codec == ContentCodec.Raw;
            if (isLeaf && !helped.TrySetResult())
            {
                // It helps once: who gave the answer up stands still here.
                await SilentAsync(call);
            }

            return false;
        };
        var faults = new FaultList();
        using var store = IpfsContentStore.Connect(Impatient(faults, pausing.Address, helping.Address));
        Assert.Equal(_large, await ReadAsync(store, cid));
        Assert.Empty(faults.All);
        Assert.Single(pausing.Calls, "cat");
        Assert.DoesNotContain("cat", helping.Calls);
    }

    [Fact]
    public async Task Read_CancelledWhileALongAnswerIsSilent_GoesOnWhenItIsAskedAgain()
    {
        await using var silent = new PaperNode();
        Cid cid = silent.Add(_large);
        var asked = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        silent.Lie = async call =>
        {
            if (call.Method == "cat")
            {
                await call.TextAsync($"HTTP/1.1 200 OK\r\nContent-Length: {_large.Length}\r\n\r\n");
                asked.SetResult();
                await goOn.Task.WaitAsync(call.Stop);
                await call.Stream.WriteAsync(_large, call.Stop);
            }

            return call.Method == "cat";
        };
        using var store = IpfsContentStore.Connect(Options(new FaultList(), [silent.Address], []));
        await using Stream stream = await store.OpenAsync(cid);
        byte[] read = new byte[_large.Length];
        using (var stop = new CancellationTokenSource())
        {
            Task<int> reading = stream.ReadAsync(read, stop.Token).AsTask();
            await asked.Task;
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        }

        goOn.SetResult();
        await stream.ReadExactlyAsync(read, TestContext.Current.CancellationToken);
        Assert.Equal(_large, read);
        Assert.Single(silent.Calls, "cat");
    }

    [Fact]
    public async Task Read_LiarOnce_IsAskedLastAfterwards()
    {
        await using var liar = new PaperNode { Lie = async call => { await call.BytesAsync([1]); return true; } };
        await using var honest = new PaperNode();
        Cid cid = honest.Add(_small);
        using var store = IpfsContentStore.Connect(new IpfsContentStoreOptions { Nodes = [liar.Address, honest.Address], HedgeDelay = TimeSpan.FromMinutes(1) });
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(_small, await ReadAsync(store, cid));
        }

        Assert.Single(liar.Calls);
    }

    [Fact]
    public async Task Read_PartsAtDifferentNodes_AreOneObject()
    {
        await using var first = new PaperNode();
        await using var second = new PaperNode();
        Cid cid = first.Add(_large);
        second.Add(_large);
        Cid[] leaves = [.. Ipfs.UnixFsNode.Parse(first.Block(cid)!).Links.Select(l => l.Cid)];
        first.Forget(leaves[1]);
        second.Forget(leaves[0]);
        second.Forget(leaves[2]);
        first.Lie = second.Lie = async call =>
        {
            if (call.Method == "cat")
            {
                await call.ErrorAsync("not in the mood");
            }

            return call.Method == "cat";
        };
        using var store = IpfsContentStore.Connect(Options(new FaultList(), [first.Address, second.Address], []));
        Assert.Equal(_large, await ReadAsync(store, cid));
    }

    [Fact]
    public async Task Put_NodeThatMakesAnotherTree_DoesNotCount()
    {
        await using var liar = new PaperNode();
        await using var honest = new PaperNode();
        liar.Lie = async call =>
        {
            if (call.Method == "add")
            {
                Cid wrong = liar.Add([.. await call.ReadPartAsync(), 0]);
                await call.JsonAsync($$"""{"Name":"object","Hash":"{{wrong}}","Size":"1"}""");
                return true;
            }

            // It cannot be asked to pin what it does not have, nor is it sent a copy.
            return false;
        };
        var faults = new FaultList();
        using (var store = IpfsContentStore.Connect(Options(faults, [liar.Address], [])))
        {
            IpfsUnavailableException e = await Assert.ThrowsAsync<IpfsUnavailableException>(() => store.PutAsync(new MemoryStream(_large)));
            Assert.All(e.Faults, f => Assert.Equal(IpfsFaultKind.WrongDag, f.Kind));
        }

        using var both = IpfsContentStore.Connect(Options(faults, [liar.Address, honest.Address], [], replicas: 2));
        Cid cid = await both.PutAsync(new MemoryStream(_large));
        Assert.Equal(UnixFsHasher.HashData(_large), cid);
        Assert.True(honest.Pins.ContainsKey(cid));
        Assert.False(liar.Pins.ContainsKey(cid));
    }

    [Fact]
    public async Task Put_NodeThatStopsTaking_IsLeftBehind()
    {
        await using var stuck = new PaperNode();
        await using var honest = new PaperNode();
        stuck.Lie = async call =>
        {
            if (call.Method == "add")
            {
                await SilentAsync(call); // reads nothing
            }

            return call.Method == "add";
        };
        var faults = new FaultList();
        using var store = IpfsContentStore.Connect(Options(faults, [stuck.Address, honest.Address], [], replicas: 2, patienceInSeconds: 4));
        byte[] content = new byte[20 << 20];
        Cid cid = await store.PutAsync(new MemoryStream(content));
        Assert.Equal(UnixFsHasher.HashData(content), cid);
        Assert.True(honest.Pins.ContainsKey(cid));
        Assert.Contains(faults.All, f => f.Kind == IpfsFaultKind.TimedOut && f.Endpoint == stuck.Address);
    }

    [Fact]
    public async Task Put_NodeThatFailsInTheMiddle_IsTriedElsewhere()
    {
        await using var broken = new PaperNode();
        await using var honest = new PaperNode();
        broken.Lie = async call =>
        {
            if (call.Method == "add")
            {
                await call.ReadPartAsync();
                await call.ErrorAsync("no space left on device");
            }

            return call.Method == "add";
        };
        using var store = IpfsContentStore.Connect(Options(new FaultList(), [broken.Address, honest.Address], []));
        Cid cid = await store.PutAsync(new MemoryStream(_large));
        Assert.Equal(_large, await ReadAsync(store, cid));
        Assert.True(honest.Pins.ContainsKey(cid));

        // What cannot be read again is the caller's to repeat.
        broken.Calls.Clear();
        using var again = IpfsContentStore.Connect(Options(new FaultList(), [broken.Address], []));
        IpfsUnavailableException e = await Assert.ThrowsAsync<IpfsUnavailableException>(() => again.PutAsync(new OneWay(_large)));
        Assert.Contains("no space left", e.Message, StringComparison.Ordinal);
        Assert.Single(broken.Calls, "add");
    }

    [Fact]
    public async Task Pin_NodeThatOnlySaysSo_IsFoundOut()
    {
        await using var boaster = new PaperNode();
        await using var honest = new PaperNode();
        Cid cid = honest.Add(_large);
        boaster.Add(_large);
        Cid[] leaves = [.. Ipfs.UnixFsNode.Parse(honest.Block(cid)!).Links.Select(l => l.Cid)];
        leaves.ToList().ForEach(boaster.Forget);
        boaster.Lie = async call =>
        {
            if (call.Method is "cat" or "dag/export")
            {
                await call.ErrorAsync("block was not found");
            }

            return call.Method is "cat" or "dag/export";
        };
        using var store = IpfsContentStore.Connect(Options(new FaultList(), [boaster.Address, honest.Address], [], replicas: 2));
        foreach ((IpfsProbeDepth depth, bool isFooled) in new[] { (IpfsProbeDepth.Claims, true), (IpfsProbeDepth.Samples, false), (IpfsProbeDepth.Everything, false) })
        {
            IReadOnlyList<IpfsReplica> replicas = await store.ProbeAsync(cid, depth);
            Assert.Equal([isFooled, true], replicas.Select(r => r.IsKept));
            Assert.True(replicas[0].IsPinned);
            Assert.Equal(isFooled ? IpfsReplicaState.Whole : IpfsReplicaState.Damaged, replicas[0].State);
        }

        IpfsRepairReport report = await store.RepairAsync(cid);
        Assert.Equal((leaves.Length, 0, 2), (report.BlocksMended, report.Copies, report.Kept));
        Assert.All(leaves, l => Assert.NotNull(boaster.Block(l)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Repair_EndsBetweenUnpinningAndPinning_LeavesThePin(bool isCancelled)
    {
        await using var damaged = new PaperNode();
        await using var whole = new PaperNode();
        Cid cid = damaged.Add(_large);
        whole.Add(_large);
        Cid spoilt = Ipfs.UnixFsNode.Parse(damaged.Block(cid)!).Links[1].Cid;
        damaged.Spoil(spoilt);
        using var stop = new CancellationTokenSource();
        bool wasUnpinned = false;
        damaged.Lie = async call =>
        {
            switch (call.Method)
            {
                case "cat" or "dag/export":
                    await call.ErrorAsync("not in the mood");
                    return true;
                case "block/rm":
                    wasUnpinned = !damaged.Pins.ContainsKey(cid);
                    if (isCancelled)
                    {
                        await stop.CancelAsync();
                    }

                    return false;
                case "block/put" when wasUnpinned && !isCancelled:
                    await call.ReadPartAsync();
                    await call.ErrorAsync("no space left on device");
                    return true;
                case "pin/add" when !wasUnpinned || damaged.Block(spoilt) is not null || !isCancelled:
                    return false;
                case "pin/add":
                    await call.ErrorAsync("block was not found"); // as a node says of a tree that it has in part
                    return true;
                default:
                    return false;
            }
        };
        using var store = IpfsContentStore.Connect(Options(new FaultList(), [damaged.Address, whole.Address], [], replicas: 2));
        if (isCancelled)
        {
            // What was begun is brought to its end: the block is back, and right, before the pin is.
            await Record.ExceptionAsync(() => store.RepairAsync(cid, null, stop.Token));
            Assert.Equal(spoilt.Digest, Digest.Of(damaged.Block(spoilt)!));
        }
        else
        {
            IpfsRepairReport report = await store.RepairAsync(cid, null, stop.Token);
            Assert.Equal([false, true], report.After.Select(r => r.State == IpfsReplicaState.Whole));
        }

        Assert.True(wasUnpinned);
        Assert.Contains(cid, damaged.Pins.Keys);
    }

    /// <summary>Inner nodes are the ones whose codec has two names, of which Kubo refuses both together.</summary>
    [Theory]
    [InlineData(null, new[] { "cid-codec" })]
    [InlineData("cid-codec", new[] { "cid-codec" })]
    [InlineData("format", new[] { "cid-codec", "format" })]
    public async Task Repair_SpoiltInnerNode_IsPutUnderTheNameThatTheNodeKnows(string? known, string[] sent)
    {
        await using var damaged = new PaperNode { OnlyCodecName = known };
        await using var whole = new PaperNode();
        Cid cid = damaged.Add(_large);
        whole.Add(_large);
        damaged.Spoil(cid);
        var queries = new ConcurrentQueue<string>();
        damaged.Lie = call =>
        {
            if (call.Method == "block/put")
            {
                queries.Enqueue(call.Query);
            }

            return Task.FromResult(false);
        };
        using var store = IpfsContentStore.Connect(Options(new FaultList(), [damaged.Address, whole.Address], [], replicas: 2));
        IpfsRepairReport report = await store.RepairAsync(cid);
        Assert.Equal((1, 2), (report.BlocksMended, report.Kept));
        Assert.Equal(cid.Digest, Digest.Of(damaged.Block(cid)!));
        Assert.Contains(cid, damaged.Pins.Keys);
        Assert.Equal([.. sent, .. sent], queries.Select(query => Assert.Single(query.Split('&'), part => part.EndsWith("=dag-pb", StringComparison.Ordinal)).Split('=')[0]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Repair_NodeThatTakesNoBlock_LosesNothing(bool isInner)
    {
        await using var full = new PaperNode();
        await using var whole = new PaperNode();
        Cid cid = full.Add(_large);
        whole.Add(_large);
        Cid spoilt = isInner ? cid : Ipfs.UnixFsNode.Parse(full.Block(cid)!).Links[1].Cid;
        full.Spoil(spoilt);
        full.Lie = async call =>
        {
            if (call.Method == "block/put")
            {
                await call.ReadPartAsync();
                await call.ErrorAsync("no space left on device");
            }

            return call.Method == "block/put";
        };
        using var store = IpfsContentStore.Connect(Options(new FaultList(), [full.Address, whole.Address], [], replicas: 2));
        Assert.Equal(1, (await store.RepairAsync(cid)).Kept);
        Assert.NotNull(full.Block(spoilt));
        Assert.Contains(cid, full.Pins.Keys);
        Assert.DoesNotContain("pin/rm", full.Calls);
        Assert.DoesNotContain("block/rm", full.Calls);
    }

    /// <summary>A node that writes what it is given over what it has needs no more than that.</summary>
    [Fact]
    public async Task Repair_NodeThatWritesThrough_NeverTakesThePinAway()
    {
        await using var damaged = new PaperNode();
        await using var whole = new PaperNode();
        Cid cid = damaged.Add(_large);
        whole.Add(_large);
        damaged.Spoil(cid);
        damaged.Lie = call =>
        {
            if (call.Method == "block/put")
            {
                damaged.Forget(cid);
            }

            return Task.FromResult(false);
        };
        using var store = IpfsContentStore.Connect(Options(new FaultList(), [damaged.Address, whole.Address], [], replicas: 2));
        IpfsRepairReport report = await store.RepairAsync(cid);
        Assert.Equal((1, 2), (report.BlocksMended, report.Kept));
        Assert.DoesNotContain("pin/rm", damaged.Calls);
    }

    [Fact]
    public async Task Repair_BlocksThatAreMissing_NeverTakesThePinAway()
    {
        await using var poor = new PaperNode();
        await using var whole = new PaperNode();
        Cid cid = poor.Add(_large);
        whole.Add(_large);
        poor.Forget(Ipfs.UnixFsNode.Parse(poor.Block(cid)!).Links[1].Cid);
        poor.Lie = async call =>
        {
            bool isWhole = call.Method is "cat" or "dag/export";
            if (isWhole)
            {
                await call.ErrorAsync("not in the mood");
            }

            return isWhole;
        };
        using var store = IpfsContentStore.Connect(Options(new FaultList(), [poor.Address, whole.Address], [], replicas: 2));
        IpfsRepairReport report = await store.RepairAsync(cid);
        Assert.Equal((1, 2), (report.BlocksMended, report.Kept));
        Assert.DoesNotContain("pin/rm", poor.Calls);
    }

    [Fact]
    public async Task AnyCall_LineWithoutEnd_IsTooLong()
    {
        await using var node = new PaperNode();
        node.Lie = async call =>
        {
            await call.TextAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"Keys\":{\"");
            byte[] more = new byte[65_536];
            Array.Fill(more, (byte)'b');
            for (int i = 0; i < 100; i++)
            {
                await call.Stream.WriteAsync(more, call.Stop);
            }

            return true;
        };
        using var store = IpfsContentStore.Connect(Options(new FaultList(), [node.Address], []));
        IpfsUnavailableException e = await Assert.ThrowsAsync<IpfsUnavailableException>(async () => await store.ListPinsAsync().ToArrayAsync());
        Assert.Equal(IpfsFaultKind.TooLong, Assert.Single(e.Faults).Kind);
        e = await Assert.ThrowsAsync<IpfsUnavailableException>(() => store.IsPinnedAsync(Cid.ForRawBlock(Digest.Of(_small))));
        Assert.Equal(IpfsFaultKind.TooLong, Assert.Single(e.Faults).Kind);
    }

    [Fact]
    public async Task Read_NobodyThere_SaysWhoAndWhy()
    {
        Uri gone;
        await using (var node = new PaperNode())
        {
            gone = node.Address;
        }

        using var store = IpfsContentStore.Connect(Options(new FaultList(), [gone], []));
        Cid cid = Cid.ForRawBlock(Digest.Of(_small));
        foreach (Func<Task> read in new Func<Task>[]
        {
            async () => await store.OpenAsync(cid), () => store.ExistsAsync(cid), () => store.GetLengthAsync(cid), () => store.IsPinnedAsync(cid), () => store.PinAsync(cid), () => store.UnpinAsync(cid),
            () => store.PutAsync(new MemoryStream(_small)), async () => await store.PutBlockAsync(_small), async () => await store.CreateAsync(), () => store.CollectAsync(),
        })
        {
            IpfsUnavailableException e = await Assert.ThrowsAsync<IpfsUnavailableException>(read);
            Assert.All(e.Faults, f => Assert.Equal((gone, IpfsFaultKind.Unreachable), (f.Endpoint, f.Kind)));
            Assert.Contains(gone.GetLeftPart(UriPartial.Authority), e.Message, StringComparison.Ordinal);
        }

        Assert.Equal(IpfsReplicaState.Unreachable, Assert.Single(await store.ProbeAsync(cid, IpfsProbeDepth.Claims)).State);
        Assert.False(Assert.Single(await store.GetNodesAsync()).IsReachable);
    }

    [Fact]
    public async Task Faults_Messages_HoldNoContentAndNoControlCharacters()
    {
        await using var node = new PaperNode();
        node.Lie = async call =>
        {
            await call.ErrorAsync("evil\\u001b[31m\\nsecond line " + new string('y', 1000));
            return true;
        };
        using var store = IpfsContentStore.Connect(Options(new FaultList(), [node.Address], []));
        IpfsUnavailableException e = await Assert.ThrowsAsync<IpfsUnavailableException>(() => store.ExistsAsync(Cid.ForRawBlock(Digest.Of(_small))));
        Assert.DoesNotContain(e.Message, char.IsControl);
        Assert.InRange(e.Message.Length, 1, 800);
    }

    [Fact]
    public async Task Requests_Headers_CarryTheCredentialAndNothingOfABrowser()
    {
        await using var node = new PaperNode();
        Cid cid = node.Add(_small);
        var heads = new ConcurrentQueue<string>();
        node.Lie = call =>
        {
            heads.Enqueue(call.Head);
            return Task.FromResult(false);
        };
        using var store = IpfsContentStore.Connect(new IpfsContentStoreOptions { Nodes = [node.Address], Authorize = _ => new("Bearer", "let-me-in") });
        await ReadAsync(store, cid);
        string head = Assert.Single(heads);
        Assert.Contains("Authorization: Bearer let-me-in", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Origin:", head, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("User-Agent:", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("timeout=10000ms", head, StringComparison.Ordinal);
    }

    // So patient that a busy machine is not taken for a node that is silent, unless the time-out is what a test is about.
    internal static IpfsContentStoreOptions Options(IProgress<IpfsFault> faults, Uri[] nodes, Uri[] gateways, int replicas = 1, int patienceInSeconds = 60) => new()
    {
        Nodes = nodes,
        Gateways = gateways,
        Replicas = replicas,
        TransferTimeout = TimeSpan.FromSeconds(patienceInSeconds),
        LookupTimeout = TimeSpan.FromSeconds(patienceInSeconds),
        HedgeDelay = TimeSpan.FromMinutes(1),
        Faults = faults,
    };

    // Asks the next soon, and gives nobody up in the time of a test.
    private static IpfsContentStoreOptions Impatient(FaultList faults, Uri first, Uri second, bool areGateways = false) => new()
    {
        Nodes = areGateways ? [] : [first, second],
        Gateways = areGateways ? [first, second] : [],
        LookupTimeout = TimeSpan.FromMinutes(1),
        TransferTimeout = TimeSpan.FromMinutes(1),
        HedgeDelay = TimeSpan.FromMilliseconds(400),
        Faults = faults,
    };

    internal static async Task<byte[]> ReadAsync(IpfsContentStore store, Cid cid)
    {
        await using Stream stream = await store.OpenAsync(cid);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    private static Cid Asked(PaperCall call) => Cid.Parse(call.Path.Split('/')[^1]);

    private static byte[] Without(PaperNode node, Cid root, int index)
    {
        Cid[] blocks = [root, .. Ipfs.UnixFsNode.Parse(node.Block(root)!).Links.Select(l => l.Cid)];
        return [.. Ipfs.CarReader.Header(root), .. blocks.Where((_, i) => i != index && !(index == 3 && i > 3)).SelectMany(c => (byte[])[.. Ipfs.CarReader.Prefix(c, node.Block(c)!.Length), .. node.Block(c)!])];
    }

    private static async Task CutOffAsync(PaperCall call, byte[] body, int at)
    {
        await call.TextAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n");
        await call.Stream.WriteAsync(body.AsMemory(0, at), call.Stop);
    }

    private static async Task EndlessAsync(PaperCall call, byte[] before, int status = 200)
    {
        await call.TextAsync($"HTTP/1.1 {status} OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (byte[] chunk = before; ; chunk = new byte[65_536])
        {
            if (chunk.Length > 0)
            {
                await call.TextAsync($"{chunk.Length:x}\r\n");
                await call.Stream.WriteAsync(chunk, call.Stop);
                await call.TextAsync("\r\n");
            }
        }
    }

    private static async Task EndlessHeadersAsync(PaperCall call)
    {
        await call.TextAsync("HTTP/1.1 200 OK\r\n");
        while (true)
        {
            await call.TextAsync("X-More: and more\r\n");
        }
    }

    // A byte now and then, for as long as anybody listens.
    private static async Task DripAsync(PaperNode node, PaperCall call)
    {
        await call.TextAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        while (true)
        {
            await call.Stream.WriteAsync(new byte[] { 0x7f }, call.Stop);
            await Task.Delay(20, call.Stop);
        }
    }

    private static Task SilentAsync(PaperCall call) => Task.Delay(Timeout.Infinite, call.Stop);

    internal sealed class FaultList : IProgress<IpfsFault>
    {
        public ConcurrentQueue<IpfsFault> All { get; } = new();

        public void Report(IpfsFault value) => All.Enqueue(value);
    }

    private sealed class OneWay(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
