using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A new delivery window began: deliveries, refusals, ratings and opening of the former one are history.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record UsedAgain : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>How many uses are behind now, 1 to 14.</summary>
    public required int Used { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.UsedAgain;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Used = map.Int32("used", Used, LedgerLimits.Uses),
    };
}
