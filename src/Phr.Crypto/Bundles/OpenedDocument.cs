namespace Phr.Crypto;

/// <summary>What a reader knows of a document once all of it was decrypted and checked.</summary>
/// <remarks>Its existence is the report of completion: until a reader returns one, what it wrote is the beginning of a document that failed. Immutable and thread safe.</remarks>
public sealed class OpenedDocument
{
    internal OpenedDocument(DocumentId documentId, DocumentInfo info, Digest digest)
    {
        DocumentId = documentId;
        Info = info;
        Digest = digest;
    }

    /// <summary>The document.</summary>
    public DocumentId DocumentId { get; }

    /// <summary>Its title, media type, length and labels.</summary>
    public DocumentInfo Info { get; }

    /// <summary>SHA-256 of the plaintext that was written; it is the one the patient sealed.</summary>
    public Digest Digest { get; }

    /// <summary>
    /// The signatures of those the document came from, each verified: over <see cref="Digest"/>, for the bundle's patient, under the key in it.
    /// That a key is its signer's, a key record or a ledger says.
    /// </summary>
    public IReadOnlyList<SourceSignature> SourceSignatures => Info.SourceSignatures;

    /// <summary>The type's name; never the title.</summary>
    /// <returns><c>OpenedDocument</c>.</returns>
    public override string ToString() => nameof(OpenedDocument);
}
