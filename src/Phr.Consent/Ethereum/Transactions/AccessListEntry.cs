using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>An address and slots of its storage that a transaction says it will touch. Source: EIP-2930.</summary>
internal sealed record AccessListEntry(ActorId Address, AbiArray<Digest> StorageKeys);
