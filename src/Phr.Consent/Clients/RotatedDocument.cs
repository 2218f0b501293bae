using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A document that was sealed again under new keys.</summary>
/// <param name="Before">Its id in the header that was replaced.</param>
/// <param name="After">Its id in the new header.</param>
public readonly record struct RotatedDocument(DocumentId Before, DocumentId After);
