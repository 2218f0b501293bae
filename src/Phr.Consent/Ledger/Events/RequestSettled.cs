using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The facts of the request were turned into reputation: the ledger's rules say how much.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RequestSettled : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>The round that was settled.</summary>
    public required int Round { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.RequestSettled;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Round = map.Int32("round", Round, LedgerLimits.RoundMax),
    };
}
