using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A patient showed that it is there.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record PresenceConfirmed : LedgerEvent
{
    /// <summary>The patient.</summary>
    public required ActorId Patient { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.PresenceConfirmed;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Patient = map.Actor("patient", Patient),
    };
}
