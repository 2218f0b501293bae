using System.Numerics;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Tests.Secp256k1;

public class FieldElementTests
{
    private static readonly BigInteger P = Reference.P;

    private static readonly BigInteger[] Edges =
    [
        0, 1, 2, 3, 977, P - 1, P - 2, P - 977, (P - 1) / 2, (P + 1) / 2,
        (BigInteger.One << 52) - 1, BigInteger.One << 52, (BigInteger.One << 64) - 1, (BigInteger.One << 208) - 1, BigInteger.One << 208,
        (BigInteger.One << 255) - 1, BigInteger.One << 255, (BigInteger.One << 256) - (BigInteger.One << 33), (BigInteger.One << 32) + 977,
    ];

    [Fact]
    public void Arithmetic_AllEdgePairs_AgreesWithBigInteger()
    {
        foreach (BigInteger a in Edges)
        {
            foreach (BigInteger b in Edges)
            {
                Compare(a, b);
            }
        }
    }

    [Fact]
    public void Arithmetic_RandomPairs_AgreesWithBigInteger()
    {
        for (int i = 0; i < DifferentialTests.Cases; i++)
        {
            Compare(Reference.RandomBelow(P), Reference.RandomBelow(P));
        }
    }

    [Fact]
    public void Multiply_FactorsOfTheLargestMagnitude_AgreesWithBigInteger()
    {
        foreach (BigInteger value in (BigInteger[])[.. Edges, Reference.RandomBelow(P), Reference.RandomBelow(P)])
        {
            // -(…) of magnitude 7 has the largest limbs of all: a multiple of p less a small number.
            FieldElement a = Reference.Field(value);
            FieldElement.Scale(a, 7, out FieldElement scaled);
            FieldElement.Negate(scaled, 7, out FieldElement large);
            FieldElement.Scale(a, FieldElement.MaxFactorMagnitude, out FieldElement eightfold);
            BigInteger expectedLarge = Reference.Mod(-7 * value, P), expectedEightfold = 8 * value % P;
            FieldElement.Multiply(large, large, out FieldElement product);
            Assert.Equal(expectedLarge * expectedLarge % P, Reference.Value(product));
            FieldElement.Square(large, out product);
            Assert.Equal(expectedLarge * expectedLarge % P, Reference.Value(product));
            FieldElement.Multiply(large, eightfold, out product);
            Assert.Equal(expectedLarge * expectedEightfold % P, Reference.Value(product));
            FieldElement.ScaleReduced(large, 32, out product);
            Assert.Equal(expectedLarge * 32 % P, Reference.Value(product));

            // What came out has magnitude 1 indeed: its largest multiple is a factor again.
            FieldElement.Scale(product, FieldElement.MaxFactorMagnitude, out product);
            FieldElement.Square(product, out product);
            BigInteger expected = expectedLarge * 32 * 8 % P;
            Assert.Equal(expected * expected % P, Reference.Value(product));
        }
    }

    [Fact]
    public void Multiply_IntoAnOperand_IsAsIntoAnother()
    {
        BigInteger a = Reference.RandomBelow(P), b = Reference.RandomBelow(P);
        FieldElement x = Reference.Field(a), y = Reference.Field(b);
        FieldElement.Multiply(x, y, out x);
        Assert.Equal(a * b % P, Reference.Value(x));
        FieldElement.Multiply(x, y, out y);
        Assert.Equal(a * b * b % P, Reference.Value(y));
        FieldElement.Square(y, out y);
        Assert.Equal(BigInteger.ModPow(a * b * b, 2, P), Reference.Value(y));
        FieldElement.Invert(y, out y);
        Assert.Equal(Reference.Inverse(BigInteger.ModPow(a * b * b, 2, P)), Reference.Value(y));
    }

    [Fact]
    public void Normalize_MultiplesOfP_GivesZero()
    {
        FieldElement zero = Reference.Field(P - 1);
        FieldElement.Add(zero, FieldElement.One, out zero);
        for (uint factor = 1; factor <= 30; factor++)
        {
            FieldElement.Scale(zero, factor, out FieldElement multiple);
            Assert.True(FieldElement.IsZeroVarTime(multiple));
            FieldElement.Normalize(multiple, out multiple);
            Assert.Equal(ulong.MaxValue, FieldElement.IsZeroMask(multiple));
            FieldElement.Scale(zero, factor, out multiple);
            FieldElement.Add(multiple, FieldElement.One, out multiple);
            Assert.False(FieldElement.IsZeroVarTime(multiple));
            Assert.Equal(1, Reference.Value(multiple));
        }
    }

