using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Bundles;
using Phr.Crypto.Hashing;
using Phr.Crypto.Memory;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>The signed list of a bundle's documents. Its digest is what a ledger holds, and all that an oracle needs to fetch.</summary>
/// <remarks>
/// <para>An object of this type has its one canonical form, every capsule's self-check holds, and the signature verifies under
/// <see cref="PatientKey"/>. That this key is the patient's, <see cref="IsSignedBy"/> or a ledger says.</para>
/// <para>Wire form: docs/bundle-format.md §4. Cost of reading: one signature and one self-check (two multiplications) for each capsule.
/// Immutable and thread safe.</para>
/// </remarks>
public sealed class BundleHeader
{
    /// <summary>The most bytes a header has: one raw block of 1 MiB.</summary>
    public const int MaxLength = SignedObject.MaxBlockLength;

    /// <summary>The most documents a bundle has.</summary>
    public const int MaxDocuments = 1024;

    /// <summary>The highest sequence number.</summary>
    public const long MaxSequence = uint.MaxValue;

    internal const string Stage = "bundle header";
    internal const string Tag = "phr/header/v1";
    private const int Version = 1;

    // One more when the bundle has a search index.
    private const int PayloadItems = 10;

    private readonly byte[] _bytes;
    private readonly BundleDocument[] _documents;
    private readonly Digest[] _leaves;

    private BundleHeader(byte[] bytes, Prefix prefix, BundleDocument[] documents, SearchIndexReference? searchIndex)
    {
        _bytes = bytes;
        _documents = documents;
        LedgerId = prefix.LedgerId;
        PatientId = prefix.PatientId;
        PatientKey = prefix.PatientKey;
        BundleId = prefix.BundleId;
        Sequence = prefix.Sequence;
        PreviousDigest = prefix.PreviousDigest;
        CreatedAt = prefix.CreatedAt;
        SearchIndex = searchIndex;
        Digest = Digest.Of(bytes);
        _leaves = [.. documents.Select(static d => DocumentProof.LeafHash(d.Id, d.Capsule.Digest, d.KeyCommitment))];
        DocumentsRoot = MerkleTree.Root(_leaves);
    }

    /// <summary>The ledger for which the bundle was sealed.</summary>
    public LedgerId LedgerId { get; }

    /// <summary>The patient.</summary>
    public ActorId PatientId { get; }

    /// <summary>The patient's object key, which signed this header.</summary>
    public PublicKey PatientKey { get; }

    /// <summary>The bundle; the same in every revision.</summary>
    public BundleId BundleId { get; }

    /// <summary>0 for the first header of a bundle, one more for each revision.</summary>
    public long Sequence { get; }

    /// <summary>The digest of the header that this one revises; null exactly when <see cref="Sequence"/> is 0.</summary>
    public Digest? PreviousDigest { get; }

    /// <summary>When the header was made, by the patient's clock, to the second.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>The documents, 1 to 1,024, in the header's order.</summary>
    public IReadOnlyList<BundleDocument> Documents => _documents;

    /// <summary>The bundle's search index, or null when it has none.</summary>
    /// <value>Its epoch is at most <see cref="Sequence"/>.</value>
    public SearchIndexReference? SearchIndex { get; }

    /// <summary>SHA-256 of the header's exact bytes.</summary>
    public Digest Digest { get; }

    /// <summary>The content id of the header as one raw block; it holds <see cref="Digest"/>.</summary>
    public Cid Cid => Cid.ForRawBlock(Digest);

    /// <summary>Root of the Merkle tree over the documents' ids, capsule digests and key commitments.</summary>
    /// <remarks>Source: RFC 6962 §2.1. A <see cref="DocumentProof"/> leads to it.</remarks>
    public Digest DocumentsRoot { get; }

    /// <summary>Reads a header and verifies its form, its signature under the key that stands in it, and every capsule's self-check.</summary>
    /// <param name="bytes">The exact bytes, at most <see cref="MaxLength"/>.</param>
    /// <returns>The header.</returns>
    /// <exception cref="PhrDataException">The bytes are not a header that an honest patient signs (stage <c>bundle header</c>).</exception>
    public static BundleHeader FromBytes(ReadOnlyMemory<byte> bytes)
    {
        SignedObject.Parts parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        return Read(bytes.ToArray(), parts.Payload, parts.Verify);
    }

