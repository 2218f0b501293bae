using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Phr.Crypto.Memory;
using Phr.Shared;

namespace Phr.Crypto.Bundles;

/// <summary>The constants, lengths and key schedule of suite 1 (docs/bundle-format.md §5 and §6).</summary>
internal static class DocumentCipher
{
    public const string Stage = "document";

    /// <summary>AES-256-GCM in chunks, HKDF-SHA256, Umbral capsules on secp256k1.</summary>
    public const byte Suite = 1;
    public const int KeyLength = 32;
    public const int SaltLength = 32;
    public const int TagLength = 16;
    public const int NonceLength = 12;
    public const int ChunkLength = 65_536;
    public const int SealedChunkLength = ChunkLength + TagLength;
    public const int MaxChunks = 1 << 24;
    public const int WrappedKeyLength = KeyLength + TagLength;
    public const long MaxPaddedLength = (long)MaxChunks * ChunkLength;
    public const long MaxCiphertextLength = (long)MaxChunks * SealedChunkLength;

    /// <summary>K_enc || K_com || K_meta.</summary>
    public const int ScheduleLength = 3 * KeyLength;

    private static readonly byte[] ScheduleTag = Encoding.ASCII.GetBytes("phr/doc/v1");
    private static readonly byte[] WrapTag = Encoding.ASCII.GetBytes("phr/wrap/v1");

    /// <summary>Length of the ciphertext of <paramref name="paddedLength"/> bytes.</summary>
    public static long CiphertextLength(long paddedLength) => paddedLength + (TagLength * ChunkCount(paddedLength));

    /// <summary>Number of chunks that hold <paramref name="paddedLength"/> bytes; an empty document has one, of no bytes.</summary>
    public static long ChunkCount(long paddedLength) => Math.Max(1, (paddedLength + ChunkLength - 1) / ChunkLength);

    /// <summary>The plaintext's padded length, when a ciphertext can have this length at all.</summary>
    public static bool TryPaddedLength(long ciphertextLength, out long paddedLength)
    {
        paddedLength = 0;
        if (ciphertextLength is < TagLength or > MaxCiphertextLength)
        {
            return false;
        }

        long whole = ciphertextLength / SealedChunkLength, rest = ciphertextLength % SealedChunkLength;
        if (rest is > 0 and <= TagLength)
        {
            // A last chunk of no bytes is only the one chunk of an empty document.
            return rest == TagLength && whole == 0;
        }

        paddedLength = (whole * ChunkLength) + Math.Max(0, rest - TagLength);
        return true;
    }

    public static void WriteNonce(Span<byte> nonce, long counter, bool last)
    {
        nonce.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(nonce[7..], checked((uint)counter));
        nonce[11] = last ? (byte)1 : (byte)0;
    }

    /// <summary>SHA-256 of what every key of a document is bound to.</summary>
    /// <remarks>The patient stands in it by id and not by key, so that documents outlive a replaced object key.</remarks>
    public static Digest Context(LedgerId ledger, ActorId patient, BundleId bundle, DocumentId document) =>
        Digest.Of(new CanonicalCborWriter()
            .Array(5).Id(ledger).Id(patient).Id(bundle).Id(document).UInt64(ChunkLength).EndArray()
            .ToBytes());

    /// <summary>Derives K_enc || K_com || K_meta from the content key.</summary>
    public static SecretBytes DeriveSchedule(SecretBytes contentKey, ReadOnlySpan<byte> salt, Digest context)
    {
        Span<byte> info = stackalloc byte[ScheduleTag.Length + 1 + Digest.Length];
        ScheduleTag.CopyTo(info);
        info[ScheduleTag.Length] = Suite;
        context.CopyTo(info[(ScheduleTag.Length + 1)..]);
        var schedule = new SecretBytes(ScheduleLength);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, contentKey.Reveal(), schedule.Reveal(), salt, info);
        return schedule;
    }

    /// <summary>Wraps a content key under a capsule's key for one recipient.</summary>
    public static byte[] WrapKey(ReadOnlySpan<byte> capsuleKey, PublicKey recipient, Capsule capsule, DocumentId document, SecretBytes contentKey)
    {
        byte[] wrapped = new byte[WrappedKeyLength];
        Span<byte> key = stackalloc byte[KeyLength];
        try
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, capsuleKey, key, [], WrapTag);
            using var aes = new AesGcm(key, TagLength);
            Span<byte> nonce = stackalloc byte[NonceLength];
            nonce.Clear();
            aes.Encrypt(nonce, contentKey.Reveal(), wrapped.AsSpan(0, KeyLength), wrapped.AsSpan(KeyLength), WrapContext(recipient, capsule, document));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }

        return wrapped;
    }

    /// <summary>Unwraps a content key; null when the key, the context or the bytes are not the ones it was wrapped with.</summary>
    public static SecretBytes? UnwrapKey(ReadOnlySpan<byte> capsuleKey, PublicKey recipient, Capsule capsule, DocumentId document, ReadOnlySpan<byte> wrapped)
    {
        var contentKey = new SecretBytes(KeyLength);
        Span<byte> key = stackalloc byte[KeyLength];
        try
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, capsuleKey, key, [], WrapTag);
            using var aes = new AesGcm(key, TagLength);
            Span<byte> nonce = stackalloc byte[NonceLength];
            nonce.Clear();
            aes.Decrypt(nonce, wrapped[..KeyLength], wrapped[KeyLength..], contentKey.Reveal(), WrapContext(recipient, capsule, document));
            return contentKey;
        }
        catch (AuthenticationTagMismatchException)
        {
            contentKey.Dispose();
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static byte[] WrapContext(PublicKey recipient, Capsule capsule, DocumentId document) =>
        [.. recipient.ToBytes(), .. capsule.ToSimpleBytes(), .. document.ToBytes()];
}
