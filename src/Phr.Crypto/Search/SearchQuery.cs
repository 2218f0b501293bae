using System.Diagnostics;

namespace Phr.Crypto;

/// <summary>Terms joined by AND and OR.</summary>
/// <remarks>
/// It is evaluated by whoever holds the tokens, on the documents of each term; so it says what they want to see, and hides nothing from them.
/// There is no NOT: the complement is the rest of the header. Immutable and thread safe.
/// </remarks>
[DebuggerDisplay("SearchQuery of {Terms.Count} terms")]
public sealed class SearchQuery
{
    /// <summary>The most terms that a query has, each counted once: 256.</summary>
    public const int MaxTerms = 256;

    /// <summary>How deep queries may be joined: 16.</summary>
    public const int MaxDepth = 16;

    private readonly SearchTerm? _term;
    private readonly SearchQuery[] _parts;
    private readonly bool _isConjunction;
    private readonly int _depth;
    private readonly SearchTerm[] _terms;

    private SearchQuery(SearchTerm? term, IReadOnlyList<SearchQuery> parts, bool isConjunction)
    {
        _term = term;
        _parts = [.. parts];
        _isConjunction = isConjunction;
        _depth = 1 + _parts.Select(static p => p._depth).DefaultIfEmpty().Max();
        _terms = term is not null ? [term] : [.. _parts.SelectMany(static p => p._terms).Distinct()];
        if (_depth > MaxDepth || _terms.Length > MaxTerms)
        {
            throw new ArgumentException($"A query has at most {MaxTerms} terms and is at most {MaxDepth} deep.", nameof(parts));
        }
    }

    /// <summary>Every term of the query, once.</summary>
    public IReadOnlyList<SearchTerm> Terms => _terms;

    /// <summary>Documents that have a term.</summary>
    /// <param name="term">The term.</param>
    /// <returns>The query.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="term"/> is null.</exception>
    public static SearchQuery Of(SearchTerm term)
    {
        ArgumentNullException.ThrowIfNull(term);
        return new SearchQuery(term, [], false);
    }

    /// <summary>Documents that fit every one of several queries: AND.</summary>
    /// <param name="queries">The queries, at least one.</param>
    /// <returns>The query.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="queries"/> or one of them is null.</exception>
    /// <exception cref="ArgumentException">There is none, or the query becomes too large.</exception>
    public static SearchQuery All(params IReadOnlyList<SearchQuery> queries) => Join(queries, true);

    /// <summary>Documents that fit at least one of several queries: OR.</summary>
    /// <param name="queries">The queries, at least one.</param>
    /// <returns>The query.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="queries"/> or one of them is null.</exception>
    /// <exception cref="ArgumentException">There is none, or the query becomes too large.</exception>
    public static SearchQuery Any(params IReadOnlyList<SearchQuery> queries) => Join(queries, false);

    /// <summary>The type's name; never the terms.</summary>
    /// <returns><c>SearchQuery</c>.</returns>
    public override string ToString() => nameof(SearchQuery);

    internal HashSet<DocumentId> Evaluate(IReadOnlyDictionary<SearchTerm, IReadOnlyList<DocumentId>> found)
    {
        if (_term is not null)
        {
            return [.. found[_term]];
        }

        HashSet<DocumentId> result = _parts[0].Evaluate(found);
        foreach (SearchQuery part in _parts.Skip(1))
        {
            if (_isConjunction)
            {
                result.IntersectWith(part.Evaluate(found));
            }
            else
            {
                result.UnionWith(part.Evaluate(found));
            }
        }

        return result;
    }

    private static SearchQuery Join(IReadOnlyList<SearchQuery> queries, bool isConjunction)
    {
        ArgumentNullException.ThrowIfNull(queries);
        foreach (SearchQuery query in queries)
        {
            ArgumentNullException.ThrowIfNull(query, nameof(queries));
        }

        return queries.Count > 0
            ? new SearchQuery(null, queries, isConjunction)
            : throw new ArgumentException("A query has at least one part.", nameof(queries));
    }
}
