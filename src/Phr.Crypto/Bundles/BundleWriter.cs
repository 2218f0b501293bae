using Phr.Crypto.Bundles;
using Phr.Crypto.Memory;

namespace Phr.Crypto;

/// <summary>Seals documents into a bundle, streaming, and signs the bundle's header at the end.</summary>
/// <remarks>
/// <para>Memory stays the same whatever the documents' sizes: about 1 MiB, and with <see cref="BundleWriterOptions.Parallelism"/> p about p + 2 MiB. Every document gets its own random content key, salt, id and
/// delegating key, all used once: an <see cref="AddAsync"/> that fails or is cancelled is given up, and trying again seals anew.</para>
/// <para>The header is written last; without <see cref="CompleteAsync"/> there is no bundle. Format: docs/bundle-format.md. Not thread safe.</para>
/// </remarks>
public sealed class BundleWriter : IAsyncDisposable
{
    // Outer form, the fixed fields of the payload and the lengths before them, rounded up.
    private const int HeaderOverhead = 512;

    private readonly IContentSink _sink;
    private readonly BundleReader? _keptFrom;
    private readonly PatientKeys _patient;
    private readonly LedgerId _ledger;
    private readonly BundleHeader? _previous;
    private readonly TimeProvider _time;
    private readonly int _parallelism;
    private readonly RandomSource _random;
    private readonly List<BundleDocument> _added = [];
    private readonly List<BundleDocument> _kept = [];
    private SearchIndexReference? _searchIndex;
    private bool _busy;
    private bool _over;

    private BundleWriter(
        IContentSink sink, PatientKeys patient, LedgerId ledger, BundleHeader? previous, BundleReader? keptFrom, BundleWriterOptions? options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(sink);
        ArgumentNullException.ThrowIfNull(patient);
        if (previous is not null && previous.PatientId != patient.Identity.Id)
        {
            throw new ArgumentException("The bundle is another patient's.", nameof(patient));
        }

        _sink = sink;
        _patient = patient;
        _ledger = ledger;
        _previous = previous;
        _keptFrom = keptFrom;
        _random = random;
        _time = options?.TimeProvider ?? TimeProvider.System;
        _parallelism = options?.Parallelism ?? 1;
        if (previous is not null)
        {
            BundleId = previous.BundleId;
            Sequence = previous.Sequence + 1;
            _kept.AddRange(previous.Documents);
            _searchIndex = previous.SearchIndex;
        }
        else
        {
            BundleId = options?.BundleId ?? RandomBundleId(random);
        }
    }

    /// <summary>The bundle that is being written.</summary>
    public BundleId BundleId { get; }

    /// <summary>The number that the header will have, and the epoch of a search index that is made for it.</summary>
    public long Sequence { get; }

    /// <summary>Begins a new bundle in content storage.</summary>
    /// <param name="sink">Takes one object for each document, and the header as a raw block.</param>
    /// <param name="patient">Whose bundle it is. The writer uses the keys and does not own them.</param>
    /// <param name="ledger">The ledger on which the bundle will be registered; everything sealed is bound to it.</param>
    /// <param name="options">Options, or null.</param>
    /// <returns>The writer.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="sink"/> or <paramref name="patient"/> is null.</exception>
    public static BundleWriter Create(IContentSink sink, PatientKeys patient, LedgerId ledger, BundleWriterOptions? options = null) =>
        new(sink, patient, ledger, null, null, options, RandomSource.System);

    /// <summary>Begins a new bundle in a single file.</summary>
    /// <param name="output">
    /// An empty, writable stream; it stays open. If it can seek, a document that fails is cut off again; if it cannot, nothing can follow a
    /// document that failed.
    /// </param>
    /// <param name="patient">Whose bundle it is. The writer uses the keys and does not own them.</param>
    /// <param name="ledger">The ledger on which the bundle will be registered; everything sealed is bound to it.</param>
    /// <param name="options">Options, or null.</param>
    /// <returns>The writer.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="output"/> or <paramref name="patient"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="output"/> is not empty or not writable.</exception>
    public static BundleWriter Create(Stream output, PatientKeys patient, LedgerId ledger, BundleWriterOptions? options = null) =>
        new(FileSink(output), patient, ledger, null, null, options, RandomSource.System);

