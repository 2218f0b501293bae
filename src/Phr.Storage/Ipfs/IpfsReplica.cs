namespace Phr.Storage;

/// <summary>One node's share in keeping an object: what <see cref="IpfsContentStore.ProbeAsync"/> found.</summary>
/// <param name="Node">The node's address, from the options.</param>
/// <param name="State">What was found.</param>
/// <param name="Fault">Why the state is not <see cref="IpfsReplicaState.Whole"/>; null if it is.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record IpfsReplica(Uri Node, IpfsReplicaState State, IpfsFault? Fault)
{
    /// <summary>Whether the node says that it pins the object, so that it stays there.</summary>
    public bool IsPinned { get; init; }

    /// <summary>Whether the node counts: it has the object and pins it.</summary>
    public bool IsKept => State == IpfsReplicaState.Whole && IsPinned;
}
