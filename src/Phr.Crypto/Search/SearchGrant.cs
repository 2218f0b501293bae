using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Phr.Crypto.Hashing;
using Phr.Crypto.Memory;
using Phr.Crypto.Search;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>Search tokens that a patient gives to the doctor of one request, signed by the patient and sealed to the request's receiving key.</summary>
/// <remarks>
/// <para>The patient's signature names ledger, bundle, index, request, receiving key and end, and covers terms and tokens; so whoever receives the
/// tokens cannot pass them on in the patient's name. An object of this type was opened, and its signature verified. Wire form:
/// docs/search-format.md §5. It owns the tokens and wipes them when disposed. Thread safe until disposed.</para>
/// </remarks>
[DebuggerDisplay("SearchGrant of {Tokens.Count} tokens")]
public sealed class SearchGrant : IDisposable
{
    /// <summary>The most tokens that a grant has: 256.</summary>
    public const int MaxTokens = 256;

    /// <summary>The most bytes that a sealed grant has: 262,144.</summary>
    public const int MaxLength = 1 << 18;

    private const string Tag = "phr/search-grant/v1";
    private const string Stage = "search grant";
    private const int PrefixLength = 4;

    private readonly SearchToken[] _tokens;

    private SearchGrant(RequestId request, DateTimeOffset notAfter, SearchToken[] tokens)
    {
        Request = request;
        NotAfter = notAfter;
        _tokens = tokens;
    }

    /// <summary>The request that it answers.</summary>
    public RequestId Request { get; }

    /// <summary>When the request ends. Nothing is found from then on: see <see cref="Find"/>.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>The tokens, 1 to 256, each of another term. Owned by this object.</summary>
    public IReadOnlyList<SearchToken> Tokens => _tokens;

    /// <summary>Makes the tokens of some terms, signs and seals them.</summary>
    /// <param name="patient">The patient's keys.</param>
    /// <param name="header">The bundle's header, which names the index.</param>
    /// <param name="terms">The request.</param>
    /// <param name="searchTerms">1 to 256 terms, each once. The doctor learns them, and of each which documents have it.</param>
    /// <returns>The sealed grant; its digest is what the ledger records.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The header names no index or is another patient's, or the terms are not as they must be.</exception>
    public static byte[] Seal(PatientKeys patient, BundleHeader header, SearchGrantTerms terms, IReadOnlyList<SearchTerm> searchTerms) =>
        Seal(patient, header, terms, searchTerms, RandomSource.System);

    /// <summary>Opens a sealed grant and verifies that the patient made it for this request and for the index that the header names.</summary>
    /// <param name="receivingKey">The request's secret receiving key.</param>
    /// <param name="header">The bundle's verified header; the key in it is the one that must have signed.</param>
    /// <param name="terms">The request.</param>
    /// <param name="sealedGrant">The exact bytes, at most <see cref="MaxLength"/>; their digest should be the one that the ledger records.</param>
    /// <returns>The grant. The caller disposes it.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The header names no index.</exception>
    /// <exception cref="PhrDataException">The bytes do not open (stage <c>envelope</c>), or what they hold is not such a grant (stage <c>search grant</c>).</exception>
    public static SearchGrant Open(SecretKey receivingKey, BundleHeader header, SearchGrantTerms terms, ReadOnlySpan<byte> sealedGrant)
    {
        ArgumentNullException.ThrowIfNull(receivingKey);
        SearchIndexReference index = Require(header, terms);
        if (sealedGrant.Length > MaxLength)
        {
            throw new PhrDataException(Stage, PhrDataReason.TooLarge, $"{sealedGrant.Length} bytes were given where at most {MaxLength} are read.");
        }

        using EnvelopeContent content = Envelope.Open(receivingKey, header.PatientId, header.PatientKey, Context(header, terms), sealedGrant);
        return Read(header, index, terms, content.Bytes, static (parts, key) => parts.Verify(key));
    }