    /// <summary>Begins the next revision of a bundle in content storage. Every document is kept unless it is dropped.</summary>
    /// <param name="sink">Where the bundle's objects are: kept documents are named in the new header and not written again.</param>
    /// <param name="patient">The patient whose bundle it is. The identity keys may be of a later generation.</param>
    /// <param name="previous">The header that is revised.</param>
    /// <param name="options">Options, or null.</param>
    /// <returns>The writer.</returns>
    /// <exception cref="ArgumentNullException">An argument other than <paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">The bundle is another patient's.</exception>
    public static BundleWriter Revise(IContentSink sink, PatientKeys patient, BundleHeader previous, BundleWriterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(previous);
        return new(sink, patient, previous.LedgerId, previous, null, options, RandomSource.System);
    }

    /// <summary>Begins the next revision of a bundle in a new single file. Every document is kept, and its ciphertext copied, unless it is dropped.</summary>
    /// <param name="output">An empty, writable stream; it stays open.</param>
    /// <param name="patient">The patient whose bundle it is. The identity keys may be of a later generation.</param>
    /// <param name="previous">A reader of the bundle that is revised; it must stay open until the writer is done.</param>
    /// <param name="options">Options, or null.</param>
    /// <returns>The writer.</returns>
    /// <exception cref="ArgumentNullException">An argument other than <paramref name="options"/> is null.</exception>
    /// <exception cref="ArgumentException">The bundle is another patient's, or <paramref name="output"/> is not empty or not writable.</exception>
    public static BundleWriter Revise(Stream output, PatientKeys patient, BundleReader previous, BundleWriterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(previous);
        return new(FileSink(output), patient, previous.Header.LedgerId, previous.Header, previous, options, RandomSource.System);
    }

    /// <summary>Seals one document.</summary>
    /// <param name="content">The plaintext, read to its end; at most 2^24 chunks of 65,536 bytes (1 TiB) when padded. It stays open.</param>
    /// <param name="info">What it is. A source signature in it must be over exactly this content and for this patient.</param>
    /// <param name="progress">Told the number of plaintext bytes sealed, about every MiB and at the end; or null.</param>
    /// <param name="cancellationToken">Cancels the sealing; nothing of the document remains.</param>
    /// <returns>The document's new id.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="content"/> or <paramref name="info"/> is null.</exception>
    /// <exception cref="ArgumentException">The content cannot be read or is too long, or a source signature is over other content or for another patient.</exception>
    /// <exception cref="InvalidOperationException">The bundle is full (1,024 documents, or a header of 1 MiB), complete, or busy with another call; or its file cannot go on after a failure.</exception>
    /// <remarks>Cost: AES-256-GCM and SHA-256 over the content, SHA-256 over the ciphertext, and five multiplications. The ciphertext is padded to a Padmé length, at most 12 % longer, 3 % from 2 GiB on.</remarks>
    public async Task<DocumentId> AddAsync(Stream content, DocumentInfo info, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(info);
        if (!content.CanRead)
        {
            throw new ArgumentException("The content cannot be read.", nameof(content));
        }

        Enter();
        try
        {
            ThrowIfFull(_added.Count + _kept.Count + 1, HeaderLength() + EntryLimit(info));
            using var sealer = new DocumentSealer(_ledger, _patient, BundleId, _random);
            BundleDocument document = await sealer.SealAsync(content, info, null, _sink, _parallelism, progress, cancellationToken).ConfigureAwait(false);
            _added.Add(document);
            return document.Id;
        }
        finally
        {
            _busy = false;
        }
    }

    /// <summary>Leaves a document of the revised bundle out of the revision. A new version of a document is its old one dropped and a new one added.</summary>
    /// <param name="documentId">The document.</param>
    /// <exception cref="ArgumentException">The revised bundle does not have the document, or it was dropped already.</exception>
    /// <exception cref="InvalidOperationException">The bundle is complete, or busy with another call.</exception>
    /// <remarks>Whoever could open the document before still can: its ciphertext and keys stay what they were.</remarks>
    public void Drop(DocumentId documentId)
    {
        ThrowIfNotReady();
        _kept.RemoveAt(IndexOfKept(documentId));
    }

