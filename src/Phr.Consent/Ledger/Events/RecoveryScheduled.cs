using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A recovery reached its quorum.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RecoveryScheduled : LedgerEvent
{
    /// <summary>Whose key it is.</summary>
    public required ActorId Patient { get; init; }

    /// <summary>From when on it may be completed; until then, and until it is, the patient may cancel.</summary>
    public required DateTimeOffset EffectiveAt { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.RecoveryScheduled;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Patient = map.Actor("patient", Patient),
        EffectiveAt = map.Time("effectiveAt", EffectiveAt),
    };
}
