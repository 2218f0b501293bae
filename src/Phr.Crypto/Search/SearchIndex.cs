using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Search;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>A bundle's search index: entries that only a token finds and opens, among others that look like them.</summary>
/// <remarks>
/// <para>Without tokens it shows its size class and nothing else. With a token it shows how many documents have the term, and which:
/// docs/algorithms/search.md. It is kept in a private store, and whoever evaluates a query does so on a copy of their own, so that a store
/// does not learn what was looked for.</para>
/// <para>Wire form: docs/search-format.md §3. An object of this type has the canonical form; that it is the patient's, <see cref="Open"/> says.
/// Immutable and thread safe.</para>
/// </remarks>
public sealed class SearchIndex
{
    /// <summary>The most bytes that an index has: 50,331,708, for 2^20 entries.</summary>
    public const int MaxLength = SearchIndexForm.MaxLength;

    private const string Stage = "search index";

    private readonly byte[] _salt;
    private readonly byte[] _entries;

    internal SearchIndex(ReadOnlySpan<byte> salt, byte[] entries, BundleId bundle, long epoch)
        : this(salt.ToArray(), entries)
    {
        Bundle = bundle;
        Reference = new SearchIndexReference(epoch, salt, Cid, Length);
    }

    private SearchIndex(byte[] salt, byte[] entries)
    {
        _salt = salt;
        _entries = entries;
        Cid = UnixFsHasher.HashData(ToBytes());
    }

    /// <summary>The content id of the exact bytes, with the default layout: the one in the bundle's header.</summary>
    public Cid Cid { get; }

    /// <summary>How many bytes it has; one of eleven lengths.</summary>
    public long Length => SearchIndexForm.Length(Capacity);

    /// <summary>How many entries it has, those that are padding included: a power of two from 2^10 to 2^20.</summary>
    public int Capacity => _entries.Length / SearchIndexForm.EntryLength;

    /// <summary>What the header says of an index that was written here; null for one that was read.</summary>
    internal SearchIndexReference? Reference { get; }

    internal BundleId Bundle { get; }

    /// <summary>Reads an index and checks its form. Whose it is, the bytes do not say.</summary>
    /// <param name="bytes">The exact bytes, at most <see cref="MaxLength"/>.</param>
    /// <returns>The index.</returns>
    /// <exception cref="PhrDataException">The bytes are not an index in canonical form (stage <c>search index</c>).</exception>
    public static SearchIndex FromBytes(ReadOnlyMemory<byte> bytes)
    {
        var reader = new CanonicalCborReader(Stage, bytes, MaxLength);
        reader.BeginArray(3);
        reader.Expect(SearchIndexForm.Tag);
        byte[] salt = reader.BytesExactly(SearchIndexForm.SaltLength);
        byte[] entries = reader.Bytes(SearchIndexForm.MaxEntries * SearchIndexForm.EntryLength);
        reader.EndArray();
        reader.End();
        if (entries.Length % SearchIndexForm.EntryLength != 0 || !SearchIndexForm.IsCapacity(entries.Length / SearchIndexForm.EntryLength))
        {
            throw reader.Fault(PhrDataReason.WrongLength, "its entries do not fill a size class.");
        }

        for (int i = 1; i < entries.Length / SearchIndexForm.EntryLength; i++)
        {
            if (SearchIndexAssembly.Label(entries, i - 1).SequenceCompareTo(SearchIndexAssembly.Label(entries, i)) >= 0)
            {
                throw reader.Fault(PhrDataReason.NonCanonical, "its entries are not in the order of their labels, or a label occurs twice.");
            }
        }

        return new SearchIndex(salt, entries);
    }

    /// <summary>Reads an index and checks its form, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="index">The index, or null.</param>
    /// <returns>Whether the bytes were an index in canonical form.</returns>
    public static bool TryFromBytes(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out SearchIndex? index)
    {
        try
        {
            index = FromBytes(bytes);
        }
        catch (PhrDataException)
        {
            index = null;
        }

        return index is not null;
    }

    /// <summary>Reads the index that a bundle's header names, and refuses any other.</summary>
    /// <param name="header">A verified header.</param>
    /// <param name="bytes">The exact bytes, from any place.</param>
    /// <returns>The index.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="header"/> is null.</exception>
    /// <exception cref="ArgumentException">The header names no index.</exception>
    /// <exception cref="PhrDataException">The bytes are not an index, or not this one (stage <c>search index</c>).</exception>
    public static SearchIndex Open(BundleHeader header, ReadOnlyMemory<byte> bytes)
    {
        SearchIndexReference reference = Require(header);
        if (bytes.Length != reference.Length)
        {
            throw new PhrDataException(Stage, PhrDataReason.WrongLength, $"it has {bytes.Length} bytes and the header says {reference.Length}.");
        }

        SearchIndex index = FromBytes(bytes);
        return index.Cid == reference.Cid && index._salt.AsSpan().SequenceEqual(reference.Salt.Span)
            ? index
            : throw new PhrDataException(Stage, PhrDataReason.DigestMismatch, "it is not the one that the header names.");
    }