    /// <summary>Replaces the visible labels of a document. Its ciphertext stays as it is.</summary>
    /// <param name="documentId">The document: kept from the revised bundle, or added.</param>
    /// <param name="labels">The labels: see <see cref="DocumentInfo.VisibleLabels"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="labels"/> is null.</exception>
    /// <exception cref="ArgumentException">The labels are not as they must be, or the bundle does not have the document, or it was dropped.</exception>
    /// <exception cref="InvalidOperationException">The bundle is complete, or busy with another call.</exception>
    public void SetVisibleLabels(DocumentId documentId, IReadOnlyList<string> labels)
    {
        string[] checkedLabels = DocumentInfo.CheckLabels(labels);
        ThrowIfNotReady();
        (List<BundleDocument> list, int index) = Locate(documentId);
        list[index] = list[index].WithLabels(checkedLabels);
    }

    /// <summary>Begins a search index for the revision that is being written. Add the documents first: an index knows only documents that the bundle has.</summary>
    /// <returns>The index's writer. What it completes is named by <see cref="SetSearchIndex"/>.</returns>
    /// <exception cref="InvalidOperationException">The bundle is complete, or busy with another call.</exception>
    public SearchIndexWriter BeginSearchIndex()
    {
        ThrowIfNotReady();
        return new SearchIndexWriter(_patient, BundleId, Sequence, id => _added.Exists(d => d.Id == id) || _kept.Exists(d => d.Id == id), _random);
    }

    /// <summary>Names a search index in the header, in place of the revised bundle's.</summary>
    /// <param name="index">An index from <see cref="BeginSearchIndex"/>. Storing it, in a private store, is the caller's: <see cref="SearchIndex.StoreAsync"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="index"/> is null.</exception>
    /// <exception cref="ArgumentException">The index was made for another bundle or revision, or was read from bytes.</exception>
    /// <exception cref="InvalidOperationException">The bundle is complete, or busy with another call.</exception>
    public void SetSearchIndex(SearchIndex index)
    {
        ArgumentNullException.ThrowIfNull(index);
        ThrowIfNotReady();
        _searchIndex = index.Reference is { } reference && index.Bundle == BundleId && reference.Epoch == Sequence
            ? reference
            : throw new ArgumentException("The index was not made for this revision of this bundle.", nameof(index));
    }

    /// <summary>Leaves the revised bundle's search index out of the revision.</summary>
    /// <exception cref="InvalidOperationException">The bundle is complete, or busy with another call.</exception>
    /// <remarks>Without this a revision keeps the index, which then does not know of added documents. Whoever has the index and tokens can go on using them.</remarks>
    public void RemoveSearchIndex()
    {
        ThrowIfNotReady();
        _searchIndex = null;
    }

    /// <summary>Replaces what a document is said to be: title, media type, source signatures and visible labels. Its ciphertext stays as it is.</summary>
    /// <param name="documentId">The document: kept from the revised bundle, or added.</param>
    /// <param name="info">The new description, whole: what of the old one shall stay is said again (<see cref="BundleHeader.DecryptInfo"/> gives it).</param>
    /// <exception cref="ArgumentNullException"><paramref name="info"/> is null.</exception>
    /// <exception cref="ArgumentException">The bundle does not have the document, or it was dropped; or a source signature is over other content or for another patient.</exception>
    /// <exception cref="InvalidOperationException">The bundle is complete, or busy with another call.</exception>
    /// <exception cref="PhrDataException">The revised header's wrapped key or description is not as this patient's writer makes it (stages <c>document key</c>, <c>document info</c>).</exception>
    /// <remarks>
    /// Whoever has the document's key, from whenever, reads the new description in the new header and the old one in the old. That it was sealed
    /// anew is to be seen from its length, 12 bytes more. A hospital that signs a document after it was sealed is added so.
    /// </remarks>
    public void SetInfo(DocumentId documentId, DocumentInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        ThrowIfNotReady();
        (List<BundleDocument> list, int index) = Locate(documentId);
        BundleDocument document = list[index];
        using DocumentKey key = OpenKey(document);
        DocumentInfo old = SealedInfo.Open(BundleId, _patient.Identity.Id, document, key);
        if (info.SourceSignatures.Any(s => s.PlaintextDigest != old.PlaintextDigest || s.PatientId != _patient.Identity.Id))
        {
            throw new ArgumentException("A source signature is over other content or for another patient.", nameof(info));
        }

        byte[] sealedInfo = SealedInfo.Seal(BundleId, key, info, old.Length!.Value, old.PlaintextDigest!.Value, _random);
        list[index] = document.WithInfo([.. info.VisibleLabels], sealedInfo);
    }

