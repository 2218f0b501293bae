using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Records a new header of a bundle. By its patient.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ReviseBundle : LedgerCommand
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The header that the ledger has now: compare and swap.</summary>
    public required Digest PreviousHeaderDigest { get; init; }

    /// <summary>SHA-256 of the new header's bytes.</summary>
    public required Digest HeaderDigest { get; init; }

    /// <summary>The root over the documents in the new header.</summary>
    public required Digest DocumentsRoot { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ReviseBundle;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        PreviousHeaderDigest = map.Digest("previousHeaderDigest", PreviousHeaderDigest),
        HeaderDigest = map.Digest("headerDigest", HeaderDigest),
        DocumentsRoot = map.Digest("documentsRoot", DocumentsRoot),
    };
}
