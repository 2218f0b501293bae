namespace Phr.Consent;

/// <summary>What makes a block of a chain final enough to act on.</summary>
public enum FinalityKind
{
    /// <summary>Every block at once. For development nodes, and for chains on which no block is ever replaced.</summary>
    Head = 0,

    /// <summary>A number of blocks after it.</summary>
    Blocks = 1,

    /// <summary>The network's own word "safe".</summary>
    Safe = 2,

    /// <summary>The network's own word "finalized".</summary>
    Finalized = 3,
}
