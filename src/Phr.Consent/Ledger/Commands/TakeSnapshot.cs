using Phr.Consent.Fields;

namespace Phr.Consent;

/// <summary>Lists the oracles that may be drawn now, with their weights; requests pin the list. By anybody who is active, once in <see cref="LedgerParameters.SnapshotInterval"/> blocks.</summary>
/// <remarks>Whoever takes it chooses nothing but the moment. Immutable and thread safe.</remarks>
public sealed record TakeSnapshot : LedgerCommand
{
    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.TakeSnapshot;

    internal override LedgerCommand Map(FieldMap map) => this;
}