    /// <summary>Wraps a document's content key to a further reader, who then opens the document alone, without trustees or oracles.</summary>
    /// <param name="documentId">The document: kept from the revised bundle, or added.</param>
    /// <param name="recipient">The reader's receiving key, from a source that is trusted, such as a verified key record.</param>
    /// <exception cref="ArgumentNullException"><paramref name="recipient"/> is null.</exception>
    /// <exception cref="ArgumentException">The bundle does not have the document, or it was dropped; or the key is one of its readers already, or its delegating key.</exception>
    /// <exception cref="InvalidOperationException">The document has <see cref="BundleDocument.MaxRecipients"/> further readers already; or the bundle is complete, or busy with another call.</exception>
    /// <exception cref="PhrDataException">The revised header's wrapped key is not as this patient's writer makes it (stage <c>document key</c>).</exception>
    /// <remarks>
    /// The ciphertext stays as it is. The header names the reader's key, so everyone who has the header sees that this key reads the document;
    /// use a key that was made for this purpose where that matters. Cost: five multiplications, and 186 bytes of header. The multiplication with
    /// the delegating key's secret is that of <see cref="Umbral.Decapsulate"/>.
    /// </remarks>
    public void AddRecipient(DocumentId documentId, PublicKey recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        ThrowIfNotReady();
        (List<BundleDocument> list, int index) = Locate(documentId);
        BundleDocument document = list[index];
        if (recipient == document.DelegatingKey || document.Recipients.Any(r => r.Key == recipient))
        {
            throw new ArgumentException("The document opens for this key already.", nameof(recipient));
        }

        if (document.Recipients.Count == BundleDocument.MaxRecipients)
        {
            throw new InvalidOperationException($"A document has at most {BundleDocument.MaxRecipients} further recipients.");
        }

        using DocumentKey key = OpenKey(document);
        (Capsule capsule, byte[] wrappedKey) = DocumentSealer.Wrap(key, recipient, _random);
        list[index] = document.WithRecipients([.. document.Recipients, new BundleRecipient(recipient, capsule, wrappedKey)]);
    }

    /// <summary>Leaves a further reader out of the new header. The ciphertext stays as it is.</summary>
    /// <param name="documentId">The document: kept from the revised bundle, or added.</param>
    /// <param name="recipient">The reader's receiving key.</param>
    /// <exception cref="ArgumentNullException"><paramref name="recipient"/> is null.</exception>
    /// <exception cref="ArgumentException">The bundle does not have the document, or it was dropped; or the key is not one of its further readers.</exception>
    /// <exception cref="InvalidOperationException">The bundle is complete, or busy with another call.</exception>
    /// <remarks>
    /// Under the new header the reader opens nothing. With the old header, or with a content key that was kept, the reader still opens the same
    /// ciphertext: <see cref="RotateAsync"/> is what shuts out somebody who had the key, and even that takes back nothing that was read.
    /// </remarks>
    public void RemoveRecipient(DocumentId documentId, PublicKey recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        ThrowIfNotReady();
        (List<BundleDocument> list, int index) = Locate(documentId);
        BundleDocument document = list[index];
        BundleRecipient[] left = [.. document.Recipients.Where(r => r.Key != recipient)];
        list[index] = left.Length < document.Recipients.Count
            ? document.WithRecipients(left)
            : throw new ArgumentException("The document was not sealed to this key.", nameof(recipient));
    }

