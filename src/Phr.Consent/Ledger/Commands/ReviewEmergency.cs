using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Reviews an emergency that trustees granted. By the patient, or by an agency.</summary>
/// <remarks>Every such grant has to be reviewed, whether or not it was used. Immutable and thread safe.</remarks>
public sealed record ReviewEmergency : LedgerCommand
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>What was found.</summary>
    public required EmergencyFinding Finding { get; init; }

    /// <summary>A salted digest of the report; zero for none.</summary>
    public Digest ReportDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ReviewEmergency;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Finding = (EmergencyFinding)map.Int32("finding", (int)Finding, (int)EmergencyFinding.Unjustified),
        ReportDigest = map.Digest("reportDigest", ReportDigest),
    };

    internal override string? FindFault() => Finding == EmergencyFinding.None ? "A review finds an emergency justified or not." : null;
}