    /// <summary>Reads and verifies a header, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="header">The header, or null.</param>
    /// <returns>Whether the bytes were a header that an honest patient signs.</returns>
    public static bool TryFromBytes(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out BundleHeader? header)
    {
        try
        {
            header = FromBytes(bytes);
        }
        catch (PhrDataException)
        {
            header = null;
        }

        return header is not null;
    }

    /// <summary>Writes the header.</summary>
    /// <returns>The exact bytes that were signed and read, at most <see cref="MaxLength"/>.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    /// <summary>Whether this patient signed the header.</summary>
    /// <param name="patient">The patient's public keys, from a source that is trusted: the patient's own, or a verified key record.</param>
    /// <returns>Whether id and object key are the ones in the header, under which its signature was verified.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="patient"/> is null.</exception>
    public bool IsSignedBy(IdentityPublicKeys patient)
    {
        ArgumentNullException.ThrowIfNull(patient);
        return patient.Id == PatientId && patient.ObjectKey == PatientKey;
    }

    /// <summary>Whether this header is the next revision of another.</summary>
    /// <param name="previous">The header before it.</param>
    /// <returns>
    /// Whether ledger, patient and bundle are the same, the number is one higher, the predecessor's digest is named, every document that
    /// kept its id kept everything that was sealed under it but a description that was sealed anew (<see cref="BundleWriter.SetInfo"/>), and a search index is the predecessor's or new with this header. The patient's object key may have been replaced in between: check both with a key record.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="previous"/> is null.</exception>
    public bool IsRevisionOf(BundleHeader previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        return LedgerId == previous.LedgerId
            && PatientId == previous.PatientId
            && BundleId == previous.BundleId
            && Sequence == previous.Sequence + 1
            && PreviousDigest == previous.Digest
            && (SearchIndex is null || SearchIndex.Epoch == Sequence || SearchIndex.Equals(previous.SearchIndex))
            && _documents.All(d => !previous.TryGetDocument(d.Id, out BundleDocument? old) || d.IsSameSealing(old));
    }

    /// <summary>Finds a document.</summary>
    /// <param name="documentId">The document.</param>
    /// <param name="document">Its entry, or null.</param>
    /// <returns>Whether the header has it.</returns>
    public bool TryGetDocument(DocumentId documentId, [NotNullWhen(true)] out BundleDocument? document)
    {
        document = Array.Find(_documents, d => d.Id == documentId);
        return document is not null;
    }

    /// <summary>Finds a document.</summary>
    /// <param name="documentId">The document.</param>
    /// <returns>Its entry.</returns>
    /// <exception cref="ArgumentException">The header does not have it.</exception>
    public BundleDocument GetDocument(DocumentId documentId) =>
        TryGetDocument(documentId, out BundleDocument? document)
            ? document
            : throw new ArgumentException($"The bundle has no document {documentId}.", nameof(documentId));

    /// <summary>Proves that a document belongs to <see cref="DocumentsRoot"/>.</summary>
    /// <param name="documentId">The document.</param>
    /// <returns>The proof.</returns>
    /// <exception cref="ArgumentException">The header does not have the document.</exception>
    public DocumentProof ProveDocument(DocumentId documentId)
    {
        BundleDocument document = GetDocument(documentId);
        int index = Array.IndexOf(_documents, document);
        return new DocumentProof(document.Id, document.Capsule.Digest, document.KeyCommitment, index, _documents.Length, MerkleTree.Path(_leaves, index));
    }

    /// <summary>Unwraps a document's content key with the key of its capsule, and checks the key commitment.</summary>
    /// <param name="documentId">The document.</param>
    /// <param name="capsuleKey">What the capsule yields: to the patient, or to a doctor from enough capsule fragments.</param>
    /// <returns>The key of this one document. The caller disposes it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="capsuleKey"/> is null.</exception>
    /// <exception cref="ArgumentException">The header does not have the document.</exception>
    /// <exception cref="PhrDataException">
    /// The key is not this document's (<see cref="PhrDataReason.AuthenticationFailed"/>), or it is and the header's commitment is to another
    /// (<see cref="PhrDataReason.CommitmentMismatch"/>); stage <c>document key</c>.
    /// </exception>
    public DocumentKey UnwrapKey(DocumentId documentId, CapsuleKey capsuleKey)
    {
        ArgumentNullException.ThrowIfNull(capsuleKey);
        BundleDocument document = GetDocument(documentId);
        return DocumentKey.FromCapsuleKey(Context(documentId), document, document.DelegatingKey, document.Capsule, document.WrappedKey.Span, capsuleKey);
    }

