using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The end of a ledger.</summary>
/// <param name="Number">The last entry's number; 0 when there is none.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Block">The number of its block.</param>
/// <param name="Time">The time up to which the ledger is known, whole seconds of UTC.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record LedgerHead(ulong Number, Digest Hash, ulong Block, DateTimeOffset Time);
