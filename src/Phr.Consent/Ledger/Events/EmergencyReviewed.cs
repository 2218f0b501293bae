using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An emergency was reviewed.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record EmergencyReviewed : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>Who reviewed it.</summary>
    public required ActorId Reviewer { get; init; }

    /// <summary>What was found.</summary>
    public required EmergencyFinding Finding { get; init; }

    /// <summary>A salted digest of the report; zero for none.</summary>
    public required Digest ReportDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.EmergencyReviewed;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Reviewer = map.Actor("reviewer", Reviewer),
        Finding = (EmergencyFinding)map.Int32("finding", (int)Finding, (int)EmergencyFinding.Unjustified),
        ReportDigest = map.Digest("reportDigest", ReportDigest),
    };
}
