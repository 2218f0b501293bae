using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Says that a dealer's contribution to a reshare is missing something or false; the dealer is left out. By a trustee of the new policy.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ComplainOfReshare : LedgerCommand
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The plan.</summary>
    public required Digest PlanDigest { get; init; }

    /// <summary>The complaining trustee's seat in the new policy.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>The dealer's seat in the active policy.</summary>
    public required TrusteeSeat Dealer { get; init; }

    /// <summary>SHA-256 of the evidence.</summary>
    public required Digest EvidenceDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ComplainOfReshare;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        PlanDigest = map.Digest("planDigest", PlanDigest),
        Seat = map.Nested("seat", Seat),
        Dealer = map.Nested("dealer", Dealer),
        EvidenceDigest = map.Digest("evidenceDigest", EvidenceDigest),
    };
}
