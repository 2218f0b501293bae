using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A patient filed a claim.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ClaimFiled : LedgerEvent
{
    /// <summary>The claim.</summary>
    public required Digest ClaimId { get; init; }

    /// <summary>Who claims.</summary>
    public required ActorId Patient { get; init; }

    /// <summary>Who is to pay.</summary>
    public required ActorId Insurer { get; init; }

    /// <summary>Who treated, and endorses first.</summary>
    public required ActorId Doctor { get; init; }

    /// <summary>Where, and who endorses next.</summary>
    public required ActorId Hospital { get; init; }

    /// <summary>What is claimed, in the currency's smallest units; at least 1.</summary>
    public required ulong Amount { get; init; }

    /// <summary>The currency: three capital letters, ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>A request, or a salted digest of anything else that the claim rests on; zero for none.</summary>
    public required Digest RelatedTo { get; init; }

    /// <summary>Salted commitment to the evidence, the same for everybody to whom it is sealed.</summary>
    public required Digest EvidenceCommitment { get; init; }

    /// <summary>SHA-256 of the sealed evidence.</summary>
    public required Digest EvidenceDigest { get; init; }

    /// <summary>When the claim ends if nobody decides; whole seconds.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>32 random bytes that make the claim's id its own.</summary>
    public required Digest Salt { get; init; }

    /// <summary>Whether an agency, too, has to endorse it: by its amount and what the insurer had set.</summary>
    public required bool AgencyReviews { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ClaimFiled;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        ClaimId = map.Digest("claimId", ClaimId),
        Patient = map.Actor("patient", Patient),
        Insurer = map.Actor("insurer", Insurer),
        Doctor = map.Actor("doctor", Doctor),
        Hospital = map.Actor("hospital", Hospital),
        Amount = map.UInt64("amount", Amount),
        Currency = map.Code("currency", Currency, 3),
        RelatedTo = map.Digest("relatedTo", RelatedTo),
        EvidenceCommitment = map.Digest("evidenceCommitment", EvidenceCommitment),
        EvidenceDigest = map.Digest("evidenceDigest", EvidenceDigest),
        NotAfter = map.Time("notAfter", NotAfter),
        Salt = map.Digest("salt", Salt),
        AgencyReviews = map.Boolean("agencyReviews", AgencyReviews),
    };
}
