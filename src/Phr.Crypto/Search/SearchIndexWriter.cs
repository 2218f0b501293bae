using System.Runtime.InteropServices;
using Phr.Crypto.Memory;
using Phr.Crypto.Search;

namespace Phr.Crypto;

/// <summary>Collects which document has which terms, and seals that into a search index for one revision of a bundle.</summary>
/// <remarks>
/// <para>From <see cref="BundleWriter.BeginSearchIndex"/>. An index is of all documents that it shall find: it is written anew, not added to.</para>
/// <para>Every index has keys of its own, from the patient's secret and a fresh random salt; so an attempt that is given up is never sealed over
/// with other content. The terms lie in memory in the clear until the writer is disposed. Format: docs/search-format.md. Not thread safe.</para>
/// </remarks>
public sealed class SearchIndexWriter : IDisposable
{
    private readonly PatientKeys _patient;
    private readonly BundleId _bundle;
    private readonly long _epoch;
    private readonly Func<DocumentId, bool> _hasDocument;
    private readonly RandomSource _random;
    private readonly Dictionary<SearchTerm, SortedSet<DocumentId>> _documents = [];
    private bool _disposed;

    internal SearchIndexWriter(PatientKeys patient, BundleId bundle, long epoch, Func<DocumentId, bool> hasDocument, RandomSource random)
    {
        _patient = patient;
        _bundle = bundle;
        _epoch = epoch;
        _hasDocument = hasDocument;
        _random = random;
    }

    /// <summary>The most pairs of a term and a document that an index has: 2^20.</summary>
    public const int MaxPairs = SearchIndexForm.MaxEntries;

    /// <summary>How many pairs of a term and a document were added; its size class, a power of two from 2^10 on, is what the index shows of it.</summary>
    public int Pairs { get; private set; }

    /// <summary>Adds terms by which a document is found. A pair that was added before changes nothing.</summary>
    /// <param name="documentId">A document of the bundle: one that was added, or one that the revision keeps.</param>
    /// <param name="terms">The terms, as <see cref="SearchTerm.Words"/> and <see cref="SearchTerm.Code"/> make them.</param>
    /// <exception cref="ArgumentNullException"><paramref name="terms"/> is null.</exception>
    /// <exception cref="ArgumentException">The bundle does not have the document.</exception>
    /// <exception cref="InvalidOperationException">There are more than <see cref="MaxPairs"/> pairs; what fitted was added.</exception>
    /// <exception cref="ObjectDisposedException">The writer was disposed.</exception>
    public void Add(DocumentId documentId, IEnumerable<SearchTerm> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_hasDocument(documentId))
        {
            throw new ArgumentException($"The bundle has no document {documentId}.", nameof(documentId));
        }

        foreach (SearchTerm term in terms)
        {
            ref SortedSet<DocumentId>? documents = ref CollectionsMarshal.GetValueRefOrAddDefault(_documents, term, out _);
            documents ??= [];
            if (documents.Contains(documentId))
            {
                continue;
            }

            if (Pairs == MaxPairs)
            {
                throw new InvalidOperationException($"An index has at most {MaxPairs} pairs of a term and a document. Index fewer words.");
            }

            documents.Add(documentId);
            Pairs++;
        }
    }

    /// <summary>Seals the index.</summary>
    /// <returns>The index, for the private store and for <see cref="BundleWriter.SetSearchIndex"/>. Calling again makes another one under other keys.</returns>
    /// <exception cref="ObjectDisposedException">The writer or the patient's keys were disposed.</exception>
    /// <remarks>Cost: two HMACs and an HKDF for each term, and an HMAC and an AES-GCM block for each pair; a sort.</remarks>
    public SearchIndex Complete()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Span<byte> salt = stackalloc byte[SearchIndexForm.SaltLength];
        while (true)
        {
            _random.Fill(salt);
            using SecretBytes indexKey = _patient.DeriveSearchKey(_bundle, _epoch, salt);
            if (SearchIndexAssembly.Assemble(Pairs, Terms(indexKey), _random) is { } entries)
            {
                return new SearchIndex(salt, entries, _bundle, _epoch);
            }
        }
    }

    /// <summary>Forgets the terms.</summary>
    public void Dispose()
    {
        _documents.Clear();
        _disposed = true;
    }

    // The keys of one term at a time: an index has up to 2^20 terms, and a cipher is some kilobytes.
    private IEnumerable<(ITermEntries Entries, IReadOnlyList<DocumentId> Documents)> Terms(SecretBytes indexKey)
    {
        foreach ((SearchTerm term, SortedSet<DocumentId> documents) in _documents)
        {
            using SecretBytes token = TermKeys.DeriveToken(indexKey.Reveal(), term);
            using var keys = new TermKeys(token.Reveal());
            yield return (keys, [.. documents]);
        }
    }
}
