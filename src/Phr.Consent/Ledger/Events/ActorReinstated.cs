using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An agency ended a suspension.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ActorReinstated : LedgerEvent
{
    /// <summary>Who.</summary>
    public required ActorId Actor { get; init; }

    /// <summary>By whom.</summary>
    public required ActorId Agency { get; init; }

    /// <summary>Why.</summary>
    public required int ReasonCode { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ActorReinstated;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Actor = map.Actor("actor", Actor),
        Agency = map.Actor("agency", Agency),
        ReasonCode = map.Int32("reasonCode", ReasonCode, LedgerLimits.ReasonCode),
    };
}
