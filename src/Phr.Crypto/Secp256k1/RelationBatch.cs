using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Phr.Crypto.Memory;

namespace Phr.Crypto.Secp256k1;

/// <summary>
/// Many relations Σ c·P = Q between public points, checked as one: the sum of all, each times a random weight that whoever made
/// the points could not know. If one relation does not hold, the sum does with a probability of 2^-128.
/// </summary>
/// <remarks>
/// <para>Source: Bellare, Garay, Rabin, "Fast batch verification for modular exponentiation and digital signatures" (1998), the small exponents test.</para>
/// <para>
/// A weight is w1 + w2·λ for random 64-bit w1, w2. No two pairs give the same weight, and multiplication splits it into just
/// these halves, so that a point with a weight alone costs half of what one with a full scalar does.
/// </para>
/// </remarks>
internal sealed class RelationBatch(RandomSource random)
{
    private readonly List<Scalar> _coefficients = [];
    private readonly List<Point> _points = [];
    private readonly Dictionary<Point, int> _indexes = [];

    /// <summary>Draws the weight of the next relation.</summary>
    public Scalar NextWeight()
    {
        Span<byte> drawn = stackalloc byte[16];
        random.Fill(drawn);
        Scalar weight = FromUInt64(BinaryPrimitives.ReadUInt64BigEndian(drawn)) + (FromUInt64(BinaryPrimitives.ReadUInt64BigEndian(drawn[8..])) * Scalar.Lambda);
        CryptographicOperations.ZeroMemory(drawn);
        return weight;
    }

    /// <summary>Adds coefficient·point to the sum; the coefficient has the relation's weight in it. Coefficients of one point are added up.</summary>
    public void Add(Scalar coefficient, Point point)
    {
        ref int index = ref CollectionsMarshal.GetValueRefOrAddDefault(_indexes, point, out bool exists);
        if (exists)
        {
            _coefficients[index] += coefficient;
        }
        else
        {
            index = _points.Count;
            _points.Add(point);
            _coefficients.Add(coefficient);
        }
    }

    /// <summary>Whether the sum of all terms is the given point.</summary>
    public bool SumIsVarTime(Point expected) =>
        Point.MultiScalarEqualsVarTime(CollectionsMarshal.AsSpan(_coefficients), CollectionsMarshal.AsSpan(_points), expected);

    private static Scalar FromUInt64(ulong value)
    {
        Span<byte> bytes = stackalloc byte[Scalar.Length];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(bytes[24..], value);
        Scalar.TryFromBytes(bytes, out Scalar scalar);
        return scalar;
    }
}
