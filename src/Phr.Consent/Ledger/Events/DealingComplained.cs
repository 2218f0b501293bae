using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A trustee complained of its share.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record DealingComplained : LedgerEvent
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The dealing.</summary>
    public required Digest DealingDigest { get; init; }

    /// <summary>The trustee's seat.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>Who it is.</summary>
    public required ActorId Trustee { get; init; }

    /// <summary>SHA-256 of the evidence.</summary>
    public required Digest EvidenceDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.DealingComplained;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        DealingDigest = map.Digest("dealingDigest", DealingDigest),
        Seat = map.Nested("seat", Seat),
        Trustee = map.Actor("trustee", Trustee),
        EvidenceDigest = map.Digest("evidenceDigest", EvidenceDigest),
    };
}
