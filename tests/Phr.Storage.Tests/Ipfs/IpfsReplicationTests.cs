using System.Diagnostics;
using System.Globalization;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Storage.Tests;

/// <summary>Three real nodes that do not know each other: content reaches them through the store alone.</summary>
public sealed class IpfsReplicationTests(IpfsNodes nodes) : IClassFixture<IpfsNodes>, IAsyncLifetime
{
    private static readonly byte[] _content = [.. Enumerable.Range(0, 1_500_000).Select(i => (byte)((i * 31L + 7) % 251))];

    private const int MaxPeakKibibytes = 128 * 1024;

    private IReadOnlyList<IpfsNodeProcess> _nodes = [];

    public async ValueTask InitializeAsync()
    {
        _nodes = await nodes.AtLeastAsync(3);
        foreach (IpfsNodeProcess node in _nodes)
        {
            await IpfsNodes.EmptyAsync(node);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Put_TwoReplicas_AreAtTheFirstTwoNodes()
    {
        using IpfsContentStore store = Store(2);
        Cid cid = await store.PutAsync(new MemoryStream(_content));
        Cid block = await store.PutBlockAsync(_content.AsMemory(0, 1000));
        foreach (Cid each in new[] { cid, block })
        {
            Assert.Equal([IpfsReplicaState.Whole, IpfsReplicaState.Whole, IpfsReplicaState.Missing], (await store.ProbeAsync(each, IpfsProbeDepth.Everything)).Select(r => r.State));
            Assert.Equal([true, true, false], (await store.ProbeAsync(each, IpfsProbeDepth.Samples)).Select(r => r.IsKept));
        }

        Assert.Equal(new[] { cid, block }.Order(), (await store.ListPinsAsync().ToArrayAsync()).Order());
        await store.UnpinAsync(cid);
        Assert.Equal(new CollectReport(1, _content.Length), await store.CollectAsync());
        Assert.False(await store.ExistsAsync(cid));
        Assert.True(await store.ExistsAsync(block));
        Assert.All(await store.GetNodesAsync(), n => Assert.StartsWith("js-ipfs/", n.Agent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Read_NodeKilled_ComesFromTheOther()
    {
        using IpfsContentStore store = Store(2);
        Cid cid = await store.PutAsync(new MemoryStream(_content));
        await using Stream stream = await store.OpenAsync(cid);
        byte[] read = new byte[_content.Length];
        await stream.ReadExactlyAsync(read.AsMemory(0, 300_000));
        await _nodes[0].KillAsync();
        try
        {
            // What was under way goes on, and what begins now works.
            await stream.ReadExactlyAsync(read.AsMemory(300_000));
            Assert.Equal(_content, read);
            Assert.Equal(_content, await IpfsHostileNodeTests.ReadAsync(store, cid));
            Assert.True(await store.ExistsAsync(cid));
            Assert.True(await store.IsPinnedAsync(cid));

            // Unpinning does not pretend, and a put goes to those who are left.
            await Assert.ThrowsAsync<IpfsUnavailableException>(() => store.UnpinAsync(cid));
            Cid other = await store.PutAsync(new MemoryStream(_content[1..]));
            Assert.Equal([false, true, true], (await store.ProbeAsync(other, IpfsProbeDepth.Samples)).Select(r => r.IsKept));

            // The third node takes over what the killed one had.
            IpfsRepairReport report = await store.RepairAsync(cid);
            Assert.Equal([IpfsReplicaState.Unreachable, IpfsReplicaState.Whole, IpfsReplicaState.Missing], report.Before.Select(r => r.State));
            Assert.Equal((1, 2), (report.Copies, report.Kept));
        }
        finally
        {
            await _nodes[0].StartAgainAsync();
        }

        // What a node kept is there after it was killed.
        using var first = IpfsContentStore.Connect(new IpfsContentStoreOptions { Nodes = [_nodes[0].Api] });
        await first.VerifyAsync(cid);
        Assert.True(await first.IsPinnedAsync(cid));
    }

    [Fact]
    public async Task Put_NodeKilledInTheMiddle_GoesOnWithTheOthers()
    {
        using IpfsContentStore store = Store(2);
        await using ContentWriter writer = await store.CreateAsync();
        byte[] content = new byte[8 << 20];
        Random.Shared.NextBytes(content);
        await writer.WriteAsync(content.AsMemory(0, 4 << 20));
        await _nodes[1].KillAsync();
        try
        {
            await writer.WriteAsync(content.AsMemory(4 << 20));
            Cid cid = await writer.CompleteAsync();
            Assert.Equal(UnixFsHasher.HashData(content), cid);

            // The third node was given a copy in the place of the one that is gone.
            Assert.Equal([true, false, true], (await store.ProbeAsync(cid, IpfsProbeDepth.Everything)).Select(r => r.IsKept));
        }
        finally
        {
            await _nodes[1].StartAgainAsync();
        }
    }

    [Fact]
    public async Task Repair_DamagedAndLostBlocks_MakesEveryCopyWhole()
    {
        using IpfsContentStore store = Store(3);
        Cid cid = await store.PutAsync(new MemoryStream(_content));
        Cid[] leaves = IpfsNodes.Leaves(_nodes[0], cid);

        // Each node has another part spoilt, so that no copy is whole and together they are.
        await DamageAsync(_nodes[0], leaves[1]);
        File.Delete(IpfsNodes.BlockFile(_nodes[1], leaves[2]));
        await DamageAsync(_nodes[2], leaves[0]);
        await DamageAsync(_nodes[2], cid);
        Assert.Equal(_content, await IpfsHostileNodeTests.ReadAsync(store, cid));
        Assert.All(await store.ProbeAsync(cid, IpfsProbeDepth.Everything), r => Assert.NotEqual(IpfsReplicaState.Whole, r.State));

        var progress = new List<long>();
        IpfsRepairReport report = await store.RepairAsync(cid, new Callback(progress.Add));
        Assert.All(report.After, r => Assert.True(r.IsKept, r.ToString()));
        Assert.InRange(report.BlocksMended, 4, 21); // a node that is slow to find a block is given it once more
        Assert.All(await store.ProbeAsync(cid, IpfsProbeDepth.Everything), r => Assert.True(r.IsKept));
        foreach (IpfsNodeProcess node in _nodes)
        {
            using var alone = IpfsContentStore.Connect(new IpfsContentStoreOptions { Nodes = [node.Api] });
            Assert.Equal(_content, await IpfsHostileNodeTests.ReadAsync(alone, cid));
        }

    }

    [Fact]
    public async Task Repair_NobodyHasIt_SaysSo()
    {
        using IpfsContentStore store = Store(2);
        Cid cid = UnixFsHasher.HashData(_content);
        Assert.Equal(PhrDataReason.NotFound, (await Assert.ThrowsAsync<PhrDataException>(() => store.RepairAsync(cid))).Reason);
        Assert.All(await store.ProbeAsync(cid, IpfsProbeDepth.Claims), r => Assert.Equal(IpfsReplicaState.Missing, r.State));
    }

    [Fact]
    public async Task Pin_KeptByOneNode_BringsItToAsManyAsAreWanted()
    {
        using (IpfsContentStore one = Store(1))
        {
            await one.PutAsync(new MemoryStream(_content));
        }

        Cid cid = UnixFsHasher.HashData(_content);
        using IpfsContentStore store = Store(3);
        await store.PinAsync(cid);
        Assert.All(await store.ProbeAsync(cid, IpfsProbeDepth.Everything), r => Assert.True(r.IsKept));
    }

    [Fact]
    public async Task Read_ConnectedNodes_FetchFromEachOther()
    {
        await using var swarm = new IpfsNodes();
        IReadOnlyList<IpfsNodeProcess> two = await swarm.AtLeastAsync(2, areOnline: true);
        using var first = IpfsContentStore.Connect(new IpfsContentStoreOptions { Nodes = [two[0].Api] });
        using var second = IpfsContentStore.Connect(new IpfsContentStoreOptions { Nodes = [two[1].Api], LookupTimeout = TimeSpan.FromSeconds(20) });
        Cid cid = await first.PutAsync(new MemoryStream(_content));
        await two[1].ConnectAsync(two[0]);
        Assert.Equal(_content, await IpfsHostileNodeTests.ReadAsync(second, cid));
        Assert.False(await second.IsPinnedAsync(cid));
        await second.PinAsync(cid);
        Assert.True(await second.IsPinnedAsync(cid));
    }

    /// <summary>A process of its own (tests/Tools/StreamLarge) puts, reads in one answer, reads as a CAR and copies to another node, compares, and reports its peak resident memory.</summary>
    [Fact]
    public async Task PutReadAndRepair_LargeObject_StayBelow128MebibytesResident()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The peak is read from /proc/self/status.");
        int mebibytes = Environment.GetEnvironmentVariable("PHR_TEST_LONG") == "1" ? 1024 : 256;
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { "exec", Path.Combine(AppContext.BaseDirectory, "StreamLarge.dll"), mebibytes.ToString(CultureInfo.InvariantCulture), _nodes[0].Api.ToString(), _nodes[1].Api.ToString() },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output + await error);
        TestContext.Current.TestOutputHelper?.WriteLine($"{mebibytes} MiB: {output}");
        Assert.InRange(int.Parse(output.Split(' ')[^1], CultureInfo.InvariantCulture), 1, MaxPeakKibibytes);
    }

    private static async Task DamageAsync(IpfsNodeProcess node, Cid block)
    {
        string path = IpfsNodes.BlockFile(node, block);
        byte[] bytes = await File.ReadAllBytesAsync(path);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
    }

    private IpfsContentStore Store(int replicas) => IpfsContentStore.Connect(new IpfsContentStoreOptions
    {
        Nodes = [.. _nodes.Select(n => n.Api)],
        Replicas = replicas,
        LookupTimeout = TimeSpan.FromSeconds(3),
        CoolDown = TimeSpan.Zero,
        Distrust = TimeSpan.Zero,
    });

    private sealed class Callback(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
