using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A doctor's licence, as an agency recorded it.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record LicenceRecord
{
    /// <summary>SHA-256 of the signed credential.</summary>
    public required Digest CredentialDigest { get; init; }

    /// <summary>The speciality's code.</summary>
    public required string Speciality { get; init; }

    /// <summary>Where the doctor practises; zero for none.</summary>
    public required ActorId Organisation { get; init; }

    /// <summary>When it ends.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>Who recorded it.</summary>
    public required ActorId Agency { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset RecordedAt { get; init; }
}