    /// <summary>
    /// Seals a document of the revised bundle again: the same content and description under a new id, delegating key, capsule and content key.
    /// Every other document's entry stays what it was, byte for byte.
    /// </summary>
    /// <param name="documentId">The document. In the new header another stands in its place.</param>
    /// <param name="previous">A reader of the bundle that is revised: for content storage, <see cref="BundleReader.Open"/> with the header that is revised.</param>
    /// <param name="progress">Told the number of plaintext bytes sealed, about every MiB and at the end; or null.</param>
    /// <param name="cancellationToken">Cancels the sealing; the document then stays as it was.</param>
    /// <returns>The document's new id. Title, media type, source signatures and labels are taken over; further recipients are not: name those who shall read on by <see cref="AddRecipient"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="previous"/> is null.</exception>
    /// <exception cref="ArgumentException">The revised bundle does not have the document, or it was dropped or rotated already; or <paramref name="previous"/> reads another header.</exception>
    /// <exception cref="InvalidOperationException">The header is full, or the bundle is complete or busy with another call; or its file cannot go on after a failure.</exception>
    /// <exception cref="PhrDataException">The old ciphertext cannot be fetched, or was truncated or altered (stage <c>document</c>).</exception>
    /// <remarks>
    /// <para>Use it after a revocation, when somebody's keys or fragments for the document shall be worth nothing from now on. Whoever could open
    /// the old ciphertext still can, where it is still to be had. A dealing is for one header, so trustees need a new dealing over the new one; a
    /// search index that is kept still names the document by its old id.</para>
    /// <para>Cost: that of opening and of sealing the document, streaming.</para>
    /// </remarks>
    public async Task<DocumentId> RotateAsync(
        DocumentId documentId, BundleReader previous, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(previous);
        Enter();
        try
        {
            BundleDocument old = _kept[IndexOfKept(documentId)];
            if (previous.Header.Digest != _previous!.Digest)
            {
                throw new ArgumentException("The reader's header is not the one that is revised.", nameof(previous));
            }

            using DocumentKey key = OpenKey(old);
            DocumentInfo info = SealedInfo.Open(BundleId, _patient.Identity.Id, old, key);
            ThrowIfFull(_added.Count + _kept.Count, HeaderLength() - old.EncodedLength + EntryLimit(info));
            using var sealer = new DocumentSealer(_ledger, _patient, BundleId, _random);
            await using Stream content = previous.OpenStream(documentId, key);
            BundleDocument document = await sealer.SealAsync(content, info, info.PlaintextDigest, _sink, _parallelism, progress, cancellationToken).ConfigureAwait(false);
            _kept.Remove(old);
            _added.Add(document);
            return document.Id;
        }
        finally
        {
            _busy = false;
        }
    }

    /// <summary>Signs the header over all documents and stores it. Added and rotated documents stand first in it, kept ones after them.</summary>
    /// <param name="cancellationToken">Cancels the operation; the bundle is then not complete, and the writer of a single file is of no further use.</param>
    /// <returns>The header. Its digest is what the ledger is told.</returns>
    /// <exception cref="InvalidOperationException">There are no documents, or the header would be longer than 1 MiB, or the bundle is complete or busy with another call.</exception>
    /// <exception cref="PhrDataException">A kept document could not be copied into the new file.</exception>
    public async Task<BundleHeader> CompleteAsync(CancellationToken cancellationToken = default)
    {
        Enter();
        try
        {
            if (_added.Count + _kept.Count == 0)
            {
                throw new InvalidOperationException("A bundle has at least one document.");
            }

            if (HeaderLength() > BundleHeader.MaxLength)
            {
                throw new InvalidOperationException($"A header has at most {BundleHeader.MaxLength} bytes. Shorten labels, or leave out recipients or documents.");
            }

            // A file cannot take back what was begun here; a store can be asked again.
            _over = _sink is BundleFileSink;
            if (_keptFrom is not null)
            {
                foreach (BundleDocument document in _kept)
                {
                    await _keptFrom.CopyObjectAsync(document, _sink, cancellationToken).ConfigureAwait(false);
                }
            }

            var header = BundleHeader.Sign(_ledger, _patient, BundleId, _previous, _time.GetUtcNow(), [.. _added, .. _kept], _searchIndex, _random);
            Cid cid = await _sink.PutBlockAsync(header.ToBytes(), cancellationToken).ConfigureAwait(false);
            if (cid != header.Cid)
            {
                throw new InvalidOperationException("The sink did not store the header as one raw block.");
            }

            _over = true;
            return header;
        }
        finally
        {
            _busy = false;
        }
    }

