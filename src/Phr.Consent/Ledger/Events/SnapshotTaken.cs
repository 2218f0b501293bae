using Phr.Consent.Fields;

namespace Phr.Consent;

/// <summary>The registry of oracles was listed for the draws of the requests that follow.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record SnapshotTaken : LedgerEvent
{
    /// <summary>The snapshot's number, one above the last one's; the first is 1.</summary>
    public required int Number { get; init; }

    /// <summary>The oracles that may be drawn, in the order of their registry numbers.</summary>
    public required IReadOnlyList<RegistryEntry> Entries { get; init => field = ValueList.Of(value); }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.SnapshotTaken;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Number = map.Int32("number", Number, LedgerLimits.SnapshotMax),
        Entries = map.List("entries", Entries, LedgerLimits.Oracles),
    };
}
