using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An agency suspended an actor. Its approvals of requests not yet granted are void.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ActorSuspended : LedgerEvent
{
    /// <summary>Who.</summary>
    public required ActorId Actor { get; init; }

    /// <summary>By whom.</summary>
    public required ActorId Agency { get; init; }

    /// <summary>Why.</summary>
    public required int ReasonCode { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ActorSuspended;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Actor = map.Actor("actor", Actor),
        Agency = map.Actor("agency", Agency),
        ReasonCode = map.Int32("reasonCode", ReasonCode, LedgerLimits.ReasonCode),
    };
}
