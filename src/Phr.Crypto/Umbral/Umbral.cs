using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>
/// Threshold proxy re-encryption. Anyone encrypts to a delegating key; its owner opens, or makes key fragments with which proxies, none of
/// them trusted with the content, turn the capsule into fragments that one receiver combines and opens.
/// </summary>
/// <remarks>
/// <para>Source: D. Nuñez, "Umbral: a threshold proxy re-encryption scheme" (2018), over secp256k1; byte-compatible with umbral-pre 0.9 and later.
/// <c>docs/algorithms/re-encryption.md</c> describes every step.</para>
/// <para>A receiver together with as many proxies as the threshold can work out the delegating key: use one delegating key for no more than what one receiver may open.</para>
/// <para>Arithmetic on secrets is constant in time, multiplication of points included. Every member is thread safe.</para>
/// </remarks>
/// <example>The region <c>umbral-story</c> of the test <c>UmbralStoryTests</c>, in short:
/// <code>
/// (Capsule capsule, byte[] ciphertext) = Umbral.Encrypt(alice, plaintext);
/// VerifiedKeyFrag[] keyFrags = Umbral.GenerateKeyFrags(aliceKey, bob, aliceSigner, new KeyFragOptions { Threshold = 2, Shares = 3 });
/// VerifiedCapsuleFrag piece = Umbral.Reencrypt(capsule, keyFrag);                         // each proxy, with its own fragment
/// byte[] opened = Umbral.DecryptReencrypted(bobKey, alice, capsule, pieces, ciphertext);  // Bob, with two verified pieces
/// </code>
/// </example>
public static class Umbral
{
    /// <summary>How many bytes a ciphertext is longer than its plaintext: 40, a nonce and a tag.</summary>
    public const int CiphertextOverhead = UmbralCipher.Overhead;

    private const string FragmentsStage = "capsule fragments";

    /// <summary>Makes a fresh key that the delegating key's owner, and those to whom it delegates, can get back from the capsule.</summary>
    /// <param name="delegating">The delegating public key.</param>
    /// <returns>The capsule, to be sent along, and the key, which the caller disposes.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="delegating"/> is null.</exception>
    /// <remarks>Source: Umbral, "Encapsulate". Cost: 3 multiplications.</remarks>
    public static (Capsule Capsule, CapsuleKey Key) Encapsulate(PublicKey delegating) => Encapsulate(delegating, RandomSource.System);

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

    /// <summary>Encrypts to a delegating key.</summary>
    /// <param name="delegating">The delegating public key.</param>
    /// <param name="plaintext">The plaintext, in memory; empty is allowed. Bundles encrypt streams.</param>
    /// <returns>The capsule and the ciphertext, which is <see cref="CiphertextOverhead"/> bytes longer than the plaintext and bound to the capsule.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="delegating"/> is null.</exception>
    /// <exception cref="ArgumentException">The ciphertext would not fit into an array.</exception>
    /// <remarks>XChaCha20-Poly1305 under the encapsulated key. Cost: 3 multiplications and the cipher.</remarks>
    public static (Capsule Capsule, byte[] Ciphertext) Encrypt(PublicKey delegating, ReadOnlySpan<byte> plaintext) =>
        Encrypt(delegating, plaintext, RandomSource.System);

    /// <summary>Decrypts with the delegating key itself.</summary>
    /// <param name="delegating">The delegating secret key.</param>
    /// <param name="capsule">The capsule.</param>
    /// <param name="ciphertext">The ciphertext that came with it.</param>
    /// <returns>The plaintext.</returns>
    /// <exception cref="PhrDataException">It does not open: wrong key, wrong capsule or altered ciphertext; the causes are not told apart.</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ObjectDisposedException"><paramref name="delegating"/> was disposed.</exception>
    public static byte[] DecryptOriginal(SecretKey delegating, Capsule capsule, ReadOnlySpan<byte> ciphertext) =>
        TryDecryptOriginal(delegating, capsule, ciphertext, out byte[]? plaintext) ? plaintext : throw UmbralError.NotOpened();

