using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Denies a request. By a trustee of the pinned policy.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record DenyRequest : LedgerCommand
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>The trustee's seat.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>Why: a code the parties agree on, 0 to 65,535.</summary>
    public required int ReasonCode { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.DenyRequest;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Seat = map.Nested("seat", Seat),
        ReasonCode = map.Int32("reasonCode", ReasonCode, LedgerLimits.ReasonCode),
    };
}
