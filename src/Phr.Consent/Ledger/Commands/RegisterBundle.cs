using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Registers a bundle. By its patient.</summary>
/// <remarks>The second registration of an id is refused, whoever sends it. Immutable and thread safe.</remarks>
public sealed record RegisterBundle : LedgerCommand
{
    /// <summary>The bundle's random id.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>SHA-256 of the header's bytes.</summary>
    public required Digest HeaderDigest { get; init; }

    /// <summary>The root over the documents in the header.</summary>
    public required Digest DocumentsRoot { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.RegisterBundle;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        HeaderDigest = map.Digest("headerDigest", HeaderDigest),
        DocumentsRoot = map.Digest("documentsRoot", DocumentsRoot),
    };
}
