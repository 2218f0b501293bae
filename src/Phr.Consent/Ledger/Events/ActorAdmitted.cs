using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An agency admitted an actor.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ActorAdmitted : LedgerEvent
{
    /// <summary>Who was admitted.</summary>
    public required ActorId Actor { get; init; }

    /// <summary>By whom.</summary>
    public required ActorId Agency { get; init; }

    /// <summary>When it is active: for an agency not before it accepts after the delay, for all others at once.</summary>
    public required DateTimeOffset EffectiveAt { get; init; }

    /// <summary>An oracle's number in the registry, from 1 in the order of admission; 0 for everybody else.</summary>
    public required int OracleIndex { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ActorAdmitted;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Actor = map.Actor("actor", Actor),
        Agency = map.Actor("agency", Agency),
        EffectiveAt = map.Time("effectiveAt", EffectiveAt),
        OracleIndex = map.Int32("oracleIndex", OracleIndex, LedgerLimits.Oracles),
    };
}
