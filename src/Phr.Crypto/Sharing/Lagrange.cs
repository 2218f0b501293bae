using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Sharing;

/// <summary>Lagrange interpolation at zero. Indices are public, so the order of operations may depend on them.</summary>
internal static class Lagrange
{
    /// <summary>
    /// λ_i = Π_{j≠i} x_j / (x_j - x_i), so that Σ λ_i f(x_i) = f(0) for every polynomial f of degree below the number of indices.
    /// </summary>
    /// <exception cref="ArgumentException">An index is zero, or two are equal.</exception>
    public static TField[] AtZero<TField>(ReadOnlySpan<TField> indices)
        where TField : unmanaged, IPrimeField<TField>
    {
        var coefficients = new TField[indices.Length];
        for (int i = 0; i < indices.Length; i++)
        {
            TField numerator = TField.One;
            TField denominator = TField.One;
            for (int j = 0; j < indices.Length; j++)
            {
                if (j != i)
                {
                    numerator *= indices[j];
                    denominator *= indices[j] - indices[i];
                }
            }

            if (denominator.IsZero || indices[i].IsZero)
            {
                throw new ArgumentException("Indices are distinct and none is zero.", nameof(indices));
            }

            coefficients[i] = numerator * denominator.Invert();
        }

        return coefficients;
    }

    /// <summary>Σ weights_i · values_i: a secret or a share from its shares. Constant in time where the field is; how many there are is public.</summary>
    public static TField WeightedSum<TField>(ReadOnlySpan<TField> weights, ReadOnlySpan<TField> values)
        where TField : unmanaged, IPrimeField<TField>
    {
        TField sum = TField.Zero;
        for (int i = 0; i < weights.Length; i++)
        {
            sum += weights[i] * values[i];
        }

        return sum;
    }
}
