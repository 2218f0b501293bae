using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A trustee supported a recovery.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RecoverySupported : LedgerEvent
{
    /// <summary>Whose key it is.</summary>
    public required ActorId Patient { get; init; }

    /// <summary>The trustee's seat.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>Who it is.</summary>
    public required ActorId Trustee { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.RecoverySupported;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Patient = map.Actor("patient", Patient),
        Seat = map.Nested("seat", Seat),
        Trustee = map.Actor("trustee", Trustee),
    };
}
