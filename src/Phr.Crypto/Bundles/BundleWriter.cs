using Phr.Crypto.Bundles;
using Phr.Crypto.Memory;

namespace Phr.Crypto;

/// <summary>Seals documents into a bundle, streaming, and signs the bundle's header at the end.</summary>
/// <remarks>
/// <para>Memory stays the same whatever the documents' sizes: about 200 KiB. Every document gets its own random content key, salt, id and
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
            if (_added.Count + _kept.Count == BundleHeader.MaxDocuments || HeaderLength() + EntryLimit(info) > BundleHeader.MaxLength)
            {
                throw new InvalidOperationException(
                    $"The bundle is full: a header has at most {BundleHeader.MaxDocuments} documents and {BundleHeader.MaxLength} bytes. Begin another bundle.");
            }

            using var sealer = new DocumentSealer(_ledger, _patient, BundleId, _random);
            BundleDocument document = await sealer.SealAsync(content, info, _sink, progress, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Replaces the visible labels of a document of the revised bundle.</summary>
    /// <param name="documentId">The document.</param>
    /// <param name="labels">The labels: see <see cref="DocumentInfo.VisibleLabels"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="labels"/> is null.</exception>
    /// <exception cref="ArgumentException">The labels are not as they must be, or the revised bundle does not have the document, or it was dropped.</exception>
    /// <exception cref="InvalidOperationException">The bundle is complete, or busy with another call.</exception>
    public void SetVisibleLabels(DocumentId documentId, IReadOnlyList<string> labels)
    {
        string[] checkedLabels = DocumentInfo.CheckLabels(labels);
        ThrowIfNotReady();
        int index = IndexOfKept(documentId);
        _kept[index] = _kept[index].WithLabels(checkedLabels);
    }

    /// <summary>Leaves the revised bundle's search index out of the revision.</summary>
    /// <exception cref="InvalidOperationException">The bundle is complete, or busy with another call.</exception>
    /// <remarks>Without this a revision keeps the index, which then does not know of added documents. Whoever has the index and tokens can go on using them.</remarks>
    public void RemoveSearchIndex()
    {
        ThrowIfNotReady();
        _searchIndex = null;
    }

    /// <summary>Signs the header over all documents and stores it. Added documents stand first in it, kept ones after them.</summary>
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
                throw new InvalidOperationException($"A header has at most {BundleHeader.MaxLength} bytes. Shorten labels or drop documents.");
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

    /// <summary>Names a search index that was made for this header.</summary>
    internal void SetSearchIndex(SearchIndexReference reference)
    {
        ThrowIfNotReady();
        _searchIndex = reference.Epoch == Sequence
            ? reference
            : throw new ArgumentException($"The index is of epoch {reference.Epoch}, and the header will have number {Sequence}.", nameof(reference));
    }

    /// <summary>Wraps the content key of a document of the revised bundle to a further key.</summary>
    internal void AddRecipient(DocumentId documentId, PublicKey recipient)
    {
        ThrowIfNotReady();
        int index = IndexOfKept(documentId);
        using DocumentKey key = _previous!.OpenDocumentKey(documentId, _patient);
        (Capsule capsule, byte[] wrappedKey) = DocumentSealer.Wrap(key, recipient, _random);
        _kept[index] = _kept[index].WithRecipient(new BundleRecipient(recipient, capsule, wrappedKey));
    }

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
