using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Proposes a dealing: new shares, with the policy that they serve. By the bundle's patient.</summary>
/// <remarks>The policy says for which of the bundle's two tracks the dealing is, the normal one or that for emergencies. Every trustee must be active, and the policy must name the organisation that the ledger knows it to belong to. A reshare by the trustees that is under way, or the dealing that came of it, is cancelled. A dealing whose policy differs from the active one of its track waits for the ledger's trustee-change delay. Immutable and thread safe.</remarks>
public sealed record ProposeDealing : LedgerCommand
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The header that the ledger has now.</summary>
    public required Digest HeaderDigest { get; init; }

    /// <summary>The bundle's last epoch, of either track, plus 1; 1 for the first dealing.</summary>
    public required int Epoch { get; init; }

    /// <summary>The active dealing of the track; zero for the first.</summary>
    public Digest PreviousDealingDigest { get; init; }

    /// <summary>SHA-256 of the dealing's bytes.</summary>
    public required Digest DealingDigest { get; init; }

    /// <summary>The policy, as in the dealing.</summary>
    public required ConsentPolicy Policy { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ProposeDealing;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        HeaderDigest = map.Digest("headerDigest", HeaderDigest),
        Epoch = map.Int32("epoch", Epoch, LedgerLimits.EpochMax),
        PreviousDealingDigest = map.Digest("previousDealingDigest", PreviousDealingDigest),
        DealingDigest = map.Digest("dealingDigest", DealingDigest),
        Policy = map.Policy("policy", Policy),
    };
}