    /// <summary>Decrypts with the delegating key itself, without an exception.</summary>
    /// <param name="delegating">The delegating secret key.</param>
    /// <param name="capsule">The capsule.</param>
    /// <param name="ciphertext">The ciphertext that came with it.</param>
    /// <param name="plaintext">The plaintext, or null.</param>
    /// <returns>Whether it opened.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ObjectDisposedException"><paramref name="delegating"/> was disposed.</exception>
    public static bool TryDecryptOriginal(SecretKey delegating, Capsule capsule, ReadOnlySpan<byte> ciphertext, [NotNullWhen(true)] out byte[]? plaintext)
    {
        using CapsuleKey key = Decapsulate(delegating, capsule);
        return UmbralCipher.TryOpen(key, capsule, ciphertext, out plaintext);
    }

    /// <summary>Delegates: makes the key fragments with which proxies re-encrypt everything under the delegating key for one receiver.</summary>
    /// <param name="delegating">The delegating secret key.</param>
    /// <param name="receiving">The receiver's public key.</param>
    /// <param name="signer">The delegator's signer, under whose verifying key proxies and receiver check.</param>
    /// <param name="options">Threshold, number of fragments, and what their signatures cover.</param>
    /// <returns>The fragments, one for each proxy. They are secret, also from the receiver. The caller disposes them.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is below 1, or the shares are below the threshold or above 255.</exception>
    /// <exception cref="ObjectDisposedException">A key was disposed.</exception>
    /// <remarks>Source: Umbral, "ReKeyGen". Cost: 2 multiplications, and 3 more for each fragment.</remarks>
    public static VerifiedKeyFrag[] GenerateKeyFrags(SecretKey delegating, PublicKey receiving, Signer signer, KeyFragOptions options) =>
        GenerateKeyFrags(delegating, receiving, signer, options, idOf: null, RandomSource.System);

    /// <summary>A proxy's work: turns a capsule into a capsule fragment for the receiver, with a proof that it was done right.</summary>
    /// <param name="capsule">The capsule.</param>
    /// <param name="keyFrag">The proxy's key fragment.</param>
    /// <returns>The capsule fragment, to be sent to the receiver.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ObjectDisposedException"><paramref name="keyFrag"/> was disposed.</exception>
    /// <remarks>Source: Umbral, "ReEncapsulate". Cost: 5 multiplications.</remarks>
    public static VerifiedCapsuleFrag Reencrypt(Capsule capsule, VerifiedKeyFrag keyFrag) => Reencrypt(capsule, keyFrag, RandomSource.System);

    /// <summary>The receiver's part: gets the key back from enough capsule fragments.</summary>
    /// <param name="receiving">The receiving secret key.</param>
    /// <param name="delegating">The delegating public key.</param>
    /// <param name="capsule">The capsule.</param>
    /// <param name="capsuleFrags">Verified fragments of this capsule, at least as many as the threshold, in any order. All of them are used.</param>
    /// <returns>The key, which the caller disposes.</returns>
    /// <exception cref="PhrDataException">No fragment was given, more than 255, one twice, or fragments of different delegations (each has its reason); or they do not open
    /// the capsule (one reason for every cause: too few, a wrong key, a fragment of another capsule).</exception>
    /// <exception cref="ArgumentNullException">An argument or a fragment is null.</exception>
    /// <exception cref="ObjectDisposedException"><paramref name="receiving"/> was disposed.</exception>
    /// <remarks>Source: Umbral, "DecapsulateFrags". Cost for t fragments: 2t + 4 multiplications.</remarks>
    public static CapsuleKey DecapsulateReencrypted(SecretKey receiving, PublicKey delegating, Capsule capsule, IReadOnlyList<VerifiedCapsuleFrag> capsuleFrags)
    {
        CapsuleKey key = DeriveReencrypted(receiving, delegating, capsule, Combine(receiving, capsuleFrags), out bool closes);
        if (!closes)
        {
            key.Dispose();
            throw UmbralError.NotOpened();
        }

        return key;
    }

