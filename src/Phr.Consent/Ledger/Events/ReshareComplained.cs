using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A trustee of the new policy complained of a dealer, who is left out.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ReshareComplained : LedgerEvent
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>SHA-256 of the plan.</summary>
    public required Digest PlanDigest { get; init; }

    /// <summary>The complaining trustee's seat in the new policy.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>Who it is.</summary>
    public required ActorId Trustee { get; init; }

    /// <summary>The dealer's seat in the active policy.</summary>
    public required TrusteeSeat Dealer { get; init; }

    /// <summary>SHA-256 of the evidence.</summary>
    public required Digest EvidenceDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ReshareComplained;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        PlanDigest = map.Digest("planDigest", PlanDigest),
        Seat = map.Nested("seat", Seat),
        Trustee = map.Actor("trustee", Trustee),
        Dealer = map.Nested("dealer", Dealer),
        EvidenceDigest = map.Digest("evidenceDigest", EvidenceDigest),
    };
}
