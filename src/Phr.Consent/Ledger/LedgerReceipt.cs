namespace Phr.Consent;

/// <summary>Says that a command was accepted, and what it changed.</summary>
/// <param name="Entry">The entry that it became.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record LedgerReceipt(LedgerEntry Entry)
{
    /// <summary>The entry's number.</summary>
    public ulong Number => Entry.Number;

    /// <summary>What changed, in order.</summary>
    public IReadOnlyList<LedgerEvent> Events => Entry.Events;
}
