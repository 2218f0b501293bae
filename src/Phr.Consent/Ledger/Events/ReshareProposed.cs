using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A trustee proposed that the shares be dealt onward without the patient.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ReshareProposed : LedgerEvent
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>SHA-256 of the plan.</summary>
    public required Digest PlanDigest { get; init; }

    /// <summary>The header that the active dealing serves.</summary>
    public required Digest HeaderDigest { get; init; }

    /// <summary>The epoch of the new dealing.</summary>
    public required int Epoch { get; init; }

    /// <summary>The active dealing.</summary>
    public required Digest PreviousDealingDigest { get; init; }

    /// <summary>The policy of the new dealing.</summary>
    public required ConsentPolicy Policy { get; init; }

    /// <summary>Who proposed it.</summary>
    public required ActorId Proposer { get; init; }

    /// <summary>From when dealers may contribute: until then the patient can stop it before anything is dealt.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>Until when it may be contributed to and confirmed.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ReshareProposed;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        PlanDigest = map.Digest("planDigest", PlanDigest),
        HeaderDigest = map.Digest("headerDigest", HeaderDigest),
        Epoch = map.Int32("epoch", Epoch, LedgerLimits.EpochMax),
        PreviousDealingDigest = map.Digest("previousDealingDigest", PreviousDealingDigest),
        Policy = map.Policy("policy", Policy),
        Proposer = map.Actor("proposer", Proposer),
        NotBefore = map.Time("notBefore", NotBefore),
        NotAfter = map.Time("notAfter", NotAfter),
    };
}
