using System.Diagnostics;
using System.Security.Cryptography;
using Phr.Crypto.Memory;

namespace Phr.Crypto;

/// <summary>Derives any number of keys and secrets, each by a label, from one 32-byte seed. The same seed and label always give the same result.</summary>
/// <remarks>
/// HKDF-SHA256 without salt, with the kind of the result and the label as info; results of different kinds or labels are independent.
/// Byte-compatible with umbral-pre 0.9 and later. Cost: one HKDF for each result. Thread safe until disposed.
/// </remarks>
[DebuggerDisplay("SecretKeyFactory")]
public sealed class SecretKeyFactory : IDisposable
{
    /// <summary>Length of the seed in bytes: 32.</summary>
    public const int SeedLength = 32;

    /// <summary>Length in bytes of what <see cref="MakeSecret(ReadOnlySpan{byte}, Span{byte})"/> derives: 64.</summary>
    public const int DerivedSecretLength = 64;

    private readonly SecretBytes _seed;

    private SecretKeyFactory(SecretBytes seed) => _seed = seed;

    /// <summary>Draws a fresh seed from the system generator.</summary>
    /// <returns>The factory. The caller disposes it.</returns>
    public static SecretKeyFactory Generate() => Generate(RandomSource.System);

    /// <summary>Makes the factory of a seed. The caller wipes <paramref name="seed"/>.</summary>
    /// <param name="seed">32 bytes from a cryptographic generator; a passphrase is not a seed.</param>
    /// <returns>The factory. The caller disposes it.</returns>
    /// <exception cref="ArgumentException"><paramref name="seed"/> is not 32 bytes.</exception>
    public static SecretKeyFactory FromSeed(ReadOnlySpan<byte> seed) => seed.Length == SeedLength
        ? new SecretKeyFactory(new SecretBytes(seed))
        : throw new ArgumentException($"A seed has {SeedLength} bytes.", nameof(seed));

    /// <summary>Copies the seed out, for storage under protection. The caller wipes the copy.</summary>
    /// <param name="destination">At least 32 bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The factory was disposed.</exception>
    public void ExportTo(Span<byte> destination) => _seed.Reveal().CopyTo(destination);

    /// <summary>Derives a secret key.</summary>
    /// <param name="label">Names the key; any bytes, not secret.</param>
    /// <returns>The key. The caller disposes it.</returns>
    /// <exception cref="ObjectDisposedException">The factory was disposed.</exception>
    public SecretKey MakeKey(ReadOnlySpan<byte> label)
    {
        byte[] info = [.. "KEY_DERIVATION/"u8, .. label];
        Span<byte> material = stackalloc byte[64];
        try
        {
            Derive(info, material);
            return new SecretKey(UmbralHash.ToScalar(info, material));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(material);
        }
    }

    /// <summary>Derives 64 secret bytes. The caller wipes them.</summary>
    /// <param name="label">Names the secret; any bytes, not secret.</param>
    /// <param name="destination">At least 64 bytes, of which the first 64 are written.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The factory was disposed.</exception>
    public void MakeSecret(ReadOnlySpan<byte> label, Span<byte> destination)
    {
        if (destination.Length < DerivedSecretLength)
        {
            throw new ArgumentException($"The secret has {DerivedSecretLength} bytes.", nameof(destination));
        }

        Derive([.. "SECRET_DERIVATION/"u8, .. label], destination[..DerivedSecretLength]);
    }

    /// <summary>Derives another factory, whose results are independent of this one's.</summary>
    /// <param name="label">Names the factory; any bytes, not secret.</param>
    /// <returns>The factory. The caller disposes it.</returns>
    /// <exception cref="ObjectDisposedException">The factory was disposed.</exception>
    public SecretKeyFactory MakeFactory(ReadOnlySpan<byte> label)
    {
        var seed = new SecretBytes(SeedLength);
        try
        {
            Derive([.. "FACTORY_DERIVATION/"u8, .. label], seed.Reveal());
            return new SecretKeyFactory(seed);
        }
        catch
        {
            seed.Dispose();
            throw;
        }
    }

    /// <summary>Wipes the seed.</summary>
    public void Dispose() => _seed.Dispose();

    /// <summary>The type's name; never the seed.</summary>
    /// <returns><c>SecretKeyFactory</c>.</returns>
    public override string ToString() => nameof(SecretKeyFactory);

    internal static SecretKeyFactory Generate(RandomSource random)
    {
        var seed = new SecretBytes(SeedLength);
        random.Fill(seed.Reveal());
        return new SecretKeyFactory(seed);
    }

    /// <summary>The same 64 bytes in their owner. The caller disposes it.</summary>
    internal SecretBytes MakeSecret(ReadOnlySpan<byte> label)
    {
        var secret = new SecretBytes(DerivedSecretLength);
        MakeSecret(label, secret.Reveal());
        return secret;
    }

    private void Derive(byte[] info, Span<byte> output) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _seed.Reveal(), output, salt: [], info);
}
