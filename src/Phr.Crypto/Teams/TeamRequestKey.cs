using System.Security.Cryptography;
using Phr.Crypto.Hashing;

namespace Phr.Crypto;

/// <summary>
/// The receiving key of a team's request: B = B_team + R, where R belongs to a secret that the asking member draws for this request
/// alone. So every request has a key of its own, it takes the team and that secret to open, and when the secret is erased
/// nothing opens again, whatever becomes of the members' shares.
/// </summary>
/// <remarks>Possession is proved under R, which only somebody can do who did not choose R against B_team. Thread safe.</remarks>
public static class TeamRequestKey
{
    private const string Tag = "phr/team-possession/v1";

    /// <summary>The receiving key of a request.</summary>
    /// <param name="teamKey">The team's present key.</param>
    /// <param name="requestKey">R: a key drawn for this request alone.</param>
    /// <returns>B.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The two keys cancel each other out.</exception>
    public static PublicKey Combine(PublicKey teamKey, PublicKey requestKey)
    {
        ArgumentNullException.ThrowIfNull(teamKey);
        ArgumentNullException.ThrowIfNull(requestKey);
        Secp256k1.Point sum = teamKey.Point + requestKey.Point;
        return sum.IsIdentity ? throw new ArgumentException("The two keys cancel each other out.", nameof(requestKey)) : new PublicKey(sum);
    }

    /// <summary>Proves possession of a request's own secret.</summary>
    /// <param name="requestKey">The secret of R.</param>
    /// <param name="context">What the proof is bound to: the digest form of the request's id, or a nonce.</param>
    /// <returns>R's signature over SHA-256 of <c>phr/team-possession/v1</c>, a zero byte, the context and R.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="requestKey"/> is null.</exception>
    public static Signature SignPossession(SecretKey requestKey, Digest context)
    {
        ArgumentNullException.ThrowIfNull(requestKey);
        return requestKey.SignDigest(PossessionDigest(context, requestKey.PublicKey)).Signature;
    }

    /// <summary>Verifies that a receiving key is a team's key plus one whose secret is known.</summary>
    /// <param name="teamKey">The team's key.</param>
    /// <param name="receivingKey">B.</param>
    /// <param name="context">As for <see cref="SignPossession"/>.</param>
    /// <param name="possession">The signature.</param>
    /// <returns>Whether it is. If so, B cannot be opened without the team.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static bool VerifyPossession(PublicKey teamKey, PublicKey receivingKey, Digest context, Signature possession)
    {
        ArgumentNullException.ThrowIfNull(teamKey);
        ArgumentNullException.ThrowIfNull(receivingKey);
        return RequestPart(teamKey, receivingKey) is { } requestKey && requestKey.VerifyDigest(PossessionDigest(context, requestKey), possession);
    }

    /// <summary>R = B - B_team; null when the two are equal.</summary>
    internal static PublicKey? RequestPart(PublicKey teamKey, PublicKey receivingKey)
    {
        Secp256k1.Point difference = receivingKey.Point - teamKey.Point;
        return difference.IsIdentity ? null : new PublicKey(difference);
    }

    // R is in it: for a digest that does not hold the key, ECDSA lets anyone choose a key whose signature fits, and one that takes the team's key away.
    private static byte[] PossessionDigest(Digest context, PublicKey requestKey) =>
        SHA256.HashData(SignedObject.Message(Tag, [.. context.ToBytes(), .. requestKey.ToBytes()]));
}
