using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A recovery is complete; the event KeyReplaced beside it says what changed.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RecoveryCompleted : LedgerEvent
{
    /// <summary>Whose key it is.</summary>
    public required ActorId Patient { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.RecoveryCompleted;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Patient = map.Actor("patient", Patient),
    };
}
