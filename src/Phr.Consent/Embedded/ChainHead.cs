using Phr.Crypto;

namespace Phr.Consent.Embedded;

/// <summary>The last entry of a chain, or its genesis: what the next entry must link to.</summary>
internal readonly record struct ChainHead(ulong Number, DateTimeOffset Time, Digest Hash);
