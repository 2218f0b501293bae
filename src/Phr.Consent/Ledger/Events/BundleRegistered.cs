using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A bundle was registered.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record BundleRegistered : LedgerEvent
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>Whose it is.</summary>
    public required ActorId Patient { get; init; }

    /// <summary>SHA-256 of its header.</summary>
    public required Digest HeaderDigest { get; init; }

    /// <summary>The root over its documents.</summary>
    public required Digest DocumentsRoot { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.BundleRegistered;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        Patient = map.Actor("patient", Patient),
        HeaderDigest = map.Digest("headerDigest", HeaderDigest),
        DocumentsRoot = map.Digest("documentsRoot", DocumentsRoot),
    };
}
