using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A dealer confirmed the dealing that a set of dealers makes.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ReshareConfirmed : LedgerEvent
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>SHA-256 of the plan.</summary>
    public required Digest PlanDigest { get; init; }

    /// <summary>The dealer's seat in the active policy.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>Who it is.</summary>
    public required ActorId Trustee { get; init; }

    /// <summary>SHA-256 of the dealing.</summary>
    public required Digest DealingDigest { get; init; }

    /// <summary>The seats of the set, by group and then by member.</summary>
    public required IReadOnlyList<TrusteeSeat> Dealers { get; init => field = ValueList.Of(value); }

    /// <summary>SHA-256 of the confirmation that the dealer signed with the key that the active dealing names: what everybody else relies on.</summary>
    public required Digest ConfirmationDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ReshareConfirmed;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        PlanDigest = map.Digest("planDigest", PlanDigest),
        Seat = map.Nested("seat", Seat),
        Trustee = map.Actor("trustee", Trustee),
        DealingDigest = map.Digest("dealingDigest", DealingDigest),
        Dealers = map.List("dealers", Dealers, LedgerLimits.Trustees),
        ConfirmationDigest = map.Digest("confirmationDigest", ConfirmationDigest),
    };
}
