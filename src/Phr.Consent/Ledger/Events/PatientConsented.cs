using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The patient consented.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record PatientConsented : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>The patient.</summary>
    public required ActorId Patient { get; init; }

    /// <summary>SHA-256 of the patient's signed approval.</summary>
    public required Digest ApprovalDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.PatientConsented;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Patient = map.Actor("patient", Patient),
        ApprovalDigest = map.Digest("approvalDigest", ApprovalDigest),
    };
}
