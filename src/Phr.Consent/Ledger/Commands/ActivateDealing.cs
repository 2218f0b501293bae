using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Makes a dealing the active one; requests of the earlier one that are not granted are voided.</summary>
/// <remarks>By anybody when all have acknowledged; by the patient when those who have meet the policy. Never before the delay is over. Immutable and thread safe.</remarks>
public sealed record ActivateDealing : LedgerCommand
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The dealing.</summary>
    public required Digest DealingDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ActivateDealing;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        DealingDigest = map.Digest("dealingDigest", DealingDigest),
    };
}
