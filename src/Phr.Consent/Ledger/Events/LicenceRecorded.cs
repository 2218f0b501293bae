using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An agency recorded a doctor's licence.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record LicenceRecorded : LedgerEvent
{
    /// <summary>Whose licence it is.</summary>
    public required ActorId Doctor { get; init; }

    /// <summary>By whom.</summary>
    public required ActorId Agency { get; init; }

    /// <summary>SHA-256 of the signed credential.</summary>
    public required Digest CredentialDigest { get; init; }

    /// <summary>The speciality's code.</summary>
    public required string Speciality { get; init; }

    /// <summary>Where the doctor practises; zero for none.</summary>
    public required ActorId Organisation { get; init; }

    /// <summary>When the licence ends.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.LicenceRecorded;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Doctor = map.Actor("doctor", Doctor),
        Agency = map.Actor("agency", Agency),
        CredentialDigest = map.Digest("credentialDigest", CredentialDigest),
        Speciality = map.Code("speciality", Speciality, LedgerLimits.CodeLength),
        Organisation = map.Actor("organisation", Organisation),
        NotAfter = map.Time("notAfter", NotAfter),
    };
}
