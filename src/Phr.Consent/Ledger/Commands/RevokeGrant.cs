using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Ends a grant: no honest oracle serves it any more. By the bundle's patient.</summary>
/// <remarks>It recalls nothing that was opened. Immutable and thread safe.</remarks>
public sealed record RevokeGrant : LedgerCommand
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>Why: a code the parties agree on, 0 to 65,535.</summary>
    public required int ReasonCode { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.RevokeGrant;

    internal override bool OnlyWithdraws => true;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        ReasonCode = map.Int32("reasonCode", ReasonCode, LedgerLimits.ReasonCode),
    };
}
