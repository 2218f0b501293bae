using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A doctor asked in an emergency: the notice to the patient and the trustees.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record EmergencyDeclared : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>The patient.</summary>
    public required ActorId Patient { get; init; }

    /// <summary>The doctor.</summary>
    public required ActorId Doctor { get; init; }

    /// <summary>The doctor's reason, a code above 0 that the parties agreed on.</summary>
    public required int ReasonCode { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.EmergencyDeclared;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Patient = map.Actor("patient", Patient),
        Doctor = map.Actor("doctor", Doctor),
        ReasonCode = map.Int32("reasonCode", ReasonCode, LedgerLimits.ReasonCode),
    };
}
