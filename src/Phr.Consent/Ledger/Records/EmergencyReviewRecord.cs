using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The review of an emergency.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record EmergencyReviewRecord
{
    /// <summary>Who reviewed: the patient, or an agency.</summary>
    public required ActorId Reviewer { get; init; }

    /// <summary>What was found.</summary>
    public required EmergencyFinding Finding { get; init; }

    /// <summary>A salted digest of the report; zero for none.</summary>
    public required Digest ReportDigest { get; init; }

    /// <summary>When it was recorded.</summary>
    public required DateTimeOffset Time { get; init; }
}
