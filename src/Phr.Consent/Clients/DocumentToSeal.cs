using Phr.Crypto;

namespace Phr.Consent;

/// <summary>One document to be sealed.</summary>
/// <param name="Info">Title, media type, visible labels and source signatures.</param>
/// <param name="Open">Opens the content for reading from the start; called once.</param>
public sealed record DocumentToSeal(DocumentInfo Info, Func<Stream> Open);
