using System.Numerics;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Tests.Secp256k1;

public class ScalarTests
{
    private static readonly BigInteger N = RandomNumbers.Hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    private static readonly BigInteger Lambda = RandomNumbers.Hex("5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72");

    // The lattice basis of the split.
    private static readonly BigInteger A1 = RandomNumbers.Hex("3086d221a7d46bcde86c90e49284eb15");
    private static readonly BigInteger B1 = -RandomNumbers.Hex("e4437ed6010e88286f547fa90abfe4c3");
    private static readonly BigInteger A2 = RandomNumbers.Hex("114ca50f7a8e2f3f657c1108d9d44cfd8");
    private static readonly BigInteger B2 = A1;

    // Where carries, reductions and comparisons turn: near 0, n, n/2, the powers of two, c = 2^256 - n, λ, and products of such.
    private static readonly BigInteger[] Edges = [.. EdgeValues().Select(v => ((v % N) + N) % N).Distinct()];

    [Fact]
    public void Arithmetic_RandomValues_AgreesWithBigInteger()
    {
        for (int i = 0; i < RandomNumbers.Cases; i++)
        {
            Check(RandomNumbers.Below(N), RandomNumbers.Below(N));
        }
    }

    [Fact]
    public void Arithmetic_AllPairsOfEdges_AgreesWithBigInteger()
    {
        foreach (BigInteger a in Edges)
        {
            foreach (BigInteger b in Edges)
            {
                Check(a, b);
            }
        }
    }

    [Fact]
    public void Invert_EdgesAndRandomValues_GivesOneWhenMultiplied()
    {
        foreach (BigInteger value in Edges.Concat(Enumerable.Range(0, 1000).Select(_ => RandomNumbers.Below(N))))
        {
            Scalar x = Of(value);
            Assert.Equal(x.Invert(), x.InvertVarTime());
            Assert.Equal(value.IsZero ? Scalar.Zero : Scalar.One, x * x.Invert());
            Assert.Equal(value, Big(x.Invert().Invert()));
        }
    }

    [Fact]
    public void Lambda_Constants_SpanTheLattice()
    {
        Assert.Equal(Lambda, Big(Scalar.Lambda));
        Assert.Equal(1, BigInteger.ModPow(Lambda, 3, N));
        Assert.True(((A1 + (Lambda * B1)) % N).IsZero);
        Assert.True(((A2 + (Lambda * B2)) % N).IsZero);
        Assert.Equal(N, (A1 * B2) - (A2 * B1));

        // What the remarks of SplitGlv say of the bounds.
        Assert.True((A1 + A2) * 50 < (BigInteger.One << 128) * 64);
        Assert.True((B2 - B1) * 50 < (BigInteger.One << 128) * 55);
    }

    [Fact]
    public void SplitGlv_Edges_IsTheShortRepresentation()
    {
        foreach (BigInteger k in Edges)
        {
            CheckSplit(k);
        }
    }

    [Fact]
    public void SplitGlv_RandomValues_IsTheShortRepresentation()
    {
        for (int i = 0; i < RandomNumbers.Cases; i++)
        {
            CheckSplit(RandomNumbers.Below(N));
        }
    }

    // The parts are largest where the quotients k·b2/n and -k·b1/n are halfway between two integers.
    [Fact]
    public void SplitGlv_HalfwayPoints_StayBelowTheBound()
    {
        BigInteger largest = 0;
        for (int i = 0; i < 2000; i++)
        {
            BigInteger odd = (2 * RandomNumbers.Below(BigInteger.One << 125)) + 1;
            foreach (BigInteger b in (BigInteger[])[B2, -B1])
            {
                BigInteger k = odd * N / (2 * b);
                for (int offset = -2; offset <= 2; offset++)
                {
                    largest = BigInteger.Max(largest, CheckSplit((((k + offset) % N) + N) % N));
                }
            }
        }

        // Close to the bound has been reached.
        Assert.True(largest > BigInteger.One << 127);
    }

