using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>What a follower needs of a block's header.</summary>
internal sealed record FollowedBlock(ulong Number, Digest Hash, Digest ParentHash, DateTimeOffset Time, Digest MixHash)
{
    public LedgerBlock ToLedgerBlock() => new(Number, Time, MixHash);
}
