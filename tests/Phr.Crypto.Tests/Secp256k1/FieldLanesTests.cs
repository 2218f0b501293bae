using System.Numerics;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Tests.Secp256k1;

public class FieldLanesTests
{
    private static readonly BigInteger P = Reference.P;

    public FieldLanesTests() => Assert.SkipUnless(FieldLanes.IsSupported, "The processor has no 32 vector registers.");

    [Fact]
    public void Multiply_RandomElements_AgreesWithBigIntegerInEveryLane()
    {
        for (int i = 0; i < DifferentialTests.Cases; i++)
        {
            BigInteger[] a = [.. Enumerable.Range(0, 4).Select(_ => Reference.RandomBelow(P))], b = [.. Enumerable.Range(0, 4).Select(_ => Reference.RandomBelow(P))];
            FieldLanes x = Lanes(a), y = Lanes(b);
            FieldLanes.Multiply(x, y, out FieldLanes product);
            RequireSmall(product);
            for (int lane = 0; lane < 4; lane++)
            {
                Assert.Equal(a[lane] * b[lane] % P, Reference.Value(FieldLanes.GetElement(product, lane)));
                Assert.Equal(a[lane], Reference.Value(FieldLanes.GetElement(x, lane)));
            }
        }
    }

    // The bound of the factors: the product of their magnitudes is 64.
    [Theory]
    [InlineData(2, 32)]
    [InlineData(8, 8)]
    [InlineData(16, 4)]
    [InlineData(1, 1)]
    public void Multiply_LargestLimbs_AgreesWithBigInteger(int magnitudeOfA, int magnitudeOfB)
    {
        for (int i = 0; i < 200; i++)
        {
            FieldLanes x = Large((uint)magnitudeOfA, i), y = Large((uint)magnitudeOfB, i);
            BigInteger[] a = Values(x), b = Values(y);
            FieldLanes.Multiply(x, y, out FieldLanes product);
            RequireSmall(product);
            Assert.Equal(a.Zip(b, (u, v) => u * v % P), Values(product).Select(v => v % P));
            FieldLanes.Multiply(x, y, out x);
            Assert.Equal(Values(product), Values(x));
            FieldLanes.Multiply(y, product, out product);
            Assert.Equal(a.Zip(b, (u, v) => u * v * v % P), Values(product).Select(v => v % P));
        }
    }

    [Fact]
    public void Carry_LimbsBelowTheBound_KeepsTheValue()
    {
        for (int i = 0; i < 200; i++)
        {
            FieldLanes x = default;
            for (int limb = 0; limb < FieldLanes.Limbs; limb++)
            {
                ulong bound = (1UL << 41) - 1;
                x[limb] = i == 0 ? Vector256.Create(bound) : Vector256.Create((ulong)RandomNumberGenerator.GetInt32(int.MaxValue)) * 1023;
            }

            BigInteger[] before = Values(x);
            FieldLanes.Carry(ref x[0], ref x[1], ref x[2], ref x[3], ref x[4], ref x[5], ref x[6], ref x[7], ref x[8], ref x[9]);
            RequireSmall(x);
            Assert.Equal(before.Select(v => v % P), Values(x).Select(v => v % P));
        }
    }

    private static FieldLanes Lanes(BigInteger[] values) =>
        FieldLanes.FromElements(Reference.Field(values[0]), Reference.Field(values[1]), Reference.Field(values[2]), Reference.Field(values[3]));

    // The first two runs have all limbs at the bound, later ones some.
    private static FieldLanes Large(uint magnitude, int run)
    {
        FieldLanes lanes = default;
        Span<ulong> limbs = stackalloc ulong[4];
        for (int i = 0; i < FieldLanes.Limbs; i++)
        {
            ulong bound = magnitude * (i < 9 ? (1UL << 26) + (1UL << 23) : (1UL << 22) + (1UL << 19));
            for (int lane = 0; lane < 4; lane++)
            {
                limbs[lane] = run < 2 || RandomNumberGenerator.GetInt32(3) == 0 ? bound : (ulong)RandomNumberGenerator.GetInt32(int.MaxValue) % (bound + 1);
            }

            lanes[i] = Vector256.Create<ulong>(limbs);
        }

        return lanes;
    }

    private static BigInteger[] Values(FieldLanes lanes) =>
        [.. Enumerable.Range(0, 4).Select(lane => Enumerable.Range(0, FieldLanes.Limbs).Aggregate(BigInteger.Zero, (sum, i) => sum + ((BigInteger)lanes[i][lane] << (26 * i))))];

    private static void RequireSmall(in FieldLanes lanes)
    {
        for (int i = 0; i < FieldLanes.Limbs; i++)
        {
            ulong bound = i < 9 ? (1UL << 26) + (1UL << 23) : (1UL << 22) + (1UL << 19);
            Assert.True(Vector256.LessThanOrEqualAll(lanes[i], Vector256.Create(bound)));
        }
    }
}
