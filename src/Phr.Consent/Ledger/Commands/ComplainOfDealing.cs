using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Says that this trustee's share is missing or false. By that trustee, instead of an acknowledgement.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ComplainOfDealing : LedgerCommand
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The dealing.</summary>
    public required Digest DealingDigest { get; init; }

    /// <summary>The trustee's seat.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>SHA-256 of the sealed evidence, or a salted commitment to it.</summary>
    public required Digest EvidenceDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ComplainOfDealing;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        DealingDigest = map.Digest("dealingDigest", DealingDigest),
        Seat = map.Nested("seat", Seat),
        EvidenceDigest = map.Digest("evidenceDigest", EvidenceDigest),
    };
}
