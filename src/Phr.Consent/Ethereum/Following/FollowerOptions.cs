namespace Phr.Consent.Ethereum;

/// <summary>How a chain is followed.</summary>
internal sealed record FollowerOptions
{
    /// <summary>The first block that can hold a log: the one that deployed the contract.</summary>
    public ulong StartBlock { get; init; }

    public EthereumFinality Finality { get; init; }

    /// <summary>How far back a re-organisation is undone: so many blocks are remembered with their hashes.</summary>
    public int RetainedBlocks { get; init; } = 4096;

    /// <summary>Up to this distance from the head blocks are read one by one, each linked to the one before; what lies deeper is read by ranges.</summary>
    public int WalkedBlocks { get; init; } = 128;

    /// <summary>The most blocks that are asked for at once.</summary>
    public int MaxRange { get; init; } = 8192;

    /// <summary>How often a look at the chain is begun again when the chain changes under it.</summary>
    public int Attempts { get; init; } = 8;

    /// <summary>How long it waits before it looks again at a chain that changed under it; twice as long each time, up to a second. A busy node has a block some time before it has all that is in it.</summary>
    public TimeSpan Pause { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
