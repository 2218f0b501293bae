using System.Diagnostics.CodeAnalysis;
using NSec.Cryptography;
using Phr.Crypto.Memory;

namespace Phr.Crypto;

/// <summary>The scheme's data encryption: XChaCha20-Poly1305, nonce(24) || body || tag(16), with the capsule's simple form as associated data.</summary>
internal static class UmbralCipher
{
    public const int Overhead = NonceLength + TagLength;

    private const int NonceLength = 24, TagLength = 16;

    private static readonly XChaCha20Poly1305 Algorithm = AeadAlgorithm.XChaCha20Poly1305;

    public static byte[] Seal(CapsuleKey key, Capsule capsule, ReadOnlySpan<byte> plaintext, RandomSource random)
    {
        var ciphertext = new byte[plaintext.Length + Overhead];
        Span<byte> nonce = ciphertext.AsSpan(0, NonceLength);
        random.Fill(nonce);
        using Key imported = Import(key);
        Algorithm.Encrypt(imported, nonce, capsule.Simple, plaintext, ciphertext.AsSpan(NonceLength));
        return ciphertext;
    }

    public static bool TryOpen(CapsuleKey key, Capsule capsule, ReadOnlySpan<byte> ciphertext, [NotNullWhen(true)] out byte[]? plaintext)
    {
        plaintext = null;
        if (ciphertext.Length < Overhead)
        {
            return false;
        }

        using Key imported = Import(key);
        var opened = new byte[ciphertext.Length - Overhead];
        if (!Algorithm.Decrypt(imported, ciphertext[..NonceLength], capsule.Simple, ciphertext[NonceLength..], opened))
        {
            return false;
        }

        plaintext = opened;
        return true;
    }

    private static Key Import(CapsuleKey key) => Key.Import(Algorithm, key.Reveal(), KeyBlobFormat.RawSymmetricKey);
}