    /// <summary>The receiver's part: decrypts with enough capsule fragments.</summary>
    /// <param name="receiving">The receiving secret key.</param>
    /// <param name="delegating">The delegating public key.</param>
    /// <param name="capsule">The capsule.</param>
    /// <param name="capsuleFrags">Verified fragments of this capsule, at least as many as the threshold, in any order. All of them are used.</param>
    /// <param name="ciphertext">The ciphertext that came with the capsule.</param>
    /// <returns>The plaintext.</returns>
    /// <exception cref="PhrDataException">No fragment was given, more than 255, one twice, or fragments of different delegations (each has its reason); or it does not open
    /// (one reason for every cause: too few fragments, a wrong key, a fragment of another capsule, altered ciphertext).</exception>
    /// <exception cref="ArgumentNullException">An argument or a fragment is null.</exception>
    /// <exception cref="ObjectDisposedException"><paramref name="receiving"/> was disposed.</exception>
    public static byte[] DecryptReencrypted(
        SecretKey receiving, PublicKey delegating, Capsule capsule, IReadOnlyList<VerifiedCapsuleFrag> capsuleFrags, ReadOnlySpan<byte> ciphertext)
    {
        CombinedFrags combined = Combine(receiving, capsuleFrags);
        return TryDecrypt(receiving, delegating, capsule, combined, ciphertext, out byte[]? plaintext) ? plaintext : throw UmbralError.NotOpened();
    }

    /// <summary>The receiver's part, without an exception for data that does not open.</summary>
    /// <param name="receiving">The receiving secret key.</param>
    /// <param name="delegating">The delegating public key.</param>
    /// <param name="capsule">The capsule.</param>
    /// <param name="capsuleFrags">Verified fragments of this capsule, at least as many as the threshold, in any order. All of them are used.</param>
    /// <param name="ciphertext">The ciphertext that came with the capsule.</param>
    /// <param name="plaintext">The plaintext, or null.</param>
    /// <returns>Whether it opened.</returns>
    /// <exception cref="ArgumentNullException">An argument or a fragment is null.</exception>
    /// <exception cref="ObjectDisposedException"><paramref name="receiving"/> was disposed.</exception>
    public static bool TryDecryptReencrypted(
        SecretKey receiving,
        PublicKey delegating,
        Capsule capsule,
        IReadOnlyList<VerifiedCapsuleFrag> capsuleFrags,
        ReadOnlySpan<byte> ciphertext,
        [NotNullWhen(true)] out byte[]? plaintext)
    {
        plaintext = null;
        return TryCombine(receiving, capsuleFrags, out CombinedFrags combined) is null
            && TryDecrypt(receiving, delegating, capsule, combined, ciphertext, out plaintext);
    }

    internal static (Capsule Capsule, CapsuleKey Key) Encapsulate(PublicKey delegating, RandomSource random)
    {
        (Capsule capsule, SecretBytes shared) = EncapsulateShared(delegating, random);
        using (shared)
        {
            return (capsule, new CapsuleKey(shared));
        }
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
    internal static SecretBytes DecapsulateShared(IReceiver key, Capsule capsule)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(capsule);
        return Encode(key.Multiply(capsule.E + capsule.V));
    }

    internal static (Capsule Capsule, byte[] Ciphertext) Encrypt(PublicKey delegating, ReadOnlySpan<byte> plaintext, RandomSource random)
    {
        if (plaintext.Length > Array.MaxLength - CiphertextOverhead)
        {
            throw new ArgumentException("The ciphertext would not fit into an array.", nameof(plaintext));
        }

        (Capsule capsule, CapsuleKey key) = Encapsulate(delegating, random);
        using (key)
        {
            return (capsule, UmbralCipher.Seal(key, capsule, plaintext, random));
        }
    }

