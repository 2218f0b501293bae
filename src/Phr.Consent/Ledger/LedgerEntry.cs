using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>One entry of a ledger: a command, or none, and what it changed.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record LedgerEntry
{
    /// <summary>The entry's number, counted from 1 without gaps: where to go on reading.</summary>
    public required ulong Number { get; init; }

    /// <summary>The block in which it stands.</summary>
    public required LedgerBlock Block { get; init; }

    /// <summary>The entry's hash, which chains it to the one before.</summary>
    public required Digest Hash { get; init; }

    /// <summary>The command; null for an entry that only marks time.</summary>
    public required SignedCommand? Command { get; init; }

    /// <summary>What changed, in order.</summary>
    public required IReadOnlyList<LedgerEvent> Events { get; init => field = ValueList.Of(value); }

    /// <summary>The block's time.</summary>
    public DateTimeOffset Time => Block.Time;
}
