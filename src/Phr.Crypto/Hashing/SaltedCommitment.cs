using System.Security.Cryptography;
using System.Text;

namespace Phr.Crypto;

/// <summary>
/// Commits to a value that could be guessed (a purpose code, a list of documents): only those who were sent the salt can check it,
/// and nobody can find the value by trying.
/// </summary>
/// <remarks>SHA-256("phr/commit/v1" || type || 0x00 || salt || value). Hiding rests on the salt, binding on SHA-256. Thread safe.</remarks>
public static class SaltedCommitment
{
    /// <summary>Computes a commitment.</summary>
    /// <param name="type">What is committed to, printable ASCII, such as <c>purpose</c>.</param>
    /// <param name="salt">32 random bytes, fresh for every commitment.</param>
    /// <param name="value">The value, of any length.</param>
    /// <returns>The commitment.</returns>
    /// <exception cref="ArgumentException"><paramref name="type"/> is empty or not printable ASCII.</exception>
    public static Digest Compute(string type, Digest salt, ReadOnlySpan<byte> value)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        if (type.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new ArgumentException("A type is printable ASCII.", nameof(type));
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("phr/commit/v1"u8);
        hash.AppendData(Encoding.ASCII.GetBytes(type));
        hash.AppendData([0]);
        hash.AppendData(salt.ToBytes());
        hash.AppendData(value);
        return Digest.FromBytes(hash.GetHashAndReset());
    }
}
