using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Every dealer of a set confirmed one dealing; the event DealingProposed before it says which policy it has and from when it may become active.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ReshareCompleted : LedgerEvent
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>SHA-256 of the plan.</summary>
    public required Digest PlanDigest { get; init; }

    /// <summary>SHA-256 of the dealing.</summary>
    public required Digest DealingDigest { get; init; }

    /// <summary>The seats of the set, by group and then by member.</summary>
    public required IReadOnlyList<TrusteeSeat> Dealers { get; init => field = ValueList.Of(value); }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ReshareCompleted;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        PlanDigest = map.Digest("planDigest", PlanDigest),
        DealingDigest = map.Digest("dealingDigest", DealingDigest),
        Dealers = map.List("dealers", Dealers, LedgerLimits.Trustees),
    };
}