    /// <summary>Makes key fragments whose ids the caller chooses.</summary>
    /// <param name="delegating">The delegating secret key.</param>
    /// <param name="receiving">The receiver's public key.</param>
    /// <param name="signer">The delegator's signer.</param>
    /// <param name="options">Threshold, number of fragments, and what their signatures cover.</param>
    /// <param name="idOf">Gives the 32-byte id of fragment k (from 0) under precursor X, all different; null draws them.</param>
    /// <param name="random">Draws, in this order: x, the coefficients, then for each fragment its id, and the entropy of the receiver's and of the proxy's signature.</param>
    internal static VerifiedKeyFrag[] GenerateKeyFrags(
        SecretKey delegating, PublicKey receiving, Signer signer, KeyFragOptions options, Func<PublicKey, int, byte[]>? idOf, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(delegating);
        ArgumentNullException.ThrowIfNull(receiving);
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();

        Span<Scalar> coefficients = stackalloc Scalar[options.Threshold];
        try
        {
            Scalar x = Scalar.Random(random);
            var precursor = new PublicKey(Point.MultiplyBase(x));
            Point diffieHellman = receiving.Point * x;
            Scalar d = UmbralHash.SharedSecret(precursor.Point, receiving.Point, diffieHellman);
            coefficients[0] = delegating.Scalar * d.Invert();
            foreach (ref Scalar coefficient in coefficients[1..])
            {
                coefficient = Scalar.Random(random);
            }

            var keyFrags = new VerifiedKeyFrag[options.Shares];
            for (int k = 0; k < keyFrags.Length; k++)
            {
                byte[] id = idOf is null ? Draw(random, KeyFrag.IdLength) : idOf(precursor, k);
                if (id.Length != KeyFrag.IdLength)
                {
                    throw new ArgumentException($"An id has {KeyFrag.IdLength} bytes.", nameof(idOf));
                }

                Scalar index = UmbralHash.KeyFragIndex(precursor.Point, receiving.Point, diffieHellman, id);
                Scalar key = Evaluate(coefficients, index);

                // A key of zero, one in 2^256, has no commitment: PublicKey refuses the identity, and nothing leaves this method.
                var commitment = new PublicKey(Point.U * key);
                Signature forReceiver = signer.Sign(KeyFrag.SignedMessage(id, commitment, precursor, delegating.PublicKey, receiving), random);
                Signature forProxy = options.SignOnce ? forReceiver : signer.Sign(
                    KeyFrag.SignedMessage(
                        id, commitment, precursor, options.SignDelegatingKey ? delegating.PublicKey : null, options.SignReceivingKey ? receiving : null),
                    random);
                keyFrags[k] = new VerifiedKeyFrag(
                    new KeyFrag(id, key, precursor, commitment, forProxy, forReceiver, options.SignDelegatingKey, options.SignReceivingKey));
            }

            return keyFrags;
        }
        finally
        {
            Wipe(coefficients);
        }
    }

    internal static VerifiedCapsuleFrag Reencrypt(Capsule capsule, VerifiedKeyFrag keyFrag, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(capsule);
        ArgumentNullException.ThrowIfNull(keyFrag);
        Scalar key = keyFrag.Key;
        Point e1 = capsule.E * key, v1 = capsule.V * key;

        // Used twice, tau would give the key away: z1 - z2 = (h1 - h2)·rk.
        Scalar tau = Scalar.Random(random);
        Point e2 = capsule.E * tau, v2 = capsule.V * tau, u2 = Point.U * tau;
        Scalar h = UmbralHash.CapsuleFragProof(capsule, e1, e2, v1, v2, keyFrag.Commitment.Point, u2);
        return new VerifiedCapsuleFrag(
            new CapsuleFrag(e1, v1, keyFrag.Id, keyFrag.Precursor, e2, v2, keyFrag.Commitment, u2, tau + (h * key), keyFrag.ForReceiver));
    }

