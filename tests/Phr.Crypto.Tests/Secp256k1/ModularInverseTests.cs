using System.Numerics;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Tests.Secp256k1;

/// <summary>Both inversions against <see cref="BigInteger"/>, modulo n, modulo p, and modulo numbers on which they could go wrong.</summary>
public class ModularInverseTests
{
    [Fact]
    public void Constants_OrderAndPrime_AreThoseOfTheStandard()
    {
        Assert.Equal(RandomNumbers.Hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"), Modulus<GroupOrder>());
        Assert.Equal(BigInteger.Pow(2, 256) - BigInteger.Pow(2, 32) - 977, Modulus<FieldPrime>());
    }

    [Fact]
    public void Invert_Modulo13_IsRightForEveryElement() => Exhaust<Thirteen>();

    [Fact]
    public void Invert_Modulo3_IsRightForEveryElement() => Exhaust<Three>();

    [Fact]
    public void Invert_Modulo65537_IsRightForEveryElement() => Exhaust<Fermat>();

    [Fact]
    public void Invert_ModuloOrder_AgreesWithBigInteger() => Compare<GroupOrder>();

    [Fact]
    public void Invert_ModuloPrime_AgreesWithBigInteger() => Compare<FieldPrime>();

    [Fact]
    public void Invert_ModuloCurve25519Prime_AgreesWithBigInteger() => Compare<Prime25519>();

    [Fact]
    public void Invert_ModuloPowerOfTwoMinus189_AgreesWithBigInteger() => Compare<Largest>();

    // An odd modulus that is not prime: what is coprime to it has an inverse all the same.
    [Fact]
    public void Invert_ModuloAllOnes_IsRightWhereThereIsAnInverse() => Compare<AllOnes>();

    private static void Exhaust<T>()
        where T : struct, IOddModulus
    {
        BigInteger modulus = Modulus<T>();
        for (BigInteger x = 0; x < modulus; x++)
        {
            Check<T>(x, modulus);
        }
    }

    private static void Compare<T>()
        where T : struct, IOddModulus
    {
        BigInteger modulus = Modulus<T>();
        for (int i = 0; i < 256; i++)
        {
            BigInteger power = BigInteger.One << i;
            foreach (BigInteger x in (BigInteger[])[power, power - 1, power + 1, modulus - power, modulus - power - 1, modulus - power + 1, modulus / (i + 1), (modulus / (i + 1)) + 1])
            {
                if (x >= 0 && x < modulus)
                {
                    Check<T>(x, modulus);
                }
            }
        }

        for (int i = 0; i < RandomNumbers.Cases; i++)
        {
            Check<T>(RandomNumbers.Below(modulus), modulus);
        }
    }

    private static void Check<T>(BigInteger x, BigInteger modulus)
        where T : struct, IOddModulus
    {
        if (!x.IsZero && !BigInteger.GreatestCommonDivisor(x, modulus).IsOne)
        {
            return;
        }

        ulong[] a = RandomNumbers.Limbs(x), b = [.. a];
        ModularInverse.Invert<T>(ref a[0], ref a[1], ref a[2], ref a[3]);
        ModularInverse.InvertVarTime<T>(ref b[0], ref b[1], ref b[2], ref b[3]);
        BigInteger inverse = RandomNumbers.FromLimbs(a);
        if (inverse >= modulus || (x.IsZero ? !inverse.IsZero : inverse * x % modulus != 1) || !a.AsSpan().SequenceEqual(b))
        {
            Assert.Fail($"The inverse of {x:x} modulo {modulus:x} came out as {inverse:x} and {RandomNumbers.FromLimbs(b):x}.");
        }
    }

    private static BigInteger Modulus<T>()
        where T : struct, IOddModulus => RandomNumbers.FromLimbs(T.M0, T.M1, T.M2, T.M3);

    private readonly struct Three : IOddModulus
    {
        public static ulong M0 => 3;

        public static ulong M1 => 0;

        public static ulong M2 => 0;

        public static ulong M3 => 0;
    }

    private readonly struct Thirteen : IOddModulus
    {
        public static ulong M0 => 13;

        public static ulong M1 => 0;

        public static ulong M2 => 0;

        public static ulong M3 => 0;
    }

    private readonly struct Fermat : IOddModulus
    {
        public static ulong M0 => 65537;

        public static ulong M1 => 0;

        public static ulong M2 => 0;

        public static ulong M3 => 0;
    }

    private readonly struct Prime25519 : IOddModulus
    {
        public static ulong M0 => ulong.MaxValue - 18;

        public static ulong M1 => ulong.MaxValue;

        public static ulong M2 => ulong.MaxValue;

        public static ulong M3 => long.MaxValue;
    }

    private readonly struct Largest : IOddModulus
    {
        public static ulong M0 => ulong.MaxValue - 188;

        public static ulong M1 => ulong.MaxValue;

        public static ulong M2 => ulong.MaxValue;

        public static ulong M3 => ulong.MaxValue;
    }

    private readonly struct AllOnes : IOddModulus
    {
        public static ulong M0 => ulong.MaxValue;

        public static ulong M1 => ulong.MaxValue;

        public static ulong M2 => ulong.MaxValue;

        public static ulong M3 => ulong.MaxValue;
    }
}
