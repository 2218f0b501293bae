using Org.BouncyCastle.Crypto.Digests;

namespace Phr.Crypto;

/// <summary>Keccak-256 as Ethereum uses it (the original padding, not the one of SHA3-256).</summary>
/// <remarks>Source: Ethereum Yellow Paper, appendix on Keccak. Thread safe.</remarks>
public static class Keccak256
{
    /// <summary>Digest length in bytes: 32.</summary>
    public const int DigestLength = 32;

    /// <summary>Hashes <paramref name="data"/>.</summary>
    /// <param name="data">Bytes of any length.</param>
    /// <returns>The 32-byte digest.</returns>
    public static byte[] HashData(ReadOnlySpan<byte> data)
    {
        var digest = new byte[DigestLength];
        HashData(data, digest);
        return digest;
    }

    /// <summary>Hashes <paramref name="data"/> into <paramref name="destination"/>.</summary>
    /// <param name="data">Bytes of any length.</param>
    /// <param name="destination">At least 32 bytes; the first 32 are written.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is shorter than 32 bytes.</exception>
    public static void HashData(ReadOnlySpan<byte> data, Span<byte> destination)
    {
        if (destination.Length < DigestLength)
        {
            throw new ArgumentException($"The destination needs {DigestLength} bytes.", nameof(destination));
        }

        var keccak = new KeccakDigest(256);
        keccak.BlockUpdate(data);
        keccak.DoFinal(destination);
    }
}
