namespace Phr.Storage;

/// <summary>Says what a probe found at one node.</summary>
public enum IpfsReplicaState
{
    /// <summary>What was looked at is there and right.</summary>
    Whole = 0,
    /// <summary>The first block is there, but a block is missing or wrong.</summary>
    Damaged,
    /// <summary>The node does not have the object.</summary>
    Missing,
    /// <summary>The node gave no usable answer, so nothing is known.</summary>
    Unreachable,
}
