using System.Numerics;

namespace Phr.Ml.Numerics;

/// <summary>
/// Random numbers that are the same on every machine and in every version of .NET: xoshiro256**, its state filled by SplitMix64.
/// </summary>
/// <remarks>
/// Source: D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 47 (2021), and Vigna's reference program, which is in
/// the public domain. For choices of a training run only, never for secrets. Not safe to use from several threads: each part of the work takes its
/// own stream, so that the result does not depend on the order in which the parts run.
/// </remarks>
internal sealed class RandomStream
{
    private ulong _s0;
    private ulong _s1;
    private ulong _s2;
    private ulong _s3;
    private double _spareNormal = double.NaN;

    private RandomStream(ulong seed)
    {
        ulong state = seed;
        _s0 = SplitMix(ref state);
        _s1 = SplitMix(ref state);
        _s2 = SplitMix(ref state);
        _s3 = SplitMix(ref state);
    }

    private RandomStream(ulong s0, ulong s1, ulong s2, ulong s3) => (_s0, _s1, _s2, _s3) = (s0, s1, s2, s3);

    /// <summary>The numbers that follow a state of the generator, for comparison with the reference program.</summary>
    internal static RandomStream FromState(ulong s0, ulong s1, ulong s2, ulong s3) => new(s0, s1, s2, s3);

    /// <summary>The numbers of one part of the work: streams of one seed with different numbers have nothing to do with each other.</summary>
    public static RandomStream ForStream(ulong seed, ulong stream) => new(DeriveSeed(seed, stream));

    /// <summary>The seed of a part of the work, say of one fold, or of one learner in it.</summary>
    public static ulong DeriveSeed(ulong seed, ulong stream)
    {
        ulong state = seed;
        ulong first = SplitMix(ref state);
        state = unchecked(first ^ (stream * 0xD1342543DE82EF95));
        return SplitMix(ref state);
    }

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        unchecked
        {
            ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
            ulong t = _s1 << 17;
            _s2 ^= _s0;
            _s3 ^= _s1;
            _s1 ^= _s2;
            _s0 ^= _s3;
            _s2 ^= t;
            _s3 = BitOperations.RotateLeft(_s3, 45);
            return result;
        }
    }

    /// <summary>A number from 0 to <paramref name="bound"/> − 1, each as likely as the others (Lemire's method).</summary>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        unchecked
        {
            ulong product = (Next() >> 32) * (uint)bound;
            if ((uint)product < (uint)bound)
            {
                uint least = (0u - (uint)bound) % (uint)bound;
                while ((uint)product < least)
                {
                    product = (Next() >> 32) * (uint)bound;
                }
            }

            return (int)(product >> 32);
        }
    }

    /// <summary>A number in [0, 1), a multiple of 2⁻⁵³.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number of the standard normal distribution (Box and Muller, the polar form).</summary>
    public double NextNormal()
    {
        if (!double.IsNaN(_spareNormal))
        {
            double spare = _spareNormal;
            _spareNormal = double.NaN;
            return spare;
        }

        while (true)
        {
            double u = (2 * NextDouble()) - 1;
            double v = (2 * NextDouble()) - 1;
            double s = (u * u) + (v * v);
            if (s is > 0 and < 1)
            {
                double factor = Math.Sqrt(-2 * Math.Log(s) / s);
                _spareNormal = v * factor;
                return u * factor;
            }
        }
    }

    /// <summary>Puts the items in an order of which each is as likely (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    internal static ulong SplitMix(ref ulong state)
    {
        unchecked
        {
            state += 0x9E3779B97F4A7C15;
            ulong z = state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
