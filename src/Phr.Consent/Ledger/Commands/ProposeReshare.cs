using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Proposes that the trustees deal their shares onward, to themselves anew or to others, without the patient. By a trustee of the bundle's active policy.</summary>
/// <remarks>
/// The patient's delay begins: nobody deals before <see cref="LedgerParameters.TrusteeChangeDelay"/> is over, since what is once dealt to a new trustee cannot be taken back. The new policy may not ask for less than the active one
/// (<see cref="ConsentPolicy.FindRelaxation"/>). Every new trustee must be active, and the policy must name the organisation that the ledger knows it to belong to. One dealing or reshare waits at a time; the patient may cancel it whenever, and the patient's own
/// proposal of a dealing ends it. Immutable and thread safe.
/// </remarks>
public sealed record ProposeReshare : LedgerCommand
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The header that the active dealing serves.</summary>
    public required Digest HeaderDigest { get; init; }

    /// <summary>The bundle's last epoch, of either track, plus 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The active dealing of the policy's track, whose shares are dealt onward.</summary>
    public required Digest PreviousDealingDigest { get; init; }

    /// <summary>SHA-256 of the plan's bytes.</summary>
    public required Digest PlanDigest { get; init; }

    /// <summary>The policy of the new dealing, as in the plan.</summary>
    public required ConsentPolicy Policy { get; init; }

    /// <summary>Until when contributions, complaints and confirmations are accepted: after the delay, by no more than <see cref="LedgerParameters.MaxRequestLifetime"/>.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ProposeReshare;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        HeaderDigest = map.Digest("headerDigest", HeaderDigest),
        Epoch = map.Int32("epoch", Epoch, LedgerLimits.EpochMax),
        PreviousDealingDigest = map.Digest("previousDealingDigest", PreviousDealingDigest),
        PlanDigest = map.Digest("planDigest", PlanDigest),
        Policy = map.Policy("policy", Policy),
        NotAfter = map.Time("notAfter", NotAfter),
    };
}
