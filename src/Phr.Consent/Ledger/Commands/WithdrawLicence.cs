using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Withdraws a doctor's licence at once. By an agency.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record WithdrawLicence : LedgerCommand
{
    /// <summary>Whose licence it is.</summary>
    public required ActorId Doctor { get; init; }

    /// <summary>Why: a code the parties agree on, 0 to 65,535.</summary>
    public required int ReasonCode { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.WithdrawLicence;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Doctor = map.Actor("doctor", Doctor),
        ReasonCode = map.Int32("reasonCode", ReasonCode, LedgerLimits.ReasonCode),
    };
}
