using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using NSec.Cryptography;
using Phr.Crypto.Memory;
using PlatformCipher = System.Security.Cryptography.ChaCha20Poly1305;

namespace Phr.Crypto;

/// <summary>The scheme's data encryption: XChaCha20-Poly1305, nonce(24) || body || tag(16), with the capsule's simple form as associated data.</summary>
/// <remarks>
/// Where the platform has ChaCha20-Poly1305, its cipher works under the subkey of <see cref="HChaCha20"/>; elsewhere NSec's does all of it. The
/// bytes are the same. NSec puts each key on guarded pages of its own, which takes longer than the cipher on a content key.
/// </remarks>
internal static class UmbralCipher
{
    public const int Overhead = NonceLength + TagLength;

    private const int NonceLength = 24, TagLength = 16, ShortNonceLength = 12;

    public static byte[] Seal(CapsuleKey key, Capsule capsule, ReadOnlySpan<byte> plaintext, RandomSource random)
    {
        var ciphertext = new byte[plaintext.Length + Overhead];
        Span<byte> nonce = ciphertext.AsSpan(0, NonceLength);
        random.Fill(nonce);
        Encrypt(key.Reveal(), nonce, capsule.Simple, plaintext, ciphertext.AsSpan(NonceLength));
        return ciphertext;
    }

    public static bool TryOpen(CapsuleKey key, Capsule capsule, ReadOnlySpan<byte> ciphertext, [NotNullWhen(true)] out byte[]? plaintext)
    {
        plaintext = null;
        if (ciphertext.Length < Overhead)
        {
            return false;
        }

        var opened = new byte[ciphertext.Length - Overhead];
        if (!TryDecrypt(key.Reveal(), ciphertext[..NonceLength], capsule.Simple, ciphertext[NonceLength..], opened))
        {
            return false;
        }

        plaintext = opened;
        return true;
    }

    /// <summary>Encrypts to body || tag.</summary>
    internal static void Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        if (!PlatformCipher.IsSupported)
        {
            using Key imported = Import(key);
            AeadAlgorithm.XChaCha20Poly1305.Encrypt(imported, nonce, associatedData, plaintext, ciphertext);
            return;
        }

        Span<byte> shortNonce = stackalloc byte[ShortNonceLength];
        using PlatformCipher cipher = Subcipher(key, nonce, shortNonce);
        cipher.Encrypt(shortNonce, plaintext, ciphertext[..^TagLength], ciphertext[^TagLength..], associatedData);
    }

    /// <summary>Decrypts body || tag. False, and nothing but zeros, when the tag is wrong.</summary>
    internal static bool TryDecrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        if (!PlatformCipher.IsSupported)
        {
            using Key imported = Import(key);
            return AeadAlgorithm.XChaCha20Poly1305.Decrypt(imported, nonce, associatedData, ciphertext, plaintext);
        }

        Span<byte> shortNonce = stackalloc byte[ShortNonceLength];
        using PlatformCipher cipher = Subcipher(key, nonce, shortNonce);
        try
        {
            cipher.Decrypt(shortNonce, ciphertext[..^TagLength], ciphertext[^TagLength..], plaintext, associatedData);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            CryptographicOperations.ZeroMemory(plaintext);
            return false;
        }
    }

    // The subkey takes the first 16 bytes of the nonce; the cipher's own nonce is four zero bytes and the other eight.
    private static PlatformCipher Subcipher(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, Span<byte> shortNonce)
    {
        Span<byte> subkey = stackalloc byte[HChaCha20.KeyLength];
        try
        {
            HChaCha20.Derive(key, nonce[..HChaCha20.NonceLength], subkey);
            shortNonce[..4].Clear();
            nonce[HChaCha20.NonceLength..].CopyTo(shortNonce[4..]);
            return new PlatformCipher(subkey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(subkey);
        }
    }

    private static Key Import(ReadOnlySpan<byte> key) => Key.Import(AeadAlgorithm.XChaCha20Poly1305, key, KeyBlobFormat.RawSymmetricKey);
}
