using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The patient cancelled a recovery.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RecoveryCancelled : LedgerEvent
{
    /// <summary>Whose key it is.</summary>
    public required ActorId Patient { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.RecoveryCancelled;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Patient = map.Actor("patient", Patient),
    };
}