    /// <summary>Opens a document's key with the patient's keys.</summary>
    /// <param name="documentId">The document.</param>
    /// <param name="patient">The keys of the patient who sealed it.</param>
    /// <returns>The key of this one document. The caller disposes it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="patient"/> is null.</exception>
    /// <exception cref="ArgumentException">The header does not have the document, or it was not sealed under a key of this patient.</exception>
    /// <exception cref="PhrDataException">The wrapped key or the commitment in the header is not as this patient's writer makes it (stage <c>document key</c>).</exception>
    public DocumentKey OpenDocumentKey(DocumentId documentId, PatientKeys patient)
    {
        ArgumentNullException.ThrowIfNull(patient);
        BundleDocument document = GetDocument(documentId);
        using SecretKey delegating = patient.DeriveDelegatingKey(BundleId, documentId);
        if (delegating.PublicKey != document.DelegatingKey)
        {
            throw new ArgumentException("The document was not sealed under a key of this patient.", nameof(patient));
        }

        using CapsuleKey capsuleKey = Umbral.Decapsulate(delegating, document.Capsule);
        return UnwrapKey(documentId, capsuleKey);
    }

    /// <summary>Opens a document's key with the receiving key of a further recipient.</summary>
    /// <param name="documentId">The document.</param>
    /// <param name="recipient">The secret key of one of the document's <see cref="BundleDocument.Recipients"/>.</param>
    /// <returns>The key of this one document. The caller disposes it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="recipient"/> is null.</exception>
    /// <exception cref="ArgumentException">The header does not have the document, or it was not sealed to this key.</exception>
    /// <exception cref="PhrDataException">The wrapped key or the commitment in the header is not as an honest writer makes it (stage <c>document key</c>).</exception>
    public DocumentKey OpenDocumentKey(DocumentId documentId, SecretKey recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        BundleDocument document = GetDocument(documentId);
        BundleRecipient entry = document.Recipients.FirstOrDefault(r => r.Key == recipient.PublicKey)
            ?? throw new ArgumentException("The document was not sealed to this key.", nameof(recipient));
        using CapsuleKey capsuleKey = Umbral.Decapsulate(recipient, entry.Capsule);
        return DocumentKey.FromCapsuleKey(Context(documentId), document, entry.Key, entry.Capsule, entry.WrappedKey.Span, capsuleKey);
    }

    /// <summary>Opens what is sealed beside a document: its title, media type, length, digest and source signatures.</summary>
    /// <param name="documentId">The document.</param>
    /// <param name="key">The document's key.</param>
    /// <returns>The description. Every source signature in it verifies under its own key and names this patient and the sealed digest.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="ArgumentException">The header does not have the document, or the key is another document's.</exception>
    /// <exception cref="PhrDataException">The sealed bytes were altered or are not as an honest writer makes them (stage <c>document info</c>).</exception>
    public DocumentInfo DecryptInfo(DocumentId documentId, DocumentKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        BundleDocument document = GetDocument(documentId);
        key.ThrowIfNotOf(document);
        return SealedInfo.Open(BundleId, PatientId, document, key);
    }

    private Digest Context(DocumentId documentId) => DocumentCipher.Context(LedgerId, PatientId, BundleId, documentId);

    /// <summary>Reads a payload. The signature is checked as soon as the key was read, before anything that costs more.</summary>
    internal static BundleHeader Read(byte[] bytes, ReadOnlyMemory<byte> payload, Func<PublicKey, bool> isSignedBy)
    {
        var reader = new CanonicalCborReader(Stage, payload, MaxLength);
        int items = reader.BeginArray(PayloadItems, PayloadItems + 1);
        Prefix prefix = ReadPrefix(reader);
        if (!isSignedBy(prefix.PatientKey))
        {
            throw reader.Fault(PhrDataReason.InvalidSignature, "it is not signed by the key that stands in it.");
        }

        var documents = new BundleDocument[reader.BeginList(MaxDocuments)];
        if (documents.Length == 0)
        {
            throw reader.Fault(PhrDataReason.OutOfRange, "it has no documents.");
        }

        var seen = new Uniqueness(reader);
        for (int i = 0; i < documents.Length; i++)
        {
            documents[i] = BundleDocument.Read(reader);
            seen.Add(documents[i]);
        }

        reader.EndArray();
        SearchIndexReference? searchIndex = items > PayloadItems ? SearchIndexReference.Read(reader) : null;
        if (searchIndex?.Epoch > prefix.Sequence)
        {
            throw reader.Fault(PhrDataReason.OutOfRange, "the epoch of its search index is above its own number.");
        }

        reader.EndArray();
        reader.End();
        return new BundleHeader(bytes, prefix, documents, searchIndex);
    }