    [Fact]
    public void GetBits_EveryOffset_AgreesWithBigInteger()
    {
        for (int i = 0; i < 20; i++)
        {
            BigInteger value = RandomNumbers.Below(N);
            Scalar scalar = Of(value);
            for (int offset = 0; offset < 256; offset++)
            {
                for (int count = 1; count <= 32; count++)
                {
                    Assert.Equal((uint)((value >> offset) & ((BigInteger.One << count) - 1)), scalar.GetBits(offset, count));
                }
            }

            Assert.Equal(value, RandomNumbers.FromLimbs(scalar.GetLimb(0), scalar.GetLimb(1), scalar.GetLimb(2), scalar.GetLimb(3)));
        }
    }

    [Theory]
    [InlineData("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", "0")]
    [InlineData("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142", "1")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "14551231950b75fc4402da1732fc9bebe")]
    public void TryFromBytes_OrderOrAbove_IsRefusedAndReductionWraps(string hex, string reduced)
    {
        byte[] bytes = Convert.FromHexString(hex);
        Assert.False(Scalar.TryFromBytes(bytes, out _));
        Assert.Equal(RandomNumbers.Hex(reduced), Big(Scalar.FromBytesReduced(bytes)));
    }

    [Fact]
    public void Random_RefusesWhatIsNotBelowTheOrder()
    {
        var source = new Queued("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", new string('0', 64), "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140");
        Assert.Equal(N - 1, Big(Scalar.Random(source)));
    }

    private static void Check(BigInteger a, BigInteger b)
    {
        Scalar x = Of(a), y = Of(b);
        if (Big(x + y) != (a + b) % N || Big(x - y) != (a - b + N) % N || Big(x * y) != a * b % N || Big(-x) != (N - a) % N
            || x.IsHigh != a > N / 2 || x.HighMask != (a > N / 2 ? ulong.MaxValue : 0) || x.NegateIf(0) != x || x.NegateIf(ulong.MaxValue) != -x || (x == y) != (a == b) || x.IsZero != a.IsZero)
        {
            Assert.Fail($"Differs from BigInteger for {a:x} and {b:x}.");
        }
    }

    private static BigInteger CheckSplit(BigInteger k)
    {
        Scalar.SplitGlv(Of(k), out Scalar k1, out Scalar k2, out ulong neg1, out ulong neg2);
        BigInteger m1 = Big(k1), m2 = Big(k2);
        BigInteger first = neg1 == 0 ? m1 : -m1, second = neg2 == 0 ? m2 : -m2;
        BigInteger back = (((first + (Lambda * second)) % N) + N) % N;
        if (back != k || m1 * 100 > (BigInteger.One << 128) * 64 || m2 * 100 > (BigInteger.One << 128) * 55
            || neg1 is not (0 or ulong.MaxValue) || neg2 is not (0 or ulong.MaxValue))
        {
            Assert.Fail($"The split of {k:x} is {first} and {second}.");
        }

        return BigInteger.Max(m1, m2);
    }

    private static IEnumerable<BigInteger> EdgeValues()
    {
        BigInteger c = (BigInteger.One << 256) - N;
        BigInteger[] centres = [0, N / 2, c, Lambda, Lambda * Lambda, (N - 1) / 3, A1, -B1, A2, A1 * A1, BigInteger.One << 255, BigInteger.ModPow(c, N - 2, N), N / A1, N / -B1];
        foreach (BigInteger centre in centres)
        {
            for (int i = -3; i <= 3; i++)
            {
                yield return centre + i;
                yield return -centre + i;
            }
        }

        for (int bit = 31; bit < 256; bit += 32)
        {
            for (int i = -1; i <= 1; i++)
            {
                yield return (BigInteger.One << bit) + i;
                yield return (BigInteger.One << (bit + 1)) + i;
            }
        }

        foreach (int limbs in Enumerable.Range(1, 14))
        {
            BigInteger value = 0;
            for (int i = 0; i < 4; i++)
            {
                value |= (limbs >> i & 1) != 0 ? (BigInteger)ulong.MaxValue << (64 * i) : 0;
            }

            yield return value;
        }
    }

    private static Scalar Of(BigInteger value)
    {
        Assert.True(Scalar.TryFromBytes(RandomNumbers.ToBytes(value), out Scalar scalar));
        return scalar;
    }

    private static BigInteger Big(Scalar scalar) => RandomNumbers.Read(scalar.ToBytes());

    private sealed class Queued(params string[] draws) : RandomSource
    {
        private int _next;

        public override void Fill(Span<byte> destination) => Convert.FromHexString(draws[_next++]).CopyTo(destination);
    }
}
