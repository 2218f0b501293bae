using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>One log of the contract that is followed, with the place where it stands.</summary>
internal sealed record FollowedLog(ulong Block, Digest BlockHash, int Index, Digest Transaction, IReadOnlyList<Digest> Topics, ReadOnlyMemory<byte> Data);
