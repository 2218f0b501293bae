namespace Phr.Storage;

/// <summary>What a node says of itself.</summary>
/// <param name="Node">Its address, from the options.</param>
/// <param name="Fault">Why it gave no answer, or null if it did.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record IpfsNodeStatus(Uri Node, IpfsFault? Fault)
{
    /// <summary>Whether the node answered.</summary>
    public bool IsReachable => Fault is null;

    /// <summary>The node's identity among IPFS nodes, as text.</summary>
    /// <value>Null if it did not answer.</value>
    public string? PeerId { get; init; }

    /// <summary>Name and version of the program: <c>kubo/0.39.0/</c>.</summary>
    /// <value>Null if it did not answer.</value>
    public string? Agent { get; init; }

    /// <summary>Number of blocks that it keeps.</summary>
    public long Blocks { get; init; }

    /// <summary>Bytes of its repository.</summary>
    public long Bytes { get; init; }
}