    /// <summary>Opens a sealed grant, without an exception.</summary>
    /// <param name="receivingKey">The request's secret receiving key.</param>
    /// <param name="header">The bundle's verified header.</param>
    /// <param name="terms">The request.</param>
    /// <param name="sealedGrant">The exact bytes.</param>
    /// <param name="grant">The grant, or null. The caller disposes it.</param>
    /// <returns>Whether it opened and is the patient's for this request and index.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The header names no index.</exception>
    public static bool TryOpen(
        SecretKey receivingKey, BundleHeader header, SearchGrantTerms terms, ReadOnlySpan<byte> sealedGrant, [NotNullWhen(true)] out SearchGrant? grant)
    {
        try
        {
            grant = Open(receivingKey, header, terms, sealedGrant);
        }
        catch (PhrDataException)
        {
            grant = null;
        }

        return grant is not null;
    }

    /// <summary>Evaluates a query, as long as the request's time is not over.</summary>
    /// <param name="index">The index that the bundle's header names.</param>
    /// <param name="query">The query; the grant must have a token for each of its terms.</param>
    /// <param name="now">The time.</param>
    /// <returns>The ids of the documents that fit, in ascending order.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="index"/> or <paramref name="query"/> is null.</exception>
    /// <exception cref="ArgumentException">The grant has no token for a term of the query.</exception>
    /// <exception cref="InvalidOperationException">The request's time is over.</exception>
    /// <exception cref="ObjectDisposedException">The grant was disposed.</exception>
    /// <exception cref="PhrDataException">The index has entries for a token that no writer makes (stage <c>search index</c>).</exception>
    public IReadOnlyList<DocumentId> Find(SearchIndex index, SearchQuery query, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(index);
        return now < NotAfter
            ? index.Find(query, _tokens)
            : throw new InvalidOperationException($"The consent to search ended at {NotAfter:u}.");
    }

    /// <summary>Wipes the tokens.</summary>
    public void Dispose()
    {
        foreach (SearchToken token in _tokens)
        {
            token.Dispose();
        }
    }

    /// <summary>The type's name; never a term or a token.</summary>
    /// <returns><c>SearchGrant</c>.</returns>
    public override string ToString() => nameof(SearchGrant);

    internal static byte[] Seal(PatientKeys patient, BundleHeader header, SearchGrantTerms terms, IReadOnlyList<SearchTerm> searchTerms, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(searchTerms);
        SearchIndexReference index = Require(header, terms);
        using SecretBytes indexKey = SearchToken.DeriveIndexKey(patient, header);
        if (searchTerms.Count is < 1 or > MaxTokens || searchTerms.Any(static t => t is null) || searchTerms.Distinct().Count() != searchTerms.Count)
        {
            throw new ArgumentException($"A grant is for 1 to {MaxTokens} terms, each once.", nameof(searchTerms));
        }

        Signer signer = patient.Identity.ObjectSigner;
        if (header.PatientKey != signer.VerifyingKey)
        {
            throw new ArgumentException("The header is signed by another key than the patient's present one: a new bundle is needed, whose trustees know the present key.", nameof(patient));
        }

        using var keys = new SecretBytes(searchTerms.Count * TermKeys.TokenLength);
        for (int i = 0; i < searchTerms.Count; i++)
        {
            using SecretBytes token = TermKeys.DeriveToken(indexKey.Reveal(), searchTerms[i]);
            token.Reveal().CopyTo(keys.Reveal()[(i * TermKeys.TokenLength)..]);
        }

        byte[] payload = Payload(header, index, terms, searchTerms, Digest.Of(keys.Reveal()));
        byte[] signed = SignedObject.Encode(Tag, payload, signer.Sign(SignedObject.Message(Tag, payload), random));
        using var content = new SecretBytes(PrefixLength + signed.Length + keys.Length);
        BinaryPrimitives.WriteInt32BigEndian(content.Reveal(), signed.Length);
        signed.CopyTo(content.Reveal()[PrefixLength..]);
        keys.Reveal().CopyTo(content.Reveal()[(PrefixLength + signed.Length)..]);
        return Envelope.Seal(terms.ReceivingKey, header.PatientId, header.PatientKey, Context(header, terms), content.Reveal(), random);
    }

    /// <summary>What the envelope is for, in a form that both sides work out.</summary>
    internal static byte[] Context(BundleHeader header, SearchGrantTerms terms) =>
        new CanonicalCborWriter().Array(4).Text(Tag).Id(header.LedgerId).Id(header.BundleId).Id(terms.Request).EndArray().ToBytes();

