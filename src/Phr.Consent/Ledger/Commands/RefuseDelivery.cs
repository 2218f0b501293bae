using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Records that an oracle cannot serve, before the deadline; it loses nothing. By the committee's oracle of that index.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RefuseDelivery : LedgerCommand
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>The oracle's place in the committee, counted from 1.</summary>
    public required int Index { get; init; }

    /// <summary>Why: a code the parties agree on, 0 to 65,535.</summary>
    public required int ReasonCode { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.RefuseDelivery;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Index = map.Int32("index", Index, LedgerLimits.Committee),
        ReasonCode = map.Int32("reasonCode", ReasonCode, LedgerLimits.ReasonCode),
    };
}
