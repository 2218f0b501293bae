using System.Collections.Immutable;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>A log entry of a block that is on the chain.</summary>
internal sealed record EthereumLog
{
    /// <summary>The contract that logged.</summary>
    public required ActorId Address { get; init; }

    public required ImmutableArray<Digest> Topics { get; init; }

    public required AbiBytes Data { get; init; }

    public required ulong BlockNumber { get; init; }

    public required Digest BlockHash { get; init; }

    public required Digest TransactionHash { get; init; }

    public required ulong TransactionIndex { get; init; }

    /// <summary>The position in the block.</summary>
    public required ulong LogIndex { get; init; }

    /// <summary>Whether the node says that the block has left the chain.</summary>
    public bool Removed { get; init; }
}
