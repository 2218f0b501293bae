using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A bundle has a new header.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record BundleRevised : LedgerEvent
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The header until now.</summary>
    public required Digest PreviousHeaderDigest { get; init; }

    /// <summary>The header from now on.</summary>
    public required Digest HeaderDigest { get; init; }

    /// <summary>The root over its documents.</summary>
    public required Digest DocumentsRoot { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.BundleRevised;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        PreviousHeaderDigest = map.Digest("previousHeaderDigest", PreviousHeaderDigest),
        HeaderDigest = map.Digest("headerDigest", HeaderDigest),
        DocumentsRoot = map.Digest("documentsRoot", DocumentsRoot),
    };
}
