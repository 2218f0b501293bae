using Phr.Consent.Fields;

namespace Phr.Consent;

/// <summary>Cancels a recovery of the signer's own key. By the patient.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record CancelRecovery : LedgerCommand
{
    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.CancelRecovery;

    internal override bool OnlyWithdraws => true;

    internal override LedgerCommand Map(FieldMap map) => this;
}
