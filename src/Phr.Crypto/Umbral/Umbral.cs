using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>
/// Threshold proxy re-encryption. Anyone encrypts to a delegating key; its owner opens, or makes key fragments with which proxies, none of
/// them trusted, turn the capsule into fragments that one receiver combines and opens.
/// </summary>
/// <remarks>
/// <para>Source: D. Nuñez, "Umbral: a threshold proxy re-encryption scheme" (2018), over secp256k1; byte-compatible with umbral-pre 0.9 and later. <c>docs/algorithms/re-encryption.md</c> describes it.</para>
/// <para>A receiver together with <c>threshold</c> proxies can work out the delegating key: use one delegating key for no more than what one receiver may open.</para>
/// <para>Every member is thread safe.</para>
/// </remarks>
public static class Umbral
{
    /// <summary>Makes a fresh key that the delegating key's owner, and those to whom it delegates, can get back from the capsule.</summary>
    /// <param name="delegating">The delegating public key.</param>
    /// <returns>The capsule, to be sent along, and the key, which the caller disposes.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="delegating"/> is null.</exception>
    /// <remarks>Source: Umbral, "Encapsulate". Cost: 3 multiplications.</remarks>
    public static (Capsule Capsule, CapsuleKey Key) Encapsulate(PublicKey delegating)
    {
        (Capsule capsule, SecretBytes shared) = EncapsulateShared(delegating, RandomSource.System);
        using (shared)
        {
            return (capsule, new CapsuleKey(shared));
        }
    }

    /// <summary>Gets the key back from a capsule with the delegating key itself.</summary>
    /// <param name="delegating">The delegating secret key.</param>
    /// <param name="capsule">The capsule.</param>
    /// <returns>The key, which the caller disposes. A wrong delegating key gives another key; only what the key opens can tell.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ObjectDisposedException"><paramref name="delegating"/> was disposed.</exception>
    /// <remarks>Source: Umbral, "Decapsulate". Cost: 1 multiplication.</remarks>
    public static CapsuleKey Decapsulate(SecretKey delegating, Capsule capsule)
    {
        using SecretBytes shared = DecapsulateShared(delegating, capsule);
        return new CapsuleKey(shared);
    }

    /// <summary>Encapsulates and gives the compressed shared point itself (33 bytes) for a derivation of the caller's own.</summary>
    internal static (Capsule Capsule, SecretBytes SharedPoint) EncapsulateShared(PublicKey recipient, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        Scalar r, w;
        do
        {
            r = Scalar.Random(random);
            w = Scalar.Random(random);
        }
        while ((r + w).IsZero);

        return (Capsule.Create(r, w), Encode(recipient.Point * (r + w)));
    }

    /// <summary>The compressed shared point a(E + V), 33 bytes. A capsule that parsed never has E + V = O.</summary>
    internal static SecretBytes DecapsulateShared(SecretKey key, Capsule capsule)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(capsule);
        return Encode((capsule.E + capsule.V) * key.Scalar);
    }

    private static SecretBytes Encode(Point point)
    {
        var bytes = new SecretBytes(Point.Length);
        point.WriteBytes(bytes.Reveal());
        return bytes;
    }
}
