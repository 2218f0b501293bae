using System.Security.Cryptography;
using Phr.Crypto.Memory;

namespace Phr.Crypto.Recovery;

/// <summary>The encryption of SLIP-0039's master secret under a passphrase: four Feistel rounds with PBKDF2. Every passphrase decrypts to something.</summary>
internal static class MasterCipher
{
    public const int MaxPassphraseLength = 1024;
    public const int MaxExponent = 15;

    private const int Rounds = 4;
    private const int IterationsPerRound = 2500;

    public static void RequirePassphrase(ReadOnlySpan<char> passphrase)
    {
        if (passphrase.Length > MaxPassphraseLength || passphrase.ContainsAnyExceptInRange(' ', '~'))
        {
            throw new ArgumentException(
                $"A passphrase of recovery words has at most {MaxPassphraseLength} characters, all printable ASCII (space to ~): other characters are typed differently on different systems.",
                nameof(passphrase));
        }
    }

    /// <summary>Encrypts or decrypts in place.</summary>
    public static void Apply(Span<byte> secret, ReadOnlySpan<char> passphrase, WordsHeader header, bool encrypt)
    {
        int half = secret.Length / 2;
        using var password = new SecretBytes(1 + passphrase.Length);
        using var output = new SecretBytes(half);
        Span<byte> salt = stackalloc byte[8 + half];
        try
        {
            for (int i = 0; i < passphrase.Length; i++)
            {
                password.Reveal()[1 + i] = (byte)passphrase[i];
            }

            int prefix = WriteSalt(header, salt);
            Span<byte> left = secret[..half], right = secret[half..];
            for (int i = 0; i < Rounds; i++)
            {
                password.Reveal()[0] = (byte)(encrypt ? i : Rounds - 1 - i);
                right.CopyTo(salt[prefix..]);
                Rfc2898DeriveBytes.Pbkdf2(password.Reveal(), salt[..(prefix + half)], output.Reveal(), IterationsPerRound << header.IterationExponent, HashAlgorithmName.SHA256);
                for (int k = 0; k < half; k++)
                {
                    (left[k], right[k]) = (right[k], (byte)(left[k] ^ output.Reveal()[k]));
                }
            }

            // The last round's halves are not swapped back by the rounds themselves.
            for (int k = 0; k < half; k++)
            {
                (left[k], right[k]) = (right[k], left[k]);
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(salt);
        }
    }

    // A backup that can be extended has no salt, so that a later split of the same secret and passphrase decrypts alike.
    private static int WriteSalt(WordsHeader header, Span<byte> salt)
    {
        if (header.Extendable)
        {
            return 0;
        }

        "shamir"u8.CopyTo(salt);
        salt[6] = (byte)(header.Identifier >> 8);
        salt[7] = (byte)(header.Identifier & 0xff);
        return 8;
    }
}