    /// <summary>Ends the writer. Documents of a bundle that was not completed remain in a content store until it collects what nothing names.</summary>
    /// <returns>A task that ends when everything is released.</returns>
    public ValueTask DisposeAsync()
    {
        _over = true;
        return ValueTask.CompletedTask;
    }

    internal static BundleWriter Create(IContentSink sink, PatientKeys patient, LedgerId ledger, BundleWriterOptions? options, RandomSource random) =>
        new(sink, patient, ledger, null, null, options, random);

    internal static BundleWriter Create(Stream output, PatientKeys patient, LedgerId ledger, BundleWriterOptions? options, RandomSource random) =>
        new(FileSink(output), patient, ledger, null, null, options, random);

    internal static BundleWriter Revise(IContentSink sink, PatientKeys patient, BundleHeader previous, BundleWriterOptions? options, RandomSource random) =>
        new(sink, patient, previous.LedgerId, previous, null, options, random);

    internal static BundleWriter Revise(Stream output, PatientKeys patient, BundleReader previous, BundleWriterOptions? options, RandomSource random) =>
        new(FileSink(output), patient, previous.Header.LedgerId, previous.Header, previous, options, random);

    private static BundleFileSink FileSink(Stream output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return new BundleFileSink(output);
    }

    private static BundleId RandomBundleId(RandomSource random)
    {
        Span<byte> bytes = stackalloc byte[BundleId.Length];
        random.Fill(bytes);
        return BundleId.FromBytes(bytes);
    }

    private static int EntryLimit(DocumentInfo info) =>
        512 + info.VisibleLabels.Sum(static label => 3 + System.Text.Encoding.UTF8.GetByteCount(label)) + SealedInfo.MaxSealedLength(info);

    private int HeaderLength() => HeaderOverhead + _added.Sum(static d => d.EncodedLength) + _kept.Sum(static d => d.EncodedLength);

    private static void ThrowIfFull(int documents, int headerLength)
    {
        if (documents > BundleHeader.MaxDocuments || headerLength > BundleHeader.MaxLength)
        {
            throw new InvalidOperationException(
                $"The bundle is full: a header has at most {BundleHeader.MaxDocuments} documents and {BundleHeader.MaxLength} bytes. Begin another bundle.");
        }
    }

    private DocumentKey OpenKey(BundleDocument document)
    {
        using SecretKey delegating = _patient.DeriveDelegatingKey(BundleId, document.Id);
        if (delegating.PublicKey != document.DelegatingKey)
        {
            throw new ArgumentException($"Document {document.Id} was not sealed under a key of this patient.", nameof(document));
        }

        using CapsuleKey capsuleKey = Umbral.Decapsulate(delegating, document.Capsule);
        return DocumentKey.FromCapsuleKey(
            DocumentCipher.Context(_ledger, _patient.Identity.Id, BundleId, document.Id), document, document.DelegatingKey, document.Capsule, document.WrappedKey.Span, capsuleKey);
    }

    private (List<BundleDocument> List, int Index) Locate(DocumentId documentId)
    {
        int index = _kept.FindIndex(d => d.Id == documentId);
        if (index >= 0)
        {
            return (_kept, index);
        }

        index = _added.FindIndex(d => d.Id == documentId);
        return index >= 0 ? (_added, index) : throw new ArgumentException($"The bundle has no document {documentId}.", nameof(documentId));
    }

    private int IndexOfKept(DocumentId documentId)
    {
        int index = _kept.FindIndex(d => d.Id == documentId);
        return index >= 0 ? index : throw new ArgumentException($"The bundle that is revised has no document {documentId}.", nameof(documentId));
    }

    private void Enter()
    {
        ThrowIfNotReady();
        _busy = true;
    }

    private void ThrowIfNotReady()
    {
        if (_over)
        {
            throw new InvalidOperationException("The bundle is complete, or its writer was disposed.");
        }

        if (_busy)
        {
            throw new InvalidOperationException("The writer is busy with another call.");
        }
    }
}