    /// <summary>Interpolates verified fragments of one delegation. Whether they were enough and right, <see cref="CombinedFrags.ClosingEquationHolds"/> tells.</summary>
    /// <exception cref="PhrDataException">No fragment, too many, one twice, or of different precursors.</exception>
    internal static CombinedFrags Combine(IReceiver receiving, IReadOnlyList<VerifiedCapsuleFrag> frags) =>
        TryCombine(receiving, frags, out CombinedFrags combined) is { } failure ? throw failure : combined;

    /// <summary>
    /// d·Σλ·U1 for key fragments of one delegation, known only by id and commitment. Equal to a·u if they are enough and right,
    /// so a delegator who published a·u is checked before any proxy has worked.
    /// </summary>
    /// <exception cref="PhrDataException">No fragment, too many, or one twice.</exception>
    internal static Point CombineCommitments(IReceiver receiving, PublicKey precursor, IReadOnlyList<(byte[] Id, PublicKey Commitment)> frags)
    {
        if (CheckCount(frags.Count) is { } failure)
        {
            throw failure;
        }

        Span<byte> ids = new byte[frags.Count * KeyFrag.IdLength];
        for (int i = 0; i < frags.Count; i++)
        {
            frags[i].Id.CopyTo(ids[(i * KeyFrag.IdLength)..]);
        }

        Span<Scalar> weights = stackalloc Scalar[frags.Count];
        try
        {
            if (Interpolate(receiving, precursor, ids, weights, out Scalar d) is { } repeated)
            {
                throw repeated;
            }

            // d goes into the weights: one multiplication less.
            for (int i = 0; i < frags.Count; i++)
            {
                weights[i] *= d;
            }

            return Point.MultiScalar(weights, [.. frags.Select(f => f.Commitment.Point)]);
        }
        finally
        {
            Wipe(weights);
        }
    }

    private static PhrDataException? TryCombine(IReceiver receiving, IReadOnlyList<VerifiedCapsuleFrag> frags, out CombinedFrags combined)
    {
        ArgumentNullException.ThrowIfNull(receiving);
        ArgumentNullException.ThrowIfNull(frags);
        combined = default;
        if (CheckCount(frags.Count) is { } failure)
        {
            return failure;
        }

        Span<byte> ids = new byte[frags.Count * KeyFrag.IdLength];
        for (int i = 0; i < frags.Count; i++)
        {
            ArgumentNullException.ThrowIfNull(frags[i], nameof(frags));
            frags[i].Id.CopyTo(ids[(i * KeyFrag.IdLength)..]);
            if (frags[i].Precursor != frags[0].Precursor)
            {
                return UmbralError.Unverified(FragmentsStage, PhrDataReason.Mismatched, "they are of different delegations.");
            }
        }

        Span<Scalar> weights = stackalloc Scalar[frags.Count];
        try
        {
            if (Interpolate(receiving, frags[0].Precursor, ids, weights, out Scalar d) is { } repeated)
            {
                return repeated;
            }

            combined = new CombinedFrags(
                d, Point.MultiScalar(weights, [.. frags.Select(f => f.Frag.E1)]), Point.MultiScalar(weights, [.. frags.Select(f => f.Frag.V1)]));
            return null;
        }
        finally
        {
            Wipe(weights);
        }
    }

    private static PhrDataException? CheckCount(int count) => count switch
    {
        0 => UmbralError.Unverified(FragmentsStage, PhrDataReason.BelowThreshold, "none was given."),
        > KeyFragOptions.MaxShares => UmbralError.Unverified(FragmentsStage, PhrDataReason.TooLarge, $"more than {KeyFragOptions.MaxShares} were given."),
        _ => null,
    };

