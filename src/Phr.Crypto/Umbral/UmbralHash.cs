using System.Buffers.Binary;
using System.Security.Cryptography;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>Every hash of the scheme, each under its own tag: SHA-256(be32(length of tag) || tag || data), brought into 1..n-1.</summary>
internal static class UmbralHash
{
    /// <summary>h of a capsule: the challenge of its proof that the sender knows r.</summary>
    public static Scalar CapsulePoints(Point e, Point v) => OfPoints("CAPSULE_POINTS"u8, [], e, v);

    /// <summary>d: what only the delegator (with x) and the receiver (with b) can work out from precursor, receiving key and D = xB = bX.</summary>
    public static Scalar SharedSecret(Point precursor, Point receiving, Point diffieHellman) =>
        OfPoints("SHARED_SECRET"u8, [], precursor, receiving, diffieHellman);

    /// <summary>Where on the polynomial a key fragment lies. Proxies cannot compute it. The id has 32 bytes.</summary>
    public static Scalar KeyFragIndex(Point precursor, Point receiving, Point diffieHellman, ReadOnlySpan<byte> id) =>
        OfPoints("POLYNOMIAL_ARG"u8, id, precursor, receiving, diffieHellman);

    /// <summary>The challenge of the proof of correct re-encryption. Hashed interleaved; serialised grouped.</summary>
    public static Scalar CapsuleFragProof(Capsule capsule, Point e1, Point e2, Point v1, Point v2, Point u1, Point u2) =>
        OfPoints("CFRAG_VERIFICATION"u8, [], capsule.E, e1, e2, capsule.V, v1, v2, Point.U, u1, u2);

    public static Scalar ToScalar(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        var message = new byte[4 + tag.Length + data.Length];
        try
        {
            BinaryPrimitives.WriteInt32BigEndian(message, tag.Length);
            tag.CopyTo(message.AsSpan(4));
            data.CopyTo(message.AsSpan(4 + tag.Length));
            SHA256.HashData(message, digest);
            return FromDigest(digest);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(message);
            CryptographicOperations.ZeroMemory(digest);
        }
    }

    /// <summary>
    /// (digest mod (n-1)) + 1. Against the plain digest mod n that is one more, and two more when the digest is n-1 or above;
    /// the branch is taken once in 2^128 digests, so its timing tells nothing.
    /// </summary>
    public static Scalar FromDigest(ReadOnlySpan<byte> digest)
    {
        Scalar reduced = Scalar.FromBytesReduced(digest);
        bool wraps = !Scalar.TryFromBytes(digest, out _) || reduced == -Scalar.One;
        return reduced + Scalar.FromUInt32(wraps ? 2u : 1u);
    }

    private static Scalar OfPoints(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> tail, params ReadOnlySpan<Point> points)
    {
        Span<byte> data = stackalloc byte[(points.Length * Point.Length) + tail.Length];
        try
        {
            for (int i = 0; i < points.Length; i++)
            {
                points[i].WriteBytes(data[(i * Point.Length)..]);
            }

            tail.CopyTo(data[(points.Length * Point.Length)..]);
            return ToScalar(tag, data);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(data);
        }
    }
}
