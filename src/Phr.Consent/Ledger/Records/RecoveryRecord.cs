using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A recovery of a patient's ledger key that is under way.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record RecoveryRecord
{
    /// <summary>Whose key it is.</summary>
    public required ActorId Patient { get; init; }

    /// <summary>The trustee who proposed it.</summary>
    public required ActorId ProposedBy { get; init; }

    /// <summary>The bundle whose policy decides.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The dealing whose policy decides.</summary>
    public required Digest DealingDigest { get; init; }

    /// <summary>The epoch of that dealing: while it is the bundle's, the policy decides.</summary>
    public required int Epoch { get; init; }

    /// <summary>The address of the new ledger key.</summary>
    public required ActorId NewLedgerAddress { get; init; }

    /// <summary>SHA-256 of the new key record.</summary>
    public required Digest KeyRecordDigest { get; init; }

    /// <summary>When the new key record ends.</summary>
    public required DateTimeOffset KeyValidUntil { get; init; }

    /// <summary>When it was proposed.</summary>
    public required DateTimeOffset ProposedAt { get; init; }

    /// <summary>The policy that decides, as it was when the recovery was proposed.</summary>
    internal ConsentPolicy Policy { get; init; } = null!;

    /// <summary>Who supports it, in order.</summary>
    public IReadOnlyList<AcknowledgementRecord> Supporters { get; init => field = ValueList.Of(value); } = ValueList.Of<AcknowledgementRecord>([]);

    /// <summary>From when on it may be completed; null before the quorum.</summary>
    public DateTimeOffset? EffectiveAt { get; init; }
}
