using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An oracle said that it cannot serve.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record DeliveryRefused : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>The oracle's place in the committee.</summary>
    public required int Index { get; init; }

    /// <summary>Who it is.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>Why.</summary>
    public required int ReasonCode { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.DeliveryRefused;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Index = map.Int32("index", Index, LedgerLimits.Committee),
        Oracle = map.Actor("oracle", Oracle),
        ReasonCode = map.Int32("reasonCode", ReasonCode, LedgerLimits.ReasonCode),
    };
}
