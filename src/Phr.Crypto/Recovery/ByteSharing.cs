using System.Security.Cryptography;
using Phr.Crypto.Memory;

namespace Phr.Crypto.Recovery;

/// <summary>One level of SLIP-0039: Shamir's sharing over GF(256) with the secret at 255 and a digest of it at 254.</summary>
internal static class ByteSharing
{
    private const byte SecretPlace = 255;
    private const byte DigestPlace = 254;
    private const int DigestLength = 4;

    /// <summary>Splits a secret. Share i lies at place i, from 0.</summary>
    /// <param name="secret">At least 16 bytes.</param>
    /// <param name="threshold">How many are needed.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="shares">The shares one after another.</param>
    /// <param name="random">Where randomness comes from.</param>
    public static void Split(ReadOnlySpan<byte> secret, int threshold, int count, Span<byte> shares, RandomSource random)
    {
        int length = secret.Length;
        if (threshold == 1)
        {
            for (int i = 0; i < count; i++)
            {
                secret.CopyTo(shares[(i * length)..]);
            }

            return;
        }

        // The polynomial goes through threshold - 2 random shares, the digest and the secret.
        Span<byte> places = stackalloc byte[threshold];
        using var points = new SecretBytes(threshold * length);
        Span<byte> values = points.Reveal();
        random.Fill(values[..((threshold - 2) * length)]);
        for (int i = 0; i < threshold - 2; i++)
        {
            places[i] = (byte)i;
        }

        places[^2] = DigestPlace;
        places[^1] = SecretPlace;
        Span<byte> digest = values.Slice((threshold - 2) * length, length);
        random.Fill(digest[DigestLength..]);
        WriteDigest(digest[DigestLength..], secret, digest[..DigestLength]);
        secret.CopyTo(values[((threshold - 1) * length)..]);
        values[..((threshold - 2) * length)].CopyTo(shares);
        for (int i = threshold - 2; i < count; i++)
        {
            Gf256.Interpolate(places, values, (byte)i, shares.Slice(i * length, length));
        }
    }

    /// <summary>Puts shares together, exactly as many as the threshold asks.</summary>
    /// <param name="places">The place of each share.</param>
    /// <param name="shares">The shares one after another.</param>
    /// <param name="secret">The secret.</param>
    /// <returns>Whether the digest fits.</returns>
    public static bool TryRebuild(ReadOnlySpan<byte> places, ReadOnlySpan<byte> shares, Span<byte> secret)
    {
        if (places.Length == 1)
        {
            shares[..secret.Length].CopyTo(secret);
            return true;
        }

        using var digest = new SecretBytes(secret.Length);
        Span<byte> wanted = stackalloc byte[DigestLength];
        Gf256.Interpolate(places, shares, SecretPlace, secret);
        Gf256.Interpolate(places, shares, DigestPlace, digest.Reveal());
        WriteDigest(digest.Reveal()[DigestLength..], secret, wanted);
        return CryptographicOperations.FixedTimeEquals(wanted, digest.Reveal()[..DigestLength]);
    }

    /// <summary>Whether one more share lies on the polynomial of the others.</summary>
    public static bool IsOnSamePolynomial(ReadOnlySpan<byte> places, ReadOnlySpan<byte> shares, byte place, ReadOnlySpan<byte> share)
    {
        using var expected = new SecretBytes(share.Length);
        Gf256.Interpolate(places, shares, place, expected.Reveal());
        return CryptographicOperations.FixedTimeEquals(expected.Reveal(), share);
    }

    private static void WriteDigest(ReadOnlySpan<byte> key, ReadOnlySpan<byte> secret, Span<byte> destination)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, secret, mac);
        mac[..DigestLength].CopyTo(destination);
        CryptographicOperations.ZeroMemory(mac);
    }
}
