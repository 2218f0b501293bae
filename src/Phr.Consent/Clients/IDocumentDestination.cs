using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Takes opened documents: a folder, a viewer, a health-record system.</summary>
public interface IDocumentDestination
{
    /// <summary>Makes room for one document.</summary>
    /// <param name="document">The document.</param>
    /// <param name="info">Title, media type, length and source, as the patient sealed them.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The target. Disposing it before completion leaves nothing behind.</returns>
    ValueTask<DocumentTarget> CreateAsync(DocumentId document, DocumentInfo info, CancellationToken cancellationToken = default);
}
