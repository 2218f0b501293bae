using Phr.Crypto;

namespace Phr.Consent;

/// <summary>One document that was opened.</summary>
/// <param name="Id">The document.</param>
/// <param name="Document">Title, media type, length, digest and verified source signatures.</param>
/// <param name="Name">Where the destination put it.</param>
public sealed record OpenedFile(DocumentId Id, OpenedDocument Document, string Name);
