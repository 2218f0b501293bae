using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>One entry of the ledger as it is stored. An empty command is none that could be read and verified.</summary>
internal sealed record FollowedEntry(ulong Number, FollowedBlock Block, Digest Transaction, Digest Hash, byte[] Command, byte[] Events);