    /// <summary>Everything of the signed part but the terms, which stand last.</summary>
    internal static byte[] Payload(
        BundleHeader header, SearchIndexReference index, SearchGrantTerms terms, IReadOnlyList<SearchTerm> searchTerms, Digest tokens)
    {
        CanonicalCborWriter writer = new CanonicalCborWriter()
            .Array(9)
            .Id(header.LedgerId)
            .Id(header.BundleId)
            .UInt64((ulong)index.Epoch)
            .Bytes(index.Cid.ToBytes())
            .Id(terms.Request)
            .Key(terms.ReceivingKey)
            .Time(terms.NotAfter)
            .Id(tokens)
            .Array(searchTerms.Count);
        foreach (SearchTerm term in searchTerms)
        {
            writer.Array(2).UInt64((ulong)term.Kind).Text(term.Value).EndArray();
        }

        return writer.EndArray().EndArray().ToBytes();
    }

    /// <summary>Reads what an envelope held: <c>be32(n) ‖ signed part[n] ‖ token keys</c>.</summary>
    internal static SearchGrant Read(
        BundleHeader header, SearchIndexReference index, SearchGrantTerms terms, ReadOnlySpan<byte> content, Func<SignedObject.Parts, PublicKey, bool> isSigned)
    {
        int signedLength = content.Length < PrefixLength ? -1 : BinaryPrimitives.ReadInt32BigEndian(content);
        if (signedLength < 0 || signedLength > content.Length - PrefixLength)
        {
            throw new PhrDataException(Stage, PhrDataReason.Truncated, "it ends before its signed part does.");
        }

        SignedObject.Parts parts = SignedObject.Parse(Stage, Tag, content.Slice(PrefixLength, signedLength).ToArray(), MaxLength);
        ReadOnlySpan<byte> keys = content[(PrefixLength + signedLength)..];
        var reader = new CanonicalCborReader(Stage, parts.Payload, MaxLength);
        reader.BeginArray(9);
        bool isThisOne = reader.LedgerId() == header.LedgerId
            & reader.BundleId() == header.BundleId
            & reader.UInt64() == (ulong)index.Epoch
            & reader.Bytes(Cid.MaxByteLength).AsSpan().SequenceEqual(index.Cid.ToBytes())
            & reader.RequestId() == terms.Request
            & reader.PublicKey() == terms.ReceivingKey
            & reader.Time().ToUnixTimeSeconds() == terms.NotAfter.ToUnixTimeSeconds();
        Digest keysDigest = reader.Digest();
        var read = new SearchTerm[reader.BeginList(MaxTokens)];
        var seen = new HashSet<SearchTerm>();
        for (int i = 0; i < read.Length; i++)
        {
            reader.BeginArray(2);
            int kind = reader.Int32(byte.MaxValue);
            read[i] = SearchTerm.TryRead(kind, reader.Text(SearchTerm.MaxLength), out SearchTerm? term)
                ? term
                : throw reader.Fault(PhrDataReason.Malformed, "a term is not in its normal form.");
            reader.EndArray();
            if (!seen.Add(term))
            {
                throw reader.Fault(PhrDataReason.Duplicate, "a term occurs twice.");
            }
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        if (!isSigned(parts, header.PatientKey))
        {
            throw reader.Fault(PhrDataReason.InvalidSignature, "it is not signed by the key that signed the bundle's header.");
        }

        if (!isThisOne)
        {
            throw reader.Fault(PhrDataReason.Mismatched, "it is for another request or receiver, another index, or another end.");
        }

        if (read.Length == 0 || keys.Length != read.Length * TermKeys.TokenLength)
        {
            throw reader.Fault(PhrDataReason.WrongLength, "it has no terms, or not one token for each.");
        }

        if (Digest.Of(keys) != keysDigest)
        {
            throw reader.Fault(PhrDataReason.DigestMismatch, "its tokens are not the ones that were signed.");
        }

        var tokens = new SearchToken[read.Length];
        for (int i = 0; i < tokens.Length; i++)
        {
            tokens[i] = new SearchToken(read[i], new SecretBytes(keys.Slice(i * TermKeys.TokenLength, TermKeys.TokenLength)));
        }

        return new SearchGrant(terms.Request, terms.NotAfter, tokens);
    }

    private static SearchIndexReference Require(BundleHeader header, SearchGrantTerms terms)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(terms);
        return header.SearchIndex ?? throw new ArgumentException("The bundle has no search index.", nameof(header));
    }
}
