using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A trustee proposed a new ledger key for a patient.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RecoveryProposed : LedgerEvent
{
    /// <summary>Whose key it is.</summary>
    public required ActorId Patient { get; init; }

    /// <summary>Who proposed.</summary>
    public required ActorId Trustee { get; init; }

    /// <summary>The bundle whose policy decides.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The dealing whose policy decides.</summary>
    public required Digest DealingDigest { get; init; }

    /// <summary>The address of the new ledger key.</summary>
    public required ActorId NewLedgerAddress { get; init; }

    /// <summary>SHA-256 of the new key record.</summary>
    public required Digest KeyRecordDigest { get; init; }

    /// <summary>When the new key record ends.</summary>
    public required DateTimeOffset KeyValidUntil { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.RecoveryProposed;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Patient = map.Actor("patient", Patient),
        Trustee = map.Actor("trustee", Trustee),
        BundleId = map.Bundle("bundleId", BundleId),
        DealingDigest = map.Digest("dealingDigest", DealingDigest),
        NewLedgerAddress = map.Actor("newLedgerAddress", NewLedgerAddress),
        KeyRecordDigest = map.Digest("keyRecordDigest", KeyRecordDigest),
        KeyValidUntil = map.Time("keyValidUntil", KeyValidUntil),
    };
}