    [Fact]
    public void InvertAllVarTime_RandomElements_InvertsEach()
    {
        BigInteger[] values = [.. Enumerable.Range(0, 40).Select(_ => Reference.RandomBelow(P - 1) + 1)];
        FieldElement[] elements = [.. values.Select(Reference.Field)];
        FieldElement.InvertAllVarTime(elements, new FieldElement[elements.Length]);
        Assert.All(values.Zip(elements), pair => Assert.Equal(Reference.Inverse(pair.First), Reference.Value(pair.Second)));
        FieldElement.InvertAllVarTime([], []);
    }

    [Fact]
    public void TryFromBytes_POrAbove_IsRefused()
    {
        Assert.False(FieldElement.TryFromBytes(Reference.Bytes(P), out _));
        Assert.False(FieldElement.TryFromBytes(Reference.Bytes(P + 1), out _));
        Assert.False(FieldElement.TryFromBytes(Reference.Bytes((BigInteger.One << 256) - 1), out _));
        Assert.True(FieldElement.TryFromBytes(Reference.Bytes(P - 1), out _));
        Assert.False(FieldElement.TryFromBytes(new byte[31], out _));
    }

    [Fact]
    public void Beta_Cubed_IsOne()
    {
        FieldElement beta = FieldElement.Beta;
        FieldElement.Square(beta, out FieldElement cube);
        FieldElement.Multiply(cube, beta, out cube);
        Assert.Equal(1, Reference.Value(cube));
        Assert.NotEqual(1, Reference.Value(beta));
    }

    private static void Compare(BigInteger a, BigInteger b)
    {
        FieldElement x = Reference.Field(a), y = Reference.Field(b);
        FieldElement.Add(x, y, out FieldElement r);
        Assert.Equal((a + b) % P, Reference.Value(r));
        FieldElement.Subtract(x, y, 1, out r);
        Assert.Equal(Reference.Mod(a - b, P), Reference.Value(r));
        FieldElement.Negate(x, 1, out r);
        Assert.Equal(Reference.Mod(-a, P), Reference.Value(r));
        FieldElement.Multiply(x, y, out r);
        Assert.Equal(a * b % P, Reference.Value(r));
        FieldElement.Square(x, out r);
        Assert.Equal(a * a % P, Reference.Value(r));
        FieldElement.Halve(x, out r);
        FieldElement.Add(r, r, out r);
        Assert.Equal(a, Reference.Value(r));
        FieldElement.Select(ulong.MaxValue, x, y, out r);
        Assert.Equal(a, Reference.Value(r));
        FieldElement.Select(0, x, y, out r);
        Assert.Equal(b, Reference.Value(r));
        Assert.Equal(a == 0, FieldElement.IsZeroVarTime(x));
        Assert.Equal(a == b, FieldElement.EqualsNormalizing(x, y));
        x.ToWords(out ulong w0, out ulong w1, out ulong w2, out ulong w3);
        Assert.Equal(a, Reference.Value(FieldElement.FromWords(w0, w1, w2, w3)));
        Span<ulong> limbs = stackalloc ulong[5];
        x.Store(limbs);
        Assert.Equal(a, Reference.Value(FieldElement.Load(limbs)));
        if ((a.IsZero ? 0 : (int)(a % 64)) == 0)
        {
            FieldElement.Invert(x, out r);
            Assert.Equal(Reference.Inverse(a), Reference.Value(r));
            FieldElement.InvertVarTime(x, out r);
            Assert.Equal(Reference.Inverse(a), Reference.Value(r));
            bool square = FieldElement.TrySquareRoot(x, out r);
            Assert.Equal(a.IsZero || BigInteger.ModPow(a, (P - 1) / 2, P).IsOne, square);
            Assert.True(!square || BigInteger.ModPow(Reference.Value(r), 2, P) == a);
        }
    }
}
