using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A trustee acknowledged its share.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record DealingAcknowledged : LedgerEvent
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The dealing.</summary>
    public required Digest DealingDigest { get; init; }

    /// <summary>The trustee's seat.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>Who it is.</summary>
    public required ActorId Trustee { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.DealingAcknowledged;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        DealingDigest = map.Digest("dealingDigest", DealingDigest),
        Seat = map.Nested("seat", Seat),
        Trustee = map.Actor("trustee", Trustee),
    };
}
