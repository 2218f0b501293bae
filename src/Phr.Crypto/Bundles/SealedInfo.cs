using System.Security.Cryptography;
using System.Text;
using Phr.Crypto.Envelopes;
using Phr.Crypto.Memory;
using Phr.Shared;

namespace Phr.Crypto.Bundles;

/// <summary>Seals and opens a document's description under K_meta (docs/bundle-format.md §7).</summary>
internal static class SealedInfo
{
    private const string Stage = "document info";
    private const string Tag = "phr/info/v1";

    // Short descriptions, with one source signature or none, all have this padded length.
    private const int MinPaddedLength = 512;

    private const int MaxPlaintextLength = BundleDocument.MaxSealedInfoLength - DocumentCipher.TagLength;

    // Padmé lengths are multiples of 32 from 512 on, of 64 from 1,024 on, and so forth.
    private const int PaddedStep = 32;

    /// <summary>Whether a description has a nonce of its own before it: whether it was sealed anew, after the document.</summary>
    public static bool HasNonce(int sealedLength) =>
        sealedLength > MinPaddedLength && (sealedLength - DocumentCipher.TagLength) % PaddedStep == DocumentCipher.NonceLength;

    /// <summary>An upper bound of what <see cref="Seal"/> returns, from what is known before sealing begins.</summary>
    public static int MaxSealedLength(DocumentInfo info) =>
        DocumentCipher.NonceLength + PaddedLength(Encoding.UTF8.GetByteCount(info.Title) + info.MediaType.Length + 96 + (info.SourceSignatures.Count * (SourceSignature.MaxLength + 3))) + DocumentCipher.TagLength;

    /// <summary>Seals a description: with the document under the nonce zero, which no other use of the key has; later under a random nonce, which is written before it.</summary>
    public static byte[] Seal(BundleId bundle, DocumentKey key, DocumentInfo info, long length, Digest plaintextDigest, RandomSource? anew = null)
    {
        CanonicalCborWriter writer = new CanonicalCborWriter()
            .Array(6).Text(Tag).Text(info.Title).Text(info.MediaType).UInt64((ulong)length).Id(plaintextDigest).Array(info.SourceSignatures.Count);
        foreach (SourceSignature signature in info.SourceSignatures)
        {
            writer.Bytes(signature.ToBytes());
        }

        byte[] encoded = writer.EndArray().EndArray().ToBytes();
        byte[] plaintext = new byte[PaddedLength(encoded.Length)];
        encoded.CopyTo(plaintext, 0);
        Span<byte> nonce = stackalloc byte[DocumentCipher.NonceLength];
        nonce.Clear();
        anew?.Fill(nonce);
        int start = anew is null ? 0 : nonce.Length;
        byte[] sealedInfo = new byte[start + plaintext.Length + DocumentCipher.TagLength];
        nonce[..start].CopyTo(sealedInfo);
        using var aes = new AesGcm(key.MetadataKey, DocumentCipher.TagLength);
        aes.Encrypt(nonce, plaintext, sealedInfo.AsSpan(start, plaintext.Length), sealedInfo.AsSpan(start + plaintext.Length), Context(bundle, key));
        CryptographicOperations.ZeroMemory(encoded);
        CryptographicOperations.ZeroMemory(plaintext);
        return sealedInfo;
    }

    public static DocumentInfo Open(BundleId bundle, ActorId patient, BundleDocument document, DocumentKey key)
    {
        ReadOnlySpan<byte> sealedInfo = document.SealedInfo.Span;
        Span<byte> nonce = stackalloc byte[DocumentCipher.NonceLength];
        nonce.Clear();
        if (HasNonce(sealedInfo.Length))
        {
            sealedInfo[..nonce.Length].CopyTo(nonce);
            sealedInfo = sealedInfo[nonce.Length..];
        }

        byte[] plaintext = new byte[sealedInfo.Length - DocumentCipher.TagLength];
        try
        {
            using var aes = new AesGcm(key.MetadataKey, DocumentCipher.TagLength);
            aes.Decrypt(nonce, sealedInfo[..plaintext.Length], sealedInfo[plaintext.Length..], plaintext, Context(bundle, key));
            return Read(patient, document, plaintext);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new PhrDataException(Stage, PhrDataReason.AuthenticationFailed, "the sealed description was altered.", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>Reads the description in the clear, padding included.</summary>
    internal static DocumentInfo Read(ActorId patient, BundleDocument document, byte[] plaintext)
    {
        var reader = new CanonicalCborReader(Stage, plaintext, MaxPlaintextLength);
        reader.BeginArray(6);
        reader.Expect(Tag);
        string title = reader.Text(DocumentInfo.MaxTitleLength), mediaType = reader.Text(DocumentInfo.MaxMediaTypeLength);
        if (!DocumentInfo.IsText(title, DocumentInfo.MaxTitleLength) || !DocumentInfo.IsMediaType(mediaType))
        {
            throw reader.Fault(PhrDataReason.Malformed, "the title or the media type has characters it may not have, or is too long.");
        }

        long length = (long)reader.UInt64(DocumentCipher.MaxPaddedLength);
        if (DocumentCipher.CiphertextLength(Padme.PaddedLength(length)) != document.CiphertextLength)
        {
            throw reader.Fault(PhrDataReason.Mismatched, "the length does not go with the ciphertext's length in the header.");
        }

        Digest digest = reader.Digest();
        var signatures = new SourceSignature[reader.BeginList(DocumentInfo.MaxSourceSignatures)];
        for (int i = 0; i < signatures.Length; i++)
        {
            signatures[i] = SourceSignature.FromBytes(reader.Bytes(SourceSignature.MaxLength));
            if (signatures[i].PlaintextDigest != digest || signatures[i].PatientId != patient)
            {
                throw reader.Fault(PhrDataReason.Mismatched, "a source signature is over another document or for another patient.");
            }
        }

        reader.EndArray();
        reader.EndArray();
        if (signatures.Distinct().Count() != signatures.Length)
        {
            throw reader.Fault(PhrDataReason.Duplicate, "a source signature occurs twice.");
        }

        int encoded = plaintext.Length - reader.BytesRemaining;
        if (plaintext.Length != PaddedLength(encoded) || plaintext.AsSpan(encoded).ContainsAnyExcept((byte)0))
        {
            throw reader.Fault(PhrDataReason.NonCanonical, "the padding is not zero bytes up to the next padded length.");
        }

        return new DocumentInfo(title, mediaType, length, digest, signatures, [.. document.VisibleLabels]);
    }

    private static int PaddedLength(int length) => (int)Padme.PaddedLength(Math.Max(length, MinPaddedLength));

    private static byte[] Context(BundleId bundle, DocumentKey key) =>
        [.. Encoding.ASCII.GetBytes(Tag), .. bundle.ToBytes(), .. key.DocumentId.ToBytes(), .. key.KeyCommitment.ToBytes()];
}
