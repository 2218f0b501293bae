using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Proposes a new ledger key for a patient who lost the old one. By a trustee of the named bundle's active policy.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ProposeRecovery : LedgerCommand
{
    /// <summary>Whose key it is.</summary>
    public required ActorId Patient { get; init; }

    /// <summary>The bundle whose active policy decides.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The address of the new ledger key.</summary>
    public required ActorId NewLedgerAddress { get; init; }

    /// <summary>SHA-256 of the new key record.</summary>
    public required Digest KeyRecordDigest { get; init; }

    /// <summary>When the new key record ends. Whole seconds.</summary>
    public required DateTimeOffset ValidUntil { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ProposeRecovery;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Patient = map.Actor("patient", Patient),
        BundleId = map.Bundle("bundleId", BundleId),
        NewLedgerAddress = map.Actor("newLedgerAddress", NewLedgerAddress),
        KeyRecordDigest = map.Digest("keyRecordDigest", KeyRecordDigest),
        ValidUntil = map.Time("validUntil", ValidUntil),
    };
}