    // λ_i = Π x_j / (x_j - x_i) over j ≠ i, the weights with which values at the fragments' indexes give the value at zero.
    private static PhrDataException? Interpolate(IReceiver receiving, PublicKey precursor, ReadOnlySpan<byte> ids, Span<Scalar> weights, out Scalar d)
    {
        Point own = receiving.PublicKey.Point;
        Point diffieHellman = receiving.Multiply(precursor.Point);
        d = UmbralHash.SharedSecret(precursor.Point, own, diffieHellman);
        Span<Scalar> indexes = stackalloc Scalar[weights.Length];
        try
        {
            for (int i = 0; i < indexes.Length; i++)
            {
                ReadOnlySpan<byte> id = ids.Slice(i * KeyFrag.IdLength, KeyFrag.IdLength);
                indexes[i] = UmbralHash.KeyFragIndex(precursor.Point, own, diffieHellman, id);

                // Equal indexes mean equal ids, but for a collision of the hash; either way the denominator below would be zero.
                for (int j = 0; j < i; j++)
                {
                    if (indexes[j] == indexes[i])
                    {
                        return UmbralError.Unverified(FragmentsStage, PhrDataReason.Duplicate, "one was given twice.");
                    }
                }
            }

            for (int i = 0; i < indexes.Length; i++)
            {
                Scalar numerator = Scalar.One, denominator = Scalar.One;
                for (int j = 0; j < indexes.Length; j++)
                {
                    if (j != i)
                    {
                        numerator *= indexes[j];
                        denominator *= indexes[j] - indexes[i];
                    }
                }

                weights[i] = numerator * denominator.Invert();
            }

            return null;
        }
        finally
        {
            Wipe(indexes);
        }
    }

    // The key is derived, and the ciphertext tried, whether the equation holds or not: all failures take one time and look alike.
    private static bool TryDecrypt(
        SecretKey receiving, PublicKey delegating, Capsule capsule, in CombinedFrags combined, ReadOnlySpan<byte> ciphertext, [NotNullWhen(true)] out byte[]? plaintext)
    {
        using CapsuleKey key = DeriveReencrypted(receiving, delegating, capsule, combined, out bool closes);
        bool opens = UmbralCipher.TryOpen(key, capsule, ciphertext, out plaintext);
        if (opens && !closes)
        {
            CryptographicOperations.ZeroMemory(plaintext);
            plaintext = null;
        }

        return plaintext is not null;
    }

    private static CapsuleKey DeriveReencrypted(SecretKey receiving, PublicKey delegating, Capsule capsule, in CombinedFrags combined, out bool closes)
    {
        ArgumentNullException.ThrowIfNull(delegating);
        ArgumentNullException.ThrowIfNull(capsule);
        closes = combined.ClosingEquationHolds(delegating, capsule);
        Point shared = combined.SharedPoint;
        if (shared.IsIdentity)
        {
            // Only fragments made to cheat come here; any point does, since the result is refused.
            closes = false;
            shared = receiving.PublicKey.Point;
        }

        using SecretBytes encoded = Encode(shared);
        return new CapsuleKey(encoded);
    }

    private static Scalar Evaluate(ReadOnlySpan<Scalar> coefficients, Scalar at)
    {
        Scalar value = coefficients[^1];
        for (int i = coefficients.Length - 2; i >= 0; i--)
        {
            value = (value * at) + coefficients[i];
        }

        return value;
    }

    private static byte[] Draw(RandomSource random, int length)
    {
        var bytes = new byte[length];
        random.Fill(bytes);
        return bytes;
    }

    private static SecretBytes Encode(Point point)
    {
        var bytes = new SecretBytes(Point.Length);
        point.WriteBytes(bytes.Reveal());
        return bytes;
    }

    private static void Wipe(Span<Scalar> scalars) => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(scalars));
}
