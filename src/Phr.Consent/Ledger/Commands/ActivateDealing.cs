using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Makes a dealing the active one; requests of the earlier one that are not granted are voided.</summary>
/// <remarks>
/// By anybody when all have acknowledged, or, for a dealing by the trustees, when those who have meet the policy and nobody complained. By the patient, who then names the seats to do without, when those who have meet the policy.
/// Never before the delay is over. Immutable and thread safe.
/// </remarks>
public sealed record ActivateDealing : LedgerCommand
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The dealing.</summary>
    public required Digest DealingDigest { get; init; }

    /// <summary>The seats that the patient does without: at least all that have not acknowledged, those that complained among them. Empty from anybody else.</summary>
    public IReadOnlyList<TrusteeSeat> Without { get; init => field = ValueList.Of(value); } = ValueList.Of<TrusteeSeat>([]);

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ActivateDealing;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        DealingDigest = map.Digest("dealingDigest", DealingDigest),
        Without = map.List("without", Without, LedgerLimits.Trustees),
    };
}