    /// <summary>Fetches the index that a bundle's header names, and refuses any other.</summary>
    /// <param name="source">Where it is. It need not be trusted.</param>
    /// <param name="header">A verified header.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The index.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The header names no index.</exception>
    /// <exception cref="PhrDataException">There is no such object, or it is not an index, or not this one.</exception>
    public static async Task<SearchIndex> OpenAsync(IContentSource source, BundleHeader header, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        SearchIndexReference reference = Require(header);
        await using Stream stream = await source.OpenAsync(reference.Cid, 0, null, cancellationToken).ConfigureAwait(false);
        byte[] bytes = new byte[reference.Length];
        int length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return Open(header, bytes.AsMemory(0, length));
    }

    /// <summary>Stores the index.</summary>
    /// <param name="sink">A store that only the parties reach.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when it is durable under <see cref="Cid"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="sink"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The sink lays objects out in another way than the default.</exception>
    public async Task StoreAsync(IContentSink sink, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sink);
        await using ContentWriter writer = await sink.CreateAsync(cancellationToken).ConfigureAwait(false);
        await writer.WriteAsync(ToBytes(), cancellationToken).ConfigureAwait(false);
        if (await writer.CompleteAsync(cancellationToken).ConfigureAwait(false) != Cid)
        {
            throw new InvalidOperationException("The sink did not store the index in the default layout.");
        }
    }

    /// <summary>Writes the index.</summary>
    /// <returns>The exact bytes.</returns>
    public byte[] ToBytes() => new CanonicalCborWriter().Array(3).Text(SearchIndexForm.Tag).Bytes(_salt).Bytes(_entries).EndArray().ToBytes();

    /// <summary>Finds the documents that have a term.</summary>
    /// <param name="token">The term's token for this index. That of another index, term or bundle finds nothing.</param>
    /// <returns>Their ids, in ascending order. One that the bundle's header does not have was dropped since the index was made.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="token"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The token was disposed.</exception>
    /// <exception cref="PhrDataException">The index has entries for the token that no writer makes (stage <c>search index</c>).</exception>
    /// <remarks>Cost: an HMAC, a search and an AES-GCM block for each document found, and one HMAC more. Not constant in time: the holder of the token learns it all.</remarks>
    public IReadOnlyList<DocumentId> Find(SearchToken token)
    {
        ArgumentNullException.ThrowIfNull(token);
        using var keys = new TermKeys(token.Key.Reveal());
        var found = new List<DocumentId>();
        Span<byte> label = stackalloc byte[SearchIndexForm.LabelLength];
        while (true)
        {
            keys.Label(found.Count, label);
            int place = IndexOf(label);
            if (place < 0)
            {
                return found;
            }

            if (found.Count == BundleHeader.MaxDocuments)
            {
                throw new PhrDataException(Stage, PhrDataReason.TooLarge, "a term has more documents than a bundle.");
            }

            ReadOnlySpan<byte> value = _entries.AsSpan((place * SearchIndexForm.EntryLength) + SearchIndexForm.LabelLength, SearchIndexForm.ValueLength);
            if (!keys.TryOpen(found.Count, value, out DocumentId document))
            {
                throw new PhrDataException(Stage, PhrDataReason.AuthenticationFailed, "an entry has the token's label and does not open.");
            }

            if (found.Count > 0 && found[^1].CompareTo(document) >= 0)
            {
                throw new PhrDataException(Stage, PhrDataReason.NonCanonical, "the documents of a term are not in ascending order.");
            }

            found.Add(document);
        }
    }

    /// <summary>Evaluates a query.</summary>
    /// <param name="query">The query.</param>
    /// <param name="tokens">Tokens for this index, among them one for every term of the query.</param>
    /// <returns>The ids of the documents that fit, in ascending order.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">There is no token for a term of the query.</exception>
    /// <exception cref="ObjectDisposedException">A token was disposed.</exception>
    /// <exception cref="PhrDataException">The index has entries for a token that no writer makes (stage <c>search index</c>).</exception>
    /// <remarks>Whoever evaluates learns the documents of every term, not those of the whole query alone.</remarks>
    public IReadOnlyList<DocumentId> Find(SearchQuery query, IEnumerable<SearchToken> tokens)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(tokens);
        var byTerm = new Dictionary<SearchTerm, SearchToken>();
        foreach (SearchToken token in tokens)
        {
            byTerm.TryAdd(token.Term, token);
        }

        var found = new Dictionary<SearchTerm, IReadOnlyList<DocumentId>>();
        foreach (SearchTerm term in query.Terms)
        {
            found.Add(term, byTerm.TryGetValue(term, out SearchToken? token)
                ? Find(token)
                : throw new ArgumentException("There is no token for a term of the query; ask the patient for one.", nameof(tokens)));
        }

        return [.. query.Evaluate(found).Order()];
    }

    private static SearchIndexReference Require(BundleHeader header)
    {
        ArgumentNullException.ThrowIfNull(header);
        return header.SearchIndex ?? throw new ArgumentException("The bundle has no search index.", nameof(header));
    }

    private int IndexOf(ReadOnlySpan<byte> label)
    {
        int low = 0, high = Capacity - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            int order = SearchIndexAssembly.Label(_entries, middle).SequenceCompareTo(label);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }
}
