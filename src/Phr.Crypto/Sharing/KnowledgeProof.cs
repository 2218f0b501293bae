using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Sharing;

/// <summary>
/// A proof that whoever published x·G knows x, bound to a context. The challenge c is the hash to a scalar of Umbral under
/// <c>phr/knowledge/v1</c>, over the point, the nonce point and the context; the answer is z = k + c·x; the form is c ‖ z.
/// Source: Schnorr, "Efficient identification and signatures for smart cards" (1989), with the challenge of Fiat and Shamir (1986).
/// </summary>
internal static class KnowledgeProof
{
    public const int Length = 2 * Scalar.Length;

    public static byte[] Create(Scalar secret, ReadOnlySpan<byte> context, RandomSource random)
    {
        Point point = Point.MultiplyBase(secret);
        Scalar nonce = Scalar.Random(random);
        Scalar challenge = Challenge(point, Point.MultiplyBase(nonce), context);
        var proof = new byte[Length];
        challenge.WriteBytes(proof);
        (nonce + (challenge * secret)).WriteBytes(proof.AsSpan(Scalar.Length));
        return proof;
    }

    public static bool Verify(Point point, ReadOnlySpan<byte> context, ReadOnlySpan<byte> proof)
    {
        if (proof.Length != Length || point.IsIdentity
            || !Scalar.TryFromBytes(proof[..Scalar.Length], out Scalar challenge) || !Scalar.TryFromBytes(proof[Scalar.Length..], out Scalar answer))
        {
            return false;
        }

        Point nonce = Point.LinearCombinationVarTime(answer, Point.Generator, -challenge, point);
        return !nonce.IsIdentity && Challenge(point, nonce, context) == challenge;
    }

    private static Scalar Challenge(Point point, Point nonce, ReadOnlySpan<byte> context)
    {
        var data = new byte[(2 * Point.Length) + context.Length];
        point.WriteBytes(data);
        nonce.WriteBytes(data.AsSpan(Point.Length));
        context.CopyTo(data.AsSpan(2 * Point.Length));
        return UmbralHash.ToScalar("phr/knowledge/v1"u8, data);
    }
}
