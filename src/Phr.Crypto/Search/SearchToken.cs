using System.Diagnostics;
using Phr.Crypto.Memory;
using Phr.Crypto.Search;

namespace Phr.Crypto;

/// <summary>The key to one term of one search index: whoever holds it and the index learns which documents have the term.</summary>
/// <remarks>
/// Only the patient makes tokens. One is good for this index for as long as anybody keeps the index; it cannot be called back, and it tells
/// nothing of other terms or of an index made later. Thread safe until disposed.
/// </remarks>
[DebuggerDisplay("SearchToken")]
public sealed class SearchToken : IDisposable
{
    internal SearchToken(SearchTerm term, SecretBytes key)
    {
        Term = term;
        Key = key;
    }

    /// <summary>The term.</summary>
    public SearchTerm Term { get; }

    internal SecretBytes Key { get; }

    /// <summary>Makes the token of a term, whether or not a document has it.</summary>
    /// <param name="patient">The keys of the patient whose bundle it is; of any generation.</param>
    /// <param name="header">The bundle's header, which names the index.</param>
    /// <param name="term">The term.</param>
    /// <returns>The token. The caller disposes it.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The header names no index, or is another patient's.</exception>
    /// <remarks>The recovery secret and the header are enough: a patient need not keep the index or its keys.</remarks>
    public static SearchToken Create(PatientKeys patient, BundleHeader header, SearchTerm term)
    {
        ArgumentNullException.ThrowIfNull(term);
        using SecretBytes indexKey = DeriveIndexKey(patient, header);
        return new SearchToken(term, TermKeys.DeriveToken(indexKey.Reveal(), term));
    }

    /// <summary>Wipes the token.</summary>
    public void Dispose() => Key.Dispose();

    /// <summary>The type's name; never the term or its key.</summary>
    /// <returns><c>SearchToken</c>.</returns>
    public override string ToString() => nameof(SearchToken);

    internal static SecretBytes DeriveIndexKey(PatientKeys patient, BundleHeader header)
    {
        ArgumentNullException.ThrowIfNull(patient);
        ArgumentNullException.ThrowIfNull(header);
        if (header.SearchIndex is not { } index)
        {
            throw new ArgumentException("The bundle has no search index.", nameof(header));
        }

        return header.PatientId == patient.Identity.Id
            ? patient.DeriveSearchKey(header.BundleId, index.Epoch, index.Salt.Span)
            : throw new ArgumentException("The bundle is another patient's.", nameof(patient));
    }
}