    internal static BundleHeader Sign(
        LedgerId ledger,
        PatientKeys patient,
        BundleId bundle,
        BundleHeader? previous,
        DateTimeOffset createdAt,
        IReadOnlyList<BundleDocument> documents,
        SearchIndexReference? searchIndex,
        RandomSource random)
    {
        Signer signer = patient.Identity.ObjectSigner;
        CanonicalCborWriter writer = new CanonicalCborWriter()
            .Array(searchIndex is null ? PayloadItems : PayloadItems + 1)
            .UInt64(Version)
            .UInt64(DocumentCipher.Suite)
            .Id(ledger)
            .Id(patient.Identity.Id)
            .Key(signer.VerifyingKey)
            .Id(bundle)
            .UInt64((ulong)(previous is null ? 0 : previous.Sequence + 1))
            .Bytes(previous is null ? [] : previous.Digest.ToBytes())
            .Time(createdAt)
            .Array(documents.Count);
        foreach (BundleDocument document in documents)
        {
            document.Write(writer);
        }

        writer.EndArray();
        searchIndex?.Write(writer);
        byte[] payload = writer.EndArray().ToBytes();
        return FromBytes(SignedObject.Encode(Tag, payload, signer.Sign(SignedObject.Message(Tag, payload), random)));
    }

    private static Prefix ReadPrefix(CanonicalCborReader reader)
    {
        if (reader.UInt64() != Version)
        {
            throw reader.Fault(PhrDataReason.UnknownVersion, $"its version is not {Version}, the one this library reads.");
        }

        if (reader.UInt64() != DocumentCipher.Suite)
        {
            throw reader.Fault(PhrDataReason.UnknownVersion, $"its cipher suite is not {DocumentCipher.Suite}, the one this library reads.");
        }

        LedgerId ledger = reader.LedgerId();
        ActorId patient = reader.ActorId();
        PublicKey key = reader.PublicKey();
        BundleId bundle = reader.BundleId();
        long sequence = (long)reader.UInt64(MaxSequence);
        byte[] previous = reader.Bytes(Digest.Length);
        if (previous.Length != (sequence == 0 ? 0 : Digest.Length))
        {
            throw reader.Fault(PhrDataReason.Mismatched, "the first header names a predecessor, or a later one names none.");
        }

        DateTimeOffset createdAt = reader.Time();
        return new Prefix(ledger, patient, key, bundle, sequence, sequence == 0 ? null : Digest.FromBytes(previous), createdAt);
    }

    private sealed record Prefix(
        LedgerId LedgerId, ActorId PatientId, PublicKey PatientKey, BundleId BundleId, long Sequence, Digest? PreviousDigest, DateTimeOffset CreatedAt);

    /// <summary>One id, one key, one capsule: nothing that must be fresh occurs twice.</summary>
    private sealed class Uniqueness(CanonicalCborReader reader)
    {
        private readonly HashSet<DocumentId> _ids = [];
        private readonly HashSet<PublicKey> _delegatingKeys = [];
        private readonly HashSet<Digest> _capsules = [];

        public void Add(BundleDocument document)
        {
            Check(_ids.Add(document.Id), "a document id");
            Check(_delegatingKeys.Add(document.DelegatingKey), "a delegating key");
            Check(_capsules.Add(document.Capsule.Digest), "a capsule");
            var recipients = new HashSet<PublicKey> { document.DelegatingKey };
            foreach (BundleRecipient recipient in document.Recipients)
            {
                Check(recipients.Add(recipient.Key), "a recipient");
                Check(_capsules.Add(recipient.Capsule.Digest), "a capsule");
            }
        }

        private void Check(bool isNew, string what)
        {
            if (!isNew)
            {
                throw reader.Fault(PhrDataReason.Duplicate, $"{what} occurs twice.");
            }
        }
    }
}
