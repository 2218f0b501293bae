using System.Security.Cryptography;
using Phr.Crypto.Envelopes;
using Phr.Crypto.Memory;

namespace Phr.Crypto.Bundles;

/// <summary>Seals one document: everything fresh, once. A failed attempt is given up with its id and keys, never resumed.</summary>
internal sealed class DocumentSealer : IDisposable
{
    // Progress is told about this often; a report may cost its listener much more than a chunk costs us.
    private const long ProgressStep = 1 << 20;

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
        Stream content, DocumentInfo info, Digest? expected, IContentSink sink, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        byte[] current = new byte[DocumentCipher.ChunkLength], ahead = new byte[DocumentCipher.ChunkLength];
        byte[] chunk = new byte[DocumentCipher.SealedChunkLength];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using ChunkCipher cipher = _key.CreateCipher(_bundle);
        await using ContentWriter writer = await sink.CreateAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            long counter = 0, length = 0, reported = 0;
            int filled = await FillAsync(content, current, cancellationToken).ConfigureAwait(false);
            while (filled == DocumentCipher.ChunkLength)
            {
                int next = await FillAsync(content, ahead, cancellationToken).ConfigureAwait(false);
                if (next == 0)
                {
                    break;
                }

                ThrowIfTooLong(counter + 1);
                hash.AppendData(current);
                cipher.Seal(counter++, last: false, current, chunk);
                await writer.WriteAsync(chunk, cancellationToken).ConfigureAwait(false);
                length += DocumentCipher.ChunkLength;
                (current, ahead, filled) = (ahead, current, next);
                if (length - reported >= ProgressStep)
                {
                    reported = length;
                    progress?.Report(length);
                }
            }

            // What is left of the content is in `current`; zeros follow it up to the padded length.
            hash.AppendData(current, 0, filled);
            current.AsSpan(filled).Clear();
            length += filled;
            long remaining = Padme.PaddedLength(length) - (counter * DocumentCipher.ChunkLength);
            ThrowIfTooLong(counter + DocumentCipher.ChunkCount(remaining));
            bool last;
            do
            {
                int size = (int)Math.Min(remaining, DocumentCipher.ChunkLength);
                remaining -= size;
                last = remaining == 0;
                cipher.Seal(counter++, last, current.AsSpan(0, size), chunk);
                await writer.WriteAsync(chunk.AsMemory(0, size + DocumentCipher.TagLength), cancellationToken).ConfigureAwait(false);
                current.AsSpan(0, filled).Clear();
            }
            while (!last);

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
            Cid cid = await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
            progress?.Report(length);
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
        finally
        {
            CryptographicOperations.ZeroMemory(current);
            CryptographicOperations.ZeroMemory(ahead);
        }
    }

    public void Dispose() => _key.Dispose();

    private static async ValueTask<int> FillAsync(Stream content, byte[] buffer, CancellationToken cancellationToken) =>
        await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);

    private static void ThrowIfTooLong(long chunks)
    {
        if (chunks > DocumentCipher.MaxChunks)
        {
            throw new ArgumentException($"A document has at most {DocumentCipher.MaxChunks} chunks of {DocumentCipher.ChunkLength} bytes.", "content");
        }
    }
}
