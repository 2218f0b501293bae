using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>What a transaction called, and with what: the commands of its logs are read from it.</summary>
internal sealed record FollowedTransaction(Digest Hash, ActorId Sender, ActorId? Recipient, ReadOnlyMemory<byte> Input);
