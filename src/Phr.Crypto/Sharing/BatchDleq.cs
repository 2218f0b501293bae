using System.Buffers.Binary;
using System.Security.Cryptography;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Sharing;

/// <summary>
/// One <see cref="DleqProof"/> for many points: that x·G and every x·P_k have the same x. The points are folded into one by
/// weights of 128 bits that a hash of all of them gives, so that a single wrong one escapes with probability 2^-128.
/// Source: RFC 9497 §2.2 (the composites M and Z), with our own hash.
/// </summary>
internal static class BatchDleq
{
    private const int WeightLength = 16;

    /// <summary>Proves it for results that <paramref name="x"/> gave.</summary>
    public static DleqProof Create(Scalar x, PublicKey key, IReadOnlyList<PublicKey> points, IReadOnlyList<PublicKey> results, ReadOnlySpan<byte> context, RandomSource random) =>
        DleqProof.Create(x, Point.Generator, Fold(points, Weights(key, points, results, context)), context, random);

    /// <summary>Whether every result is the multiple of its point by the key's secret.</summary>
    public static bool Verify(DleqProof proof, PublicKey key, IReadOnlyList<PublicKey> points, IReadOnlyList<PublicKey> results, ReadOnlySpan<byte> context)
    {
        if (points.Count == 0 || points.Count != results.Count)
        {
            return false;
        }

        Scalar[] weights = Weights(key, points, results, context);
        return proof.Verify(Point.Generator, Fold(points, weights), key.Point, Fold(results, weights), context);
    }

    private static Point Fold(IReadOnlyList<PublicKey> points, Scalar[] weights)
    {
        Point sum = Point.Identity;
        for (int k = 0; k < weights.Length; k++)
        {
            sum += points[k].Point * weights[k];
        }

        return sum;
    }

    private static Scalar[] Weights(PublicKey key, IReadOnlyList<PublicKey> points, IReadOnlyList<PublicKey> results, ReadOnlySpan<byte> context)
    {
        Span<byte> number = stackalloc byte[4];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("phr/dleq-batch/v1"u8);
        hash.AppendData(key.ToBytes());
        BinaryPrimitives.WriteInt32BigEndian(number, points.Count);
        hash.AppendData(number);
        for (int k = 0; k < points.Count; k++)
        {
            hash.AppendData(points[k].ToBytes());
            hash.AppendData(results[k].ToBytes());
        }

        hash.AppendData(context);
        byte[] seed = hash.GetHashAndReset();
        var weights = new Scalar[points.Count];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        for (int k = 0; k < weights.Length; k++)
        {
            BinaryPrimitives.WriteInt32BigEndian(number, k);
            hash.AppendData(seed);
            hash.AppendData(number);
            hash.GetHashAndReset(digest);
            digest[..^WeightLength].Clear();
            _ = Scalar.TryFromBytes(digest, out weights[k]);
        }

        return weights;
    }
}
