using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>The questions that a follower asks of a node. What does not exist, or does not any more, is null; a node that cannot be reached is an exception.</summary>
internal interface IChainSource
{
    /// <summary>The node as an operator knows it, for messages.</summary>
    string Name { get; }

    Task<FollowedBlock> GetHeadAsync(CancellationToken ct);

    Task<FollowedBlock?> FindBlockAsync(ulong number, CancellationToken ct);

    Task<FollowedBlock?> FindBlockAsync(Digest hash, CancellationToken ct);

    /// <summary>The last block that the network calls safe or final; null where the node knows none.</summary>
    Task<FollowedBlock?> FindFinalBlockAsync(FinalityKind kind, CancellationToken ct);

    /// <summary>The contract's logs in one block, by its hash, in order; null when the node does not have the block.</summary>
    Task<IReadOnlyList<FollowedLog>?> FindLogsAsync(Digest blockHash, CancellationToken ct);

    /// <summary>The contract's logs from one block to another, both included, in order; null when that is more than the node wants to answer at once, or when it does not have the last block.</summary>
    Task<IReadOnlyList<FollowedLog>?> FindLogsAsync(ulong first, FollowedBlock last, CancellationToken ct);

    /// <summary>Transactions by their hashes, in the order asked for; null in the place of one that the node does not have.</summary>
    Task<IReadOnlyList<FollowedTransaction?>> FindTransactionsAsync(IReadOnlyList<Digest> hashes, CancellationToken ct);
}
