using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Records or renews a doctor's licence. By an agency.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RecordLicence : LedgerCommand
{
    /// <summary>Whose licence it is.</summary>
    public required ActorId Doctor { get; init; }

    /// <summary>SHA-256 of the signed credential.</summary>
    public required Digest CredentialDigest { get; init; }

    /// <summary>The speciality: a code of 1 to 64 printable ASCII characters without a space.</summary>
    public required string Speciality { get; init; }

    /// <summary>Where the doctor practises; zero for none.</summary>
    public ActorId Organisation { get; init; }

    /// <summary>When the licence ends. Whole seconds.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.RecordLicence;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Doctor = map.Actor("doctor", Doctor),
        CredentialDigest = map.Digest("credentialDigest", CredentialDigest),
        Speciality = map.Code("speciality", Speciality, LedgerLimits.CodeLength),
        Organisation = map.Actor("organisation", Organisation),
        NotAfter = map.Time("notAfter", NotAfter),
    };
}
