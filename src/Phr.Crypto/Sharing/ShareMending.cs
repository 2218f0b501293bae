using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Sharing;

/// <summary>
/// What repairs one lost share f(l) from others of the same polynomial: f(l) = Σ λ_i(l)·f(i), where each helper breaks its term into random
/// summands, one for each helper, so that what anyone adds up shows no term.
/// </summary>
/// <remarks>
/// Source: Stinson and Wei, "Combinatorial repairability for threshold schemes" (2018), the enrolment protocol of Nojoumian, Stinson and Grant (2010). Generic where a
/// test tries every choice over a small field.
/// </remarks>
internal static class ShareMending
{
    /// <summary>λ_i(x) = Π_{j≠i} (x − x_j) / (x_i − x_j): the value at x is Σ λ_i(x)·f(x_i).</summary>
    /// <exception cref="ArgumentException">Two indices are equal.</exception>
    public static TField[] WeightsAt<TField>(TField x, ReadOnlySpan<TField> indices)
        where TField : unmanaged, IPrimeField<TField>
    {
        var weights = new TField[indices.Length];
        for (int i = 0; i < indices.Length; i++)
        {
            TField numerator = TField.One, denominator = TField.One;
            for (int j = 0; j < indices.Length; j++)
            {
                if (j != i)
                {
                    numerator *= x - indices[j];
                    denominator *= indices[i] - indices[j];
                }
            }

            weights[i] = denominator.IsZero ? throw new ArgumentException("Indices are distinct.", nameof(indices)) : numerator * denominator.Invert();
        }

        return weights;
    }

    /// <inheritdoc cref="WeightsAt{TField}(TField, ReadOnlySpan{TField})"/>
    public static TField[] WeightsAt<TField>(int index, IReadOnlyList<int> indices)
        where TField : unmanaged, IPrimeField<TField> =>
        WeightsAt(TField.FromUInt32((uint)index), [.. indices.Select(static i => TField.FromUInt32((uint)i))]);

    /// <summary>Breaks a value into summands: all but the last are drawn, the last is the rest. The caller wipes them.</summary>
    public static void Split<TField>(TField value, Span<TField> summands, Func<TField> draw)
        where TField : unmanaged, IPrimeField<TField>
    {
        TField rest = value;
        for (int j = 0; j < summands.Length - 1; j++)
        {
            summands[j] = draw();
            rest -= summands[j];
        }

        summands[^1] = rest;
    }

    /// <summary>Breaks weight·share into one summand for each destination, written there at <paramref name="offset"/>, and returns their public keys.</summary>
    public static PublicKey[] Deal(Scalar weight, SecretKey share, IReadOnlyList<SecretBytes> destinations, int offset, RandomSource random)
    {
        Scalar[] summands = GC.AllocateArray<Scalar>(destinations.Count, pinned: true);
        try
        {
            do
            {
                Split(weight * share.Scalar, summands, () => Scalar.Random(random));
            }
            while (summands[^1].IsZero);

            var keys = new PublicKey[summands.Length];
            for (int j = 0; j < keys.Length; j++)
            {
                summands[j].WriteBytes(destinations[j].Reveal().Slice(offset, Scalar.Length));
                keys[j] = new PublicKey(Point.MultiplyBase(summands[j]));
            }

            return keys;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(summands.AsSpan()));
        }
    }
}
