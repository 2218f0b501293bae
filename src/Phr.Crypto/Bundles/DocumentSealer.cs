using System.Security.Cryptography;
using Phr.Crypto.Envelopes;
using Phr.Crypto.Memory;

namespace Phr.Crypto.Bundles;

/// <summary>Seals one document: everything fresh, once. A failed attempt is given up with its id and keys, never resumed.</summary>
internal sealed class DocumentSealer : IDisposable
{
    private readonly LedgerId _ledger;
    private readonly ActorId _patient;
    private readonly BundleId _bundle;
    private readonly PublicKey _delegatingKey;
    private readonly Capsule _capsule;
    private readonly byte[] _wrappedKey;
    private readonly byte[] _salt = new byte[DocumentCipher.SaltLength];
    private readonly DocumentKey _key;

    public DocumentSealer(LedgerId ledger, PatientKeys patient, BundleId bundle, RandomSource random)
    {
        _ledger = ledger;
        _patient = patient.Identity.Id;
        _bundle = bundle;
        Span<byte> id = stackalloc byte[DocumentId.Length];
        random.Fill(id);
        Id = DocumentId.FromBytes(id);
        random.Fill(_salt);
        var contentKey = new SecretBytes(DocumentCipher.KeyLength);
        random.Fill(contentKey.Reveal());
        _key = DocumentKey.ForSealing(contentKey, _salt, ledger, _patient, bundle, Id);
        using (SecretKey delegating = patient.DeriveDelegatingKey(bundle, Id))
        {
            _delegatingKey = delegating.PublicKey;
        }

        (_capsule, _wrappedKey) = Wrap(_key, _delegatingKey, random);
    }

    public DocumentId Id { get; }

    /// <summary>Wraps a document's content key to a further key.</summary>
    public static (Capsule Capsule, byte[] WrappedKey) Wrap(DocumentKey key, PublicKey recipient, RandomSource random)
    {
        (Capsule capsule, SecretBytes shared) = Umbral.EncapsulateShared(recipient, random);
        using (shared)
        {
            using var capsuleKey = new CapsuleKey(shared);
            return (capsule, DocumentCipher.WrapKey(capsuleKey.Reveal(), recipient, capsule, key.DocumentId, key.ContentKey));
        }
    }

    /// <summary>Reads the content to its end, seals it chunk by chunk, and completes the object only when everything is as it must be.</summary>
    /// <remarks><paramref name="expected"/> is what the content's digest must be when it comes from another sealing; else null.</remarks>
    public async Task<BundleDocument> SealAsync(
        Stream content, DocumentInfo info, Digest? expected, IContentSink sink, int parallelism, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using ContentWriter writer = await sink.CreateAsync(cancellationToken).ConfigureAwait(false);
        var report = new ProgressSteps(progress);
        var steps = new OrderedWork<ChunkBatch>.Steps(
            static batch => batch.Seal(),
            batch => hash.AppendData(batch.ContentBytes.Span),
            SecondNeedsWork: false,
            (batch, token) => report.AfterAsync(writer.WriteAsync(batch.SealedChunks, token), batch));
        await using var work = new OrderedWork<ChunkBatch>(parallelism, () => new ChunkBatch(_key.CreateCipher(_bundle), parallelism), steps, cancellationToken);
        long length = await FeedAsync(content, work, cancellationToken).ConfigureAwait(false);
        var digest = Digest.FromBytes(hash.GetHashAndReset());
        if (expected is { } sealedDigest && sealedDigest != digest)
        {
            throw new PhrDataException(DocumentCipher.Stage, PhrDataReason.DigestMismatch, "the content does not have the digest that the patient sealed with it.");
        }

        if (info.SourceSignatures.Any(s => s.PlaintextDigest != digest || s.PatientId != _patient))
        {
            throw new ArgumentException("A source signature is over other content or for another patient.", nameof(info));
        }

        byte[] sealedInfo = SealedInfo.Seal(_bundle, _key, info, length, digest);

        // Before the object is there for good: a listener that throws then leaves no document that the header would not name.
        progress?.Report(length);
        Cid cid = await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        return new BundleDocument(
            Id,
            _delegatingKey,
            _capsule,
            _wrappedKey,
            cid,
            DocumentCipher.CiphertextLength(Padme.PaddedLength(length)),
            _key.KeyCommitment,
            _salt,
            [.. info.VisibleLabels],
            sealedInfo,
            []);
    }

    public void Dispose() => _key.Dispose();

    /// <summary>Cuts the content into batches, one ahead because the last chunk must be known as the last, and zeros after it up to the padded length.</summary>
    private static async Task<long> FeedAsync(Stream content, OrderedWork<ChunkBatch> work, CancellationToken cancellationToken)
    {
        long counter = 0, length = 0;
        ChunkBatch batch = await work.TakeAsync().ConfigureAwait(false);
        int size = batch.Plaintext.Length, filled = await FillAsync(content, batch, cancellationToken).ConfigureAwait(false);
        while (filled == size)
        {
            ChunkBatch ahead = await work.TakeAsync().ConfigureAwait(false);
            int next = await FillAsync(content, ahead, cancellationToken).ConfigureAwait(false);
            if (next == 0)
            {
                work.Return(ahead);
                break;
            }

            ThrowIfTooLong(counter + (size / DocumentCipher.ChunkLength) + 1);
            (batch.Counter, batch.Length, batch.Content, batch.Last) = (counter, size, size, false);
            await work.PostAsync(batch).ConfigureAwait(false);
            counter += size / DocumentCipher.ChunkLength;
            length += size;
            (batch, filled) = (ahead, next);
        }

        // What is left of the content is in `batch`.
        length += filled;
        long remaining = Padme.PaddedLength(length) - (counter * DocumentCipher.ChunkLength);
        ThrowIfTooLong(counter + DocumentCipher.ChunkCount(remaining));
        while (true)
        {
            batch.Plaintext.Span[filled..].Clear();
            int part = (int)Math.Min(remaining, size);
            remaining -= part;
            (batch.Counter, batch.Length, batch.Content, batch.Last) = (counter, part, filled, remaining == 0);
            await work.PostAsync(batch).ConfigureAwait(false);
            if (remaining == 0)
            {
                await work.CompleteAsync().ConfigureAwait(false);
                return length;
            }

            counter += part / DocumentCipher.ChunkLength;
            filled = 0;
            batch = await work.TakeAsync().ConfigureAwait(false);
        }
    }

    private static ValueTask<int> FillAsync(Stream content, ChunkBatch batch, CancellationToken cancellationToken) =>
        content.ReadAtLeastAsync(batch.Plaintext, batch.Plaintext.Length, throwOnEndOfStream: false, cancellationToken);

    private static void ThrowIfTooLong(long chunks)
    {
        if (chunks > DocumentCipher.MaxChunks)
        {
            throw new ArgumentException($"A document has at most {DocumentCipher.MaxChunks} chunks of {DocumentCipher.ChunkLength} bytes.", "content");
        }
    }
}
