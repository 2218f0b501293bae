using System.Net.Http.Headers;

namespace Phr.Storage;

/// <summary>Which IPFS nodes an <see cref="IpfsContentStore"/> uses, and how patient it is with them.</summary>
/// <remarks>Immutable and thread safe. Checked when the store is made.</remarks>
public sealed class IpfsContentStoreOptions
{
    /// <summary>The most nodes and gateways together.</summary>
    public const int MaxEndpoints = 10;

    /// <summary>Nodes with Kubo's RPC interface, the preferred one first: <c>http://127.0.0.1:5001/</c>. What is put is kept by these.</summary>
    /// <value>Default: none. Addresses of http or https, with a path if the interface is behind one, without query, fragment and user name.</value>
    /// <remarks>The interface lets whoever reaches it do anything with the node: keep it on the loopback interface or behind a proxy that asks for a key (<see cref="Authorize"/>).</remarks>
    public IReadOnlyList<Uri> Nodes { get; init; } = [];

    /// <summary>Trustless gateways, which are read from when the nodes do not have something: <c>https://gateway.example/</c>.</summary>
    /// <value>Default: none. Addresses as those of <see cref="Nodes"/>. A store that has gateways alone only reads.</value>
    public IReadOnlyList<Uri> Gateways { get; init; } = [];

    /// <summary>On how many nodes an object is to be kept.</summary>
    /// <value>Default: 1. From 1 to the number of nodes.</value>
    public int Replicas { get; init; } = 1;

    /// <summary>On how many nodes an object must be kept for a put to succeed. Where fewer than <see cref="Replicas"/> took it, <see cref="IpfsContentStore.RepairAsync"/> brings it to the others later.</summary>
    /// <value>Default: 1. From 1 to <see cref="Replicas"/>.</value>
    public int RequiredReplicas { get; init; } = 1;

    /// <summary>How long a node is left to find a block, in its own store or at its peers. In an answer of many blocks each has as long to arrive; then the next node is asked.</summary>
    /// <value>Default: 10 seconds. From 50 milliseconds to an hour, in whole milliseconds.</value>
    public TimeSpan LookupTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long any other answer may take to begin, and each block (at most 2 MiB) to arrive or be taken. A node that gives a byte now and then runs into it.</summary>
    /// <value>Default: 30 seconds. From 50 milliseconds to an hour.</value>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long work on a whole object may take that a node does by itself: pinning, collecting, the end of an upload.</summary>
    /// <value>Default: 10 minutes. From 1 second to a day.</value>
    public TimeSpan WorkTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the preferred node has a block to itself before the next one is asked for it as well; in an answer of many blocks, each of them.</summary>
    /// <value>Default: 500 milliseconds. From zero, which asks all at once, to an hour.</value>
    /// <remarks>An answer of many blocks that was silent goes on when it comes to itself. When others gave two blocks in a row meanwhile, the rest is read from another node.</remarks>
    public TimeSpan HedgeDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a node that failed is asked last.</summary>
    /// <value>Default: 10 seconds. From zero to a day.</value>
    public TimeSpan CoolDown { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a node that gave a false answer (<see cref="IpfsFault.IsFalse"/>) is asked last.</summary>
    /// <value>Default: 10 minutes. From zero to a day.</value>
    public TimeSpan Distrust { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many blocks are asked for ahead of the reader where they are fetched one by one. Each may take 2 MiB of memory; Phr's own take 256 KiB.</summary>
    /// <value>Default: 4. From 0 to 64.</value>
    public int ReadAhead { get; init; } = 4;

    /// <summary>Told of every bad answer, also of those that another node made up for.</summary>
    /// <value>Default: null, for nobody. Called from any thread.</value>
    public IProgress<IpfsFault>? Faults { get; init; }

    /// <summary>Gives the credential that is sent to an endpoint.</summary>
    /// <value>Default: null, for none. It is called for each request with the endpoint's address, and may give null.</value>
    public Func<Uri, AuthenticationHeaderValue?>? Authorize { get; init; }

    /// <summary>The clock of time-outs and waits.</summary>
    /// <value>Default: the system's.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Nodes);
        ArgumentNullException.ThrowIfNull(Gateways);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        if (Nodes.Count + Gateways.Count is < 1 or > MaxEndpoints)
        {
            throw new ArgumentException($"There are {Nodes.Count} nodes and {Gateways.Count} gateways where from 1 to {MaxEndpoints} are needed together.", nameof(Nodes));
        }

        foreach (Uri address in Nodes.Concat(Gateways))
        {
            if (address is not { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" })
            {
                throw new ArgumentException("The address of a node or gateway is one of http or https without query, fragment and user name.", nameof(Nodes));
            }
        }

        if (Nodes.Concat(Gateways).Distinct().Count() < Nodes.Count + Gateways.Count)
        {
            throw new ArgumentException("The same address occurs twice among nodes and gateways.", nameof(Nodes));
        }

        CheckRange(Replicas, 1, Math.Max(Nodes.Count, 1), nameof(Replicas));
        CheckRange(RequiredReplicas, 1, Replicas, nameof(RequiredReplicas));
        CheckRange(ReadAhead, 0, 64, nameof(ReadAhead));
        CheckRange(LookupTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromHours(1), nameof(LookupTimeout));
        CheckRange(TransferTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromHours(1), nameof(TransferTimeout));
        CheckRange(WorkTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), nameof(WorkTimeout));
        CheckRange(HedgeDelay, TimeSpan.Zero, TimeSpan.FromHours(1), nameof(HedgeDelay));
        CheckRange(CoolDown, TimeSpan.Zero, TimeSpan.FromDays(1), nameof(CoolDown));
        CheckRange(Distrust, TimeSpan.Zero, TimeSpan.FromDays(1), nameof(Distrust));
    }

    private static void CheckRange<T>(T value, T least, T most, string name)
        where T : IComparable<T>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most, name);
    }
}
