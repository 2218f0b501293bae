using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Where in time an entry stands.</summary>
/// <param name="Number">The block's number; it never falls.</param>
/// <param name="Time">The block's time, whole seconds of UTC; it never falls.</param>
/// <param name="Randomness">What the block brings for draws: a chain's beacon, or what an embedded ledger's operator drew. Nobody knows it before the block.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record LedgerBlock(ulong Number, DateTimeOffset Time, Digest Randomness);
