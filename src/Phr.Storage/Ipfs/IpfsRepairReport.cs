namespace Phr.Storage;

/// <summary>Says what <see cref="IpfsContentStore.RepairAsync"/> found and did.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record IpfsRepairReport
{
    /// <summary>What each node had before.</summary>
    public IReadOnlyList<IpfsReplica> Before { get; init; } = [];

    /// <summary>What each node has now.</summary>
    public IReadOnlyList<IpfsReplica> After { get; init; } = [];

    /// <summary>Number of blocks that a node had wrong or not at all and was given again.</summary>
    public long BlocksMended { get; init; }

    /// <summary>Number of nodes that were given the whole object.</summary>
    public int Copies { get; init; }

    /// <summary>On how many nodes the object is to be kept: <see cref="IpfsContentStoreOptions.Replicas"/>.</summary>
    public int Wanted { get; init; }

    /// <summary>On how many nodes the object is kept now.</summary>
    public int Kept => After.Count(r => r.IsKept);
}
