using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Files a claim to an insurer. By the patient; doctor and hospital endorse it before the insurer decides.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record FileClaim : LedgerCommand
{
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
    public Digest RelatedTo { get; init; }

    /// <summary>Salted commitment to the evidence, the same for everybody to whom it is sealed.</summary>
    public required Digest EvidenceCommitment { get; init; }

    /// <summary>SHA-256 of the sealed evidence.</summary>
    public required Digest EvidenceDigest { get; init; }

    /// <summary>When the claim ends if nobody decides; whole seconds.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>32 random bytes that make the claim's id its own.</summary>
    public required Digest Salt { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.FileClaim;

    /// <summary>The claim's id: keccak256 of abi.encode(keccak256("phr/claim/v1"), chain id, ledger, patient, and every field but in its order, the currency as bytes3).</summary>
    /// <param name="ledger">The ledger.</param>
    /// <returns>The id. It stands for all that the claim says, so nobody can file another claim under it.</returns>
    public Digest ComputeId(LedgerId ledger) => ClaimRecord.ComputeId(ledger, Actor, this);

    internal static string? FindCurrencyFault(string currency) =>
        currency is { Length: 3 } && !currency.AsSpan().ContainsAnyExceptInRange('A', 'Z') ? null : "A currency has three capital letters.";

    internal override string? FindFault() =>
        Amount == 0 ? "A claim is for something."
        : EvidenceCommitment.IsZero || EvidenceDigest.IsZero ? "A claim has evidence."
        : FindCurrencyFault(Currency);

    internal override LedgerCommand Map(FieldMap map) => this with
    {
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
    };
}
