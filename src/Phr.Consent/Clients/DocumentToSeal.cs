using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>One document to be sealed.</summary>
/// <param name="Info">Title, media type, visible labels and source signatures.</param>
/// <param name="Open">Opens the content for reading from the start; called once.</param>
public sealed record DocumentToSeal(DocumentInfo Info, Func<Stream> Open)
{
    /// <summary>By which terms the document shall be found: words of its text, codes that stand in it.</summary>
    /// <value>None unless said. A bundle has a search index when one of its documents has terms.</value>
    public IReadOnlyList<SearchTerm> SearchTerms { get; init => field = ValueList.Of(value); } = ValueList.Of<SearchTerm>([]);
}
