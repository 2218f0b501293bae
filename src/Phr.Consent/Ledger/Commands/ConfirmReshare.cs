using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Says which dealers' contributions make the new dealing, and which dealing that is. By a dealer that is one of them.</summary>
/// <remarks>
/// When every dealer of one set confirmed that set with one dealing, the dealing is proposed by this command. A dealer may confirm again, for instance when another one was left out meanwhile; its latest word counts.
/// Immutable and thread safe.
/// </remarks>
public sealed record ConfirmReshare : LedgerCommand
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The plan.</summary>
    public required Digest PlanDigest { get; init; }

    /// <summary>The confirming dealer's seat in the active policy.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>SHA-256 of the dealing's bytes.</summary>
    public required Digest DealingDigest { get; init; }

    /// <summary>The seats of the dealers whose contributions were combined: distinct, by group and then by member, meeting the active policy.</summary>
    public required IReadOnlyList<TrusteeSeat> Dealers { get; init => field = ValueList.Of(value); }

    /// <summary>SHA-256 of the confirmation that the dealer signed with the key that the active dealing names: what everybody else relies on.</summary>
    public required Digest ConfirmationDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ConfirmReshare;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        PlanDigest = map.Digest("planDigest", PlanDigest),
        Seat = map.Nested("seat", Seat),
        DealingDigest = map.Digest("dealingDigest", DealingDigest),
        Dealers = map.List("dealers", Dealers, LedgerLimits.Trustees),
        ConfirmationDigest = map.Digest("confirmationDigest", ConfirmationDigest),
    };
}
