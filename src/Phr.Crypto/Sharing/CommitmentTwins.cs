using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Phr.Crypto.Keys;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Shared;

namespace Phr.Crypto.Sharing;

/// <summary>
/// The commitments of a two-level sharing under Umbral's second base u, one for every coefficient that the dealer drew or shared,
/// with one proof that each hides the same number as its commitment under G.
/// </summary>
/// <remarks>
/// The proof is <see cref="DleqProof"/> for Σ ρ_k·F_k and Σ ρ_k·F'_k, where the ρ_k are hashes of all of them and of the context: a dealer
/// cannot choose points after the ρ_k, so if any pair differed the sums would differ but for one chance in n. It also shows that the dealer
/// knows its coefficients, so nobody deals a function of another's commitments. Immutable and thread safe.
/// </remarks>
internal sealed class CommitmentTwins
{
    private readonly Point[] _points;
    private readonly DleqProof _proof;

    private CommitmentTwins(Point[] points, DleqProof proof) => (_points, _proof) = (points, proof);

    /// <summary>The twin of the shared key: a·u for the number a that is shared.</summary>
    public Point Shared => _points[0];

    /// <summary>How many twins a shape has: T + Σ (t_g − 1), because a group's first coefficient follows from the group vector.</summary>
    public static int CountOf(SharingShape shape) => shape.GroupThreshold + shape.Groups.Sum(static g => g.Threshold - 1);

    public static CommitmentTwins Create(TwoLevelPolynomials<Scalar> polynomials, GroupCommitments commitments, ReadOnlySpan<byte> context, RandomSource random)
    {
        Scalar[] coefficients = GC.AllocateArray<Scalar>(CountOf(commitments.Shape), pinned: true);
        try
        {
            CopyCoefficients(polynomials, commitments.Shape, coefficients);
            var points = new Point[coefficients.Length];
            for (int k = 0; k < points.Length; k++)
            {
                points[k] = Point.U * coefficients[k];
            }

            byte[] statement = Statement(commitments, points, context);
            Scalar sum = Scalar.Zero;
            for (int k = 0; k < points.Length; k++)
            {
                sum += Weight(statement, k) * coefficients[k];
            }

            return new CommitmentTwins(points, DleqProof.Create(sum, Point.Generator, Point.U, statement, random));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(coefficients.AsSpan()));
        }
    }

    public static CommitmentTwins Read(CanonicalCborReader reader, SharingShape shape)
    {
        int count = CountOf(shape);
        reader.BeginArray(count);
        Point[] points = Array.ConvertAll(reader.PublicKeys(count), key => key.Point);
        reader.EndArray();
        return DleqProof.TryFromBytes(reader.BytesExactly(DleqProof.Length), out DleqProof? proof)
            ? new CommitmentTwins(points, proof)
            : throw reader.Fault(PhrDataReason.InvalidScalar, "a proof is not two scalars.");
    }

    /// <summary>Two items: the array of twins, and the proof.</summary>
    public void WriteTo(CanonicalCborWriter writer)
    {
        writer.Array(_points.Length);
        foreach (Point point in _points)
        {
            writer.Bytes(point.ToBytes());
        }

        writer.EndArray().Bytes(_proof.ToBytes());
    }

    /// <summary>Whether every twin hides the number that its commitment hides, in this context.</summary>
    public bool Verify(GroupCommitments commitments, ReadOnlySpan<byte> context)
    {
        byte[] statement = Statement(commitments, _points, context);
        var weights = new Scalar[_points.Length];
        for (int k = 0; k < weights.Length; k++)
        {
            weights[k] = Weight(statement, k);
        }

        return _proof.Verify(
            Point.Generator,
            Point.U,
            Point.MultiScalarVarTime(weights, commitments.IndependentPoints()),
            Point.MultiScalarVarTime(weights, _points),
            statement);
    }

    /// <summary>The twins of the weighted sum of several sharings of one shape, member by member: the a·u of each new share.</summary>
    /// <exception cref="PhrDataException">One of them is the identity.</exception>
    public static PublicKey[] CombineMembers(string stage, SharingShape shape, ReadOnlySpan<Scalar> weights, IReadOnlyList<CommitmentTwins> dealt)
    {
        var sum = new Point[CountOf(shape)];
        var column = new Point[dealt.Count];
        for (int k = 0; k < sum.Length; k++)
        {
            for (int d = 0; d < column.Length; d++)
            {
                column[d] = dealt[d]._points[k];
            }

            sum[k] = Point.MultiScalarVarTime(weights, column);
        }

        var members = new PublicKey[shape.TotalMembers];
        int next = shape.GroupThreshold, seat = 0;
        for (int g = 1; g <= shape.Groups.Count; g++)
        {
            int threshold = shape.Groups[g - 1].Threshold;
            Point[] vector = [Point.EvaluateVarTime(sum.AsSpan(0, shape.GroupThreshold), (byte)g), .. sum.AsSpan(next, threshold - 1)];
            next += threshold - 1;
            for (int i = 1; i <= shape.Groups[g - 1].Members; i++, seat++)
            {
                Point member = Point.EvaluateVarTime(vector, (byte)i);
                members[seat] = member.IsIdentity
                    ? throw new PhrDataException(stage, PhrDataReason.InvalidPoint, "the dealers' sharings add up to a share that is zero.")
                    : new PublicKey(member);
            }
        }

        return members;
    }

    // The group coefficients first, then those of each group without its first: the order of GroupCommitments.IndependentPoints.
    private static void CopyCoefficients(TwoLevelPolynomials<Scalar> polynomials, SharingShape shape, Span<Scalar> destination)
    {
        polynomials.Groups.Coefficients.CopyTo(destination);
        destination = destination[polynomials.Groups.Threshold..];
        for (int g = 1; g <= shape.Groups.Count; g++)
        {
            ReadOnlySpan<Scalar> own = polynomials.Members(g).Coefficients[1..];
            own.CopyTo(destination);
            destination = destination[own.Length..];
        }
    }

    private static byte[] Statement(GroupCommitments commitments, Point[] twins, ReadOnlySpan<byte> context)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(commitments.Digest.ToBytes());
        foreach (Point twin in twins)
        {
            hash.AppendData(twin.ToBytes());
        }

        hash.AppendData(context);
        return hash.GetHashAndReset();
    }

    private static Scalar Weight(byte[] statement, int k)
    {
        Span<byte> data = stackalloc byte[SHA256.HashSizeInBytes + sizeof(int)];
        statement.CopyTo(data);
        BinaryPrimitives.WriteInt32BigEndian(data[SHA256.HashSizeInBytes..], k);
        return UmbralHash.ToScalar("phr/twin-weight/v1"u8, data);
    }
}
