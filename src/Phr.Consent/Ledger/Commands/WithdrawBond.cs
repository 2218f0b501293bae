using Phr.Consent.Fields;

namespace Phr.Consent;

/// <summary>Takes out the part of the bond that was asked back, when the delay is over. By the oracle, whatever its state.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record WithdrawBond : LedgerCommand
{
    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.WithdrawBond;

    internal override bool OutlastsRemoval => true;

    internal override LedgerCommand Map(FieldMap map) => this;
}
