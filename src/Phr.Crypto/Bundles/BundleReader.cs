using System.Buffers;
using System.Security.Cryptography;
using Phr.Crypto.Bundles;

namespace Phr.Crypto;

/// <summary>Opens the documents of a bundle, streaming or at any place, and verifies every byte before it is given out.</summary>
/// <remarks>
/// Format: docs/bundle-format.md. Several readers may use one content source at once; a reader of a single file, and the streams from it, share
/// the file's position and are used by one caller at a time.
/// </remarks>
public sealed class BundleReader : IAsyncDisposable
{
    private readonly IContentSource _source;
    private int _parallelism = 1;
    private bool _disposed;

    private BundleReader(IContentSource source, BundleHeader header)
    {
        _source = source;
        Header = header;
    }

    /// <summary>The bundle's verified header.</summary>
    public BundleHeader Header { get; }

    /// <summary>How many cores decrypting one whole document may use at once. What is written is the same whatever is chosen.</summary>
    /// <value>1 to <see cref="BundleWriterOptions.MaxParallelism"/>; 1 unless said, which does everything on the caller's path. It counts for what is begun after it was set.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside the range.</exception>
    /// <remarks>
    /// Worth it from some MiB on. SHA-256 over the content runs on one core at a time, so more than three cores give nothing, but for the check of a
    /// single file against its content id. With more than 1, the destination is written, and progress told, from other threads than the caller's,
    /// though never twice at once. Memory: 1 MiB for each, and 2 more.
    /// </remarks>
    public int Parallelism
    {
        get => _parallelism;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, BundleWriterOptions.MaxParallelism);
            _parallelism = value;
        }
    }

    /// <summary>Opens a bundle whose header the caller has verified already.</summary>
    /// <param name="source">Where the sealed documents are. It need not be trusted.</param>
    /// <param name="header">The header; from a trusted place.</param>
    /// <returns>The reader.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static BundleReader Open(IContentSource source, BundleHeader header)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(header);
        return new BundleReader(source, header);
    }

    /// <summary>Opens a bundle in content storage by the digest of its header, as a ledger names it.</summary>
    /// <param name="source">Where the objects are. It need not be trusted.</param>
    /// <param name="headerDigest">SHA-256 of the header; from a trusted place, such as a ledger's final state.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The reader. Who signed the header, the caller knows from where the digest came, or asks <see cref="BundleHeader.IsSignedBy"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> is null.</exception>
    /// <exception cref="PhrDataException">There is no such object, its bytes do not have the digest, or they are not a header (stage <c>bundle header</c>).</exception>
    public static async Task<BundleReader> OpenAsync(IContentSource source, Digest headerDigest, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BundleHeader.MaxLength + 1);
        try
        {
            await using Stream stream = await source.OpenAsync(Cid.ForRawBlock(headerDigest), 0, null, cancellationToken).ConfigureAwait(false);
            int length = await stream.ReadAtLeastAsync(buffer.AsMemory(0, BundleHeader.MaxLength + 1), BundleHeader.MaxLength + 1, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (length > BundleHeader.MaxLength)
            {
                throw new PhrDataException(BundleHeader.Stage, PhrDataReason.TooLarge, $"it is longer than {BundleHeader.MaxLength} bytes.");
            }

            if (Digest.Of(buffer.AsSpan(0, length)) != headerDigest)
            {
                throw new PhrDataException(BundleHeader.Stage, PhrDataReason.DigestMismatch, "its bytes do not have the digest that was asked for.");
            }

            return new BundleReader(source, BundleHeader.FromBytes(buffer.AsMemory(0, length)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Opens a bundle in content storage by the digest of its header, and refuses one that this patient did not sign.</summary>
    /// <param name="source">Where the objects are. It need not be trusted.</param>
    /// <param name="headerDigest">SHA-256 of the header.</param>
    /// <param name="patient">The patient's public keys, from a trusted place.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The reader.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> or <paramref name="patient"/> is null.</exception>
    /// <exception cref="PhrDataException">There is no such object, its bytes do not have the digest, or they are not a header that this patient signed (stage <c>bundle header</c>).</exception>
    public static async Task<BundleReader> OpenAsync(IContentSource source, Digest headerDigest, IdentityPublicKeys patient, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(patient);
        BundleReader reader = await OpenAsync(source, headerDigest, cancellationToken).ConfigureAwait(false);
        ThrowIfNotSignedBy(reader.Header, patient);
        return reader;
    }

    /// <summary>Opens a bundle in a single file, and refuses one that this patient did not sign.</summary>
    /// <param name="input">The file, readable and seekable, from its byte 0. It need not be trusted. It stays open; the reader uses it until disposed.</param>
    /// <param name="patient">The patient's public keys, from a trusted place.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The reader.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="input"/> or <paramref name="patient"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="input"/> cannot be read or cannot seek.</exception>
    /// <exception cref="PhrDataException">The file is not a bundle (stage <c>bundle file</c>), or its header is not one that this patient signed (stage <c>bundle header</c>).</exception>
    public static async Task<BundleReader> OpenAsync(Stream input, IdentityPublicKeys patient, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(patient);
        if (!input.CanRead || !input.CanSeek)
        {
            throw new ArgumentException("A bundle is read from a stream that can seek.", nameof(input));
        }

        BundleHeader header = await BundleFile.ReadHeaderAsync(input, cancellationToken).ConfigureAwait(false);
        ThrowIfNotSignedBy(header, patient);
        return new BundleReader(new BundleFileSource(input, header), header);
    }

    /// <summary>Opens what is sealed beside a document, without fetching the document.</summary>
    /// <param name="documentId">The document.</param>
    /// <param name="key">The document's key.</param>
    /// <returns>The description: see <see cref="BundleHeader.DecryptInfo"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="ArgumentException">The bundle does not have the document, or the key is another document's.</exception>
    /// <exception cref="PhrDataException">The sealed bytes were altered or are not as an honest writer makes them (stage <c>document info</c>).</exception>
    public DocumentInfo DecryptInfo(DocumentId documentId, DocumentKey key) => Header.DecryptInfo(documentId, key);

    /// <summary>Decrypts a whole document with the patient's keys.</summary>
    /// <param name="documentId">The document.</param>
    /// <param name="patient">The keys of the patient who sealed it.</param>
    /// <param name="destination">Takes the plaintext, chunk by chunk as each is verified. It stays open.</param>
    /// <param name="progress">Told the number of plaintext bytes written, about every MiB and at the end; or null.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The report that the document is complete and is the one the patient sealed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="patient"/> or <paramref name="destination"/> is null.</exception>
    /// <exception cref="ArgumentException">The bundle does not have the document, or it was not sealed under a key of this patient.</exception>
    /// <exception cref="PhrDataException">The document cannot be fetched, or was truncated or altered (stage <c>document</c>). What was written is the beginning of a document at most: discard it.</exception>
    public async Task<OpenedDocument> DecryptAsync(
        DocumentId documentId, PatientKeys patient, Stream destination, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        using DocumentKey key = Header.OpenDocumentKey(documentId, patient);
        return await DecryptAsync(documentId, key, destination, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Decrypts a whole document.</summary>
    /// <param name="documentId">The document.</param>
    /// <param name="key">The document's key.</param>
    /// <param name="destination">Takes the plaintext, chunk by chunk as each is verified. It stays open.</param>
    /// <param name="progress">Told the number of plaintext bytes written, about every MiB and at the end; or null.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The report that the document is complete and is the one the patient sealed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> or <paramref name="destination"/> is null.</exception>
    /// <exception cref="ArgumentException">The bundle does not have the document, or the key is another document's.</exception>
    /// <exception cref="PhrDataException">The document cannot be fetched, or was truncated or altered (stage <c>document</c>). What was written is the beginning of a document at most: discard it.</exception>
    /// <remarks>Cost: AES-256-GCM and SHA-256 over the content, and what the source needs to verify the ciphertext. Memory: about 1 MiB, or what <see cref="Parallelism"/> says.</remarks>
    public async Task<OpenedDocument> DecryptAsync(
        DocumentId documentId, DocumentKey key, Stream destination, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(destination);
        ThrowIfDisposed();
        BundleDocument document = Header.GetDocument(documentId);
        DocumentInfo info = Header.DecryptInfo(documentId, key);
        if (_source is BundleFileSource file)
        {
            await file.VerifyAsync(document.CiphertextCid, _parallelism, cancellationToken).ConfigureAwait(false);
        }

        await using Stream ciphertext = await _source.OpenAsync(document.CiphertextCid, 0, null, cancellationToken).ConfigureAwait(false);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var report = new ProgressSteps(progress);
        var steps = new OrderedWork<ChunkBatch>.Steps(
            static batch => batch.Open(),
            batch => hash.AppendData(batch.ContentBytes.Span),
            SecondNeedsWork: true,
            (batch, token) => report.AfterAsync(destination.WriteAsync(batch.ContentBytes, token), batch));
        await using var work = new OrderedWork<ChunkBatch>(_parallelism, () => new ChunkBatch(key.CreateCipher(Header.BundleId), _parallelism), steps, cancellationToken);
        await FeedAsync(ciphertext, document.CiphertextLength, info.Length!.Value, work, cancellationToken).ConfigureAwait(false);
        if (await ciphertext.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false) != 0)
        {
            throw Fault(PhrDataReason.WrongLength, "bytes follow the document's last chunk.");
        }

        var digest = Digest.FromBytes(hash.GetHashAndReset());
        if (digest != info.PlaintextDigest)
        {
            throw Fault(PhrDataReason.DigestMismatch, "the content does not have the digest that the patient sealed with it.");
        }

        progress?.Report(info.Length!.Value);
        return new OpenedDocument(documentId, info, digest);
    }

    /// <summary>Opens a document for reading at any place.</summary>
    /// <param name="documentId">The document.</param>
    /// <param name="key">The document's key, which must not be disposed before the stream.</param>
    /// <returns>
    /// A readable, seekable stream of the plaintext. It fetches and verifies the chunks it touches, and before the first the last one, which
    /// proves the length; a chunk that was altered is a <see cref="PhrDataException"/> (stage <c>document</c>). It prefers asynchronous reads.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="ArgumentException">The bundle does not have the document, or the key is another document's.</exception>
    /// <exception cref="PhrDataException">The sealed description was altered (stage <c>document info</c>).</exception>
    /// <remarks>Reading part of a document does not compare the digest that was sealed with it: <see cref="DecryptAsync(DocumentId, DocumentKey, Stream, IProgress{long}?, CancellationToken)"/> does. The stream is not thread safe.</remarks>
    public Stream OpenStream(DocumentId documentId, DocumentKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfDisposed();
        BundleDocument document = Header.GetDocument(documentId);
        DocumentInfo info = Header.DecryptInfo(documentId, key);
        return new DocumentStream(_source, document, key.CreateCipher(Header.BundleId), info.Length!.Value);
    }

    /// <summary>Copies the bundle, its ciphertexts and its header as they are, into content storage. No key is needed.</summary>
    /// <param name="sink">Takes the objects.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the header is stored, after everything else.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="sink"/> is null.</exception>
    /// <exception cref="PhrDataException">An object cannot be fetched or verified, or the sink cuts objects in another way and so names them otherwise.</exception>
    public async Task CopyToAsync(IContentSink sink, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sink);
        ThrowIfDisposed();
        foreach (BundleDocument document in Header.Documents)
        {
            await CopyObjectAsync(document, sink, cancellationToken).ConfigureAwait(false);
        }

        await sink.PutBlockAsync(Header.ToBytes(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Copies the bundle into a single file. No key is needed.</summary>
    /// <param name="output">An empty, writable stream; it stays open.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the file is complete.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="output"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="output"/> is not empty or not writable.</exception>
    /// <exception cref="PhrDataException">An object cannot be fetched or verified.</exception>
    public Task CopyToAsync(Stream output, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        return CopyToAsync(new BundleFileSink(output), cancellationToken);
    }

    /// <summary>Ends the reader; the stream or source under it stays open.</summary>
    /// <returns>A task that ends when everything is released.</returns>
    public ValueTask DisposeAsync()
    {
        _disposed = true;
        return ValueTask.CompletedTask;
    }

    internal static PhrDataException Fault(PhrDataReason reason, string detail) => new(DocumentCipher.Stage, reason, detail);

    internal async Task CopyObjectAsync(BundleDocument document, IContentSink sink, CancellationToken cancellationToken)
    {
        await using Stream source = await _source.OpenAsync(document.CiphertextCid, 0, null, cancellationToken).ConfigureAwait(false);
        await using ContentWriter writer = await sink.CreateAsync(cancellationToken).ConfigureAwait(false);
        byte[] buffer = new byte[ChunkBatch.SerialChunks * DocumentCipher.SealedChunkLength];
        long length = 0;
        int read;
        while ((read = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            length += read;
            if (length > document.CiphertextLength)
            {
                break;
            }

            await writer.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
        }

        if (length != document.CiphertextLength)
        {
            throw Fault(
                length < document.CiphertextLength ? PhrDataReason.Truncated : PhrDataReason.WrongLength,
                "the ciphertext does not have the length that the header states.");
        }

        if (await writer.CompleteAsync(cancellationToken).ConfigureAwait(false) != document.CiphertextCid)
        {
            throw Fault(PhrDataReason.Mismatched, "the copy has another content id: the two stores do not cut objects in the same way.");
        }
    }

    private static async Task FeedAsync(Stream ciphertext, long left, long contentLeft, OrderedWork<ChunkBatch> work, CancellationToken cancellationToken)
    {
        long counter = 0;
        while (left > 0)
        {
            ChunkBatch batch = await work.TakeAsync().ConfigureAwait(false);
            int wanted = (int)Math.Min(left, batch.Chunks.Length);
            int read = await ciphertext.ReadAtLeastAsync(batch.Chunks[..wanted], wanted, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            left -= wanted;

            // Of a ciphertext that was cut, the whole chunks before the cut are still those of a document that failed.
            int whole = read == wanted ? read : read - (read % DocumentCipher.SealedChunkLength), chunks = (whole + DocumentCipher.SealedChunkLength - 1) / DocumentCipher.SealedChunkLength;
            if (chunks > 0)
            {
                batch.Counter = counter;
                batch.Length = whole - (chunks * DocumentCipher.TagLength);
                batch.Content = (int)Math.Min(batch.Length, contentLeft);
                batch.Last = left == 0 && read == wanted;
                counter += chunks;
                contentLeft -= batch.Content;
                await work.PostAsync(batch).ConfigureAwait(false);
            }

            if (read != wanted)
            {
                await work.CompleteAsync().ConfigureAwait(false);
                throw Fault(PhrDataReason.Truncated, "the ciphertext ends before the document does.");
            }
        }

        await work.CompleteAsync().ConfigureAwait(false);
    }

    private static void ThrowIfNotSignedBy(BundleHeader header, IdentityPublicKeys patient)
    {
        if (!header.IsSignedBy(patient))
        {
            throw new PhrDataException(BundleHeader.Stage, PhrDataReason.InvalidSignature, "it is not signed by the patient who was expected.");
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);
}
