using Phr.Crypto;

namespace Phr.Consent;

/// <summary>What a search gave.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class SearchResult
{
    internal SearchResult(IReadOnlyList<DocumentId> documents, IReadOnlyList<SearchTerm> grantedTerms, IReadOnlyList<SearchTerm> missingTerms, string why)
    {
        Documents = documents;
        GrantedTerms = grantedTerms;
        MissingTerms = missingTerms;
        Why = why;
    }

    /// <summary>Whether the query was evaluated. It may have found nothing all the same.</summary>
    public bool Succeeded => Why.Length == 0;

    /// <summary>The documents that fit, of those that the bundle's header has, in ascending order of their ids. Ask for them in another request.</summary>
    public IReadOnlyList<DocumentId> Documents { get; }

    /// <summary>The terms for which the patient gave tokens, whatever was looked for.</summary>
    public IReadOnlyList<SearchTerm> GrantedTerms { get; }

    /// <summary>The terms of the query for which there is no token: ask the patient.</summary>
    public IReadOnlyList<SearchTerm> MissingTerms { get; }

    /// <summary>Why the query was not evaluated, without its terms; empty when it was.</summary>
    public string Why { get; }

    internal static SearchResult Nothing(string why, IReadOnlyList<SearchTerm>? granted = null, IReadOnlyList<SearchTerm>? missing = null) =>
        new([], granted ?? [], missing ?? [], why);
}
