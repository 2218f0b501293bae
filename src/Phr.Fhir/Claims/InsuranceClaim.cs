using Phr.Consent;
using Phr.Crypto;

namespace Phr.Fhir;

/// <summary>An insurance claim, asked before it is paid.</summary>
/// <remarks><see cref="FhirR4"/> writes and reads it as R4 <c>Claim</c> with use <c>preauthorization</c>. What was treated is not in it: that is in the sealed evidence. Immutable and thread safe.</remarks>
public sealed record InsuranceClaim
{
    /// <summary>The resource's id on its server, 1 to 64 of letters, digits, <c>-</c> and <c>.</c>; null for none.</summary>
    public string? Id { get; init; }

    /// <summary>What it is called: on a ledger <see cref="LedgerUrn.ForClaim"/>.</summary>
    public required FhirIdentifier Identifier { get; init; }

    /// <summary>Whether it stands.</summary>
    public required InsuranceClaimStatus Status { get; init; }

    /// <summary>Who claims, a <c>Patient</c>.</summary>
    public required FhirReference Patient { get; init; }

    /// <summary>Who treated.</summary>
    public required FhirReference Doctor { get; init; }

    /// <summary>Where; null when that is not said.</summary>
    public FhirReference? Hospital { get; init; }

    /// <summary>Who is to pay, an <c>Organization</c>.</summary>
    public required FhirReference Insurer { get; init; }

    /// <summary>When it was filed.</summary>
    public required DateTimeOffset FiledAt { get; init; }

    /// <summary>What is claimed.</summary>
    public required MoneyAmount Amount { get; init; }

    /// <summary>SHA-256 of the sealed evidence; null for none.</summary>
    public Digest? EvidenceDigest { get; init; }

    /// <summary>What the claim rests on: a digest that means something to its parties; null for nothing.</summary>
    public Digest? RelatedTo { get; init; }

    /// <summary>A claim of a ledger.</summary>
    /// <param name="claim">The claim, as the ledger tells it.</param>
    /// <param name="names">The ledger, and what its actors are called in the FHIR system.</param>
    /// <returns>The claim; cancelled when the patient withdrew it.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">FHIR R4 does not know the currency.</exception>
    public static InsuranceClaim FromLedger(ClaimRecord claim, LedgerNames names)
    {
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentNullException.ThrowIfNull(names);
        return new InsuranceClaim
        {
            Identifier = FhirIdentifier.Of(LedgerUrn.ForClaim(names.Ledger, claim.Id)),
            Status = claim.Status == ClaimStatus.Withdrawn ? InsuranceClaimStatus.Cancelled : InsuranceClaimStatus.Active,
            Patient = names.Of(claim.Patient, "Patient"),
            Doctor = names.Of(claim.Doctor, "Practitioner"),
            Hospital = names.Of(claim.Hospital, "Organization"),
            Insurer = names.Of(claim.Insurer, "Organization"),
            FiledAt = claim.FiledAt,
            Amount = MoneyAmount.FromSmallestUnits(claim.Amount, claim.Currency),
            EvidenceDigest = claim.EvidenceDigest.IsZero ? null : claim.EvidenceDigest,
            RelatedTo = claim.RelatedTo.IsZero ? null : claim.RelatedTo,
        };
    }
}
