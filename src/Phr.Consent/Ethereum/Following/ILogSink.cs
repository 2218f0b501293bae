using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>What becomes of the logs that a follower finds.</summary>
internal interface ILogSink
{
    /// <summary>Takes in the next block that holds logs. What it writes into the store is kept, or lost, together with the block.</summary>
    void Apply(FollowedBlock block, IReadOnlyList<FollowedLog> logs, IReadOnlyDictionary<Digest, FollowedTransaction> transactions, FollowerStore store);

    /// <summary>Says that the store is not what the sink believes: blocks were rolled back, or a write was lost. It reads the store again.</summary>
    void Reload(FollowerStore store);
}
