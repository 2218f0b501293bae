using Phr.Consent.Fields;

namespace Phr.Consent;

/// <summary>Takes out what the actor earned by showing that an oracle cheated. By that actor, whatever its state.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record WithdrawCredit : LedgerCommand
{
    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.WithdrawCredit;

    internal override bool OutlastsRemoval => true;

    internal override LedgerCommand Map(FieldMap map) => this;
}
