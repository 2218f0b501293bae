using System.Security.Cryptography;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;

namespace Phr.Benchmarks.Sections;

/// <summary>
/// An operation of the timing check. Its inputs are of two classes: the fixed one, and random ones. They are made ready for a whole batch
/// and lie side by side, so that memory does not tell them apart.
/// </summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="IsPlanted">Whether it leaks on purpose, to show that the check sees it.</param>
/// <param name="Prepare">Makes a batch ready: 0 is the fixed class, 1 the random one.</param>
/// <param name="Run">Does the operation on one input of the batch.</param>
internal sealed record TimedOperation(string Name, bool IsPlanted, Action<ReadOnlyMemory<byte>> Prepare, Action<int> Run)
{
    private const int SharesUsed = 5;

    private static readonly byte[] _digest = SHA256.HashData("the digest that is signed"u8);
    private static readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);

    /// <summary>Keeps results alive, so that the compiler cannot leave work out.</summary>
    public static ulong Kept { get; private set; }

    public static IEnumerable<TimedOperation> All()
    {
        Scalar one = Scalar.One, arbitrary = Scalar.Random(RandomSource.System);
        Point point = Point.MultiplyBase(Scalar.Random(RandomSource.System));
        yield return OnScalars("multiply any point, by 1 or at random", one, k => Keep(point * k));
        yield return OnScalars("multiply any point, by one number or at random", arbitrary, k => Keep(point * k));
        yield return OnScalars("multiply G, by 1 or at random", one, k => Keep(Point.MultiplyBase(k)));
        yield return OnScalars("multiply G, by one number or at random", arbitrary, k => Keep(Point.MultiplyBase(k)));
        yield return OnScalars("multiply U, by 1 or at random", one, k => Keep(Point.U * k));
        yield return OnScalars("invert modulo n, 1 or at random", one, k => Keep(k.Invert()));
        yield return OnScalars("invert modulo n, one number or at random", arbitrary, k => Keep(k.Invert()));
        yield return Recombination(one);
        yield return OnScalars("sign, with the key 1 or a random one", one, Sign);
        yield return OnScalars("sign, with one key or a random one", arbitrary, Sign);
        yield return PlantedComparison();
        yield return OnScalars("planted: a multiplication that skips zero bits and stops at the last", Short(arbitrary), k => Keep(SkippingMultiply(k)), isPlanted: true);
    }

    private static TimedOperation OnScalars(string name, Scalar fixedInput, Action<Scalar> operation, bool isPlanted = false)
    {
        Scalar[] inputs = [];
        return new TimedOperation(
            name,
            isPlanted,
            classes =>
            {
                Array.Resize(ref inputs, classes.Length);
                for (int i = 0; i < inputs.Length; i++)
                {
                    inputs[i] = classes.Span[i] == 0 ? fixedInput : Scalar.Random(RandomSource.System);
                }
            },
            i => operation(inputs[i]));
    }

    // What every recombination calls: verifying shares is public, and its time depends on the public commitments.
    private static TimedOperation Recombination(Scalar fixedShare)
    {
        Scalar[] indices = [.. Enumerable.Range(1, SharesUsed).Select(i => Scalar.FromUInt32((uint)i))];
        Scalar[] inputs = [];
        return new TimedOperation(
            $"recombine {SharesUsed} shares, all 1 or at random",
            false,
            classes =>
            {
                Array.Resize(ref inputs, classes.Length * SharesUsed);
                for (int i = 0; i < inputs.Length; i++)
                {
                    inputs[i] = classes.Span[i / SharesUsed] == 0 ? fixedShare : Scalar.Random(RandomSource.System);
                }
            },
            i => Keep(Lagrange.WeightedSum<Scalar>(Lagrange.AtZero<Scalar>(indices), inputs.AsSpan(i * SharesUsed, SharesUsed))));
    }

    private static TimedOperation PlantedComparison()
    {
        byte[] inputs = [];
        return new TimedOperation(
            "planted: a comparison that stops at the first difference",
            true,
            classes =>
            {
                Array.Resize(ref inputs, classes.Length * 32);
                RandomNumberGenerator.Fill(inputs);
                for (int i = 0; i < classes.Length; i++)
                {
                    if (classes.Span[i] == 0)
                    {
                        _secret.CopyTo(inputs, i * 32);
                    }
                }
            },
            i => Kept += StoppingEquals(inputs.AsSpan(i * 32, 32), _secret) ? 1u : 0u);
    }

    private static void Sign(Scalar key)
    {
        Span<byte> signature = stackalloc byte[Ecdsa.SignatureLength];
        Ecdsa.Sign(key, _digest, [], signature);
        Kept ^= signature[0];
    }

    private static bool StoppingEquals(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i] != b[i])
            {
                return false;
            }
        }

        return true;
    }

    private static Scalar SkippingMultiply(Scalar k)
    {
        Scalar sum = Scalar.Zero, power = Scalar.One;
        int last = 255;
        while (last > 0 && k.GetBits(last, 1) == 0)
        {
            last--;
        }

        for (int bit = 0; bit <= last; bit++)
        {
            if (k.GetBits(bit, 1) != 0)
            {
                sum += power;
            }

            power += power;
        }

        return sum;
    }

    // A number of half the length.
    private static Scalar Short(Scalar scalar)
    {
        byte[] bytes = scalar.ToBytes();
        bytes.AsSpan(0, 16).Clear();
        _ = Scalar.TryFromBytes(bytes, out Scalar half);
        return half;
    }

    private static void Keep(Scalar scalar) => Kept ^= scalar.GetLimb(0);

    private static void Keep(Point point) => Kept ^= point.IsIdentity ? 1u : 0u;
}
