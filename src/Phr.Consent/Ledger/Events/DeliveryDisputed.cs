using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A delivery was shown to be false. Beside it stand BondSlashed and ReputationChanged: the oracle's correctness falls to nothing.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record DeliveryDisputed : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>Who delivered.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>Who showed it.</summary>
    public required ActorId Challenger { get; init; }

    /// <summary>0, or 1 after a redraw.</summary>
    public required int Round { get; init; }

    /// <summary>How many uses of the grant had been counted.</summary>
    public required int Use { get; init; }

    /// <summary>The oracle's place in the committee.</summary>
    public required int Index { get; init; }

    /// <summary>What was shown to be broken.</summary>
    public required DeliveryCheck Check { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.DeliveryDisputed;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Oracle = map.Actor("oracle", Oracle),
        Challenger = map.Actor("challenger", Challenger),
        Round = map.Int32("round", Round, byte.MaxValue),
        Use = map.Int32("use", Use, byte.MaxValue),
        Index = map.Int32("index", Index, LedgerLimits.Committee),
        Check = (DeliveryCheck)map.Int32("check", (int)Check, (int)DeliveryCheck.Equivocation),
    };
}
