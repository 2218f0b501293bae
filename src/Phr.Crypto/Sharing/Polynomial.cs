using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Sharing;

/// <summary>
/// A polynomial whose constant term is a secret and whose values at 1, 2, … are the shares. Its coefficients are as secret
/// as the constant term: they sit in one pinned array, wiped when it is disposed.
/// </summary>
/// <remarks>Generic so that a test can run the same code over the field of 13 elements and try every polynomial.</remarks>
internal sealed class Polynomial<TField> : IDisposable
    where TField : unmanaged, IPrimeField<TField>
{
    private readonly TField[] _coefficients;

    private Polynomial(int threshold) => _coefficients = GC.AllocateArray<TField>(threshold, pinned: true);

    public int Threshold => _coefficients.Length;

    /// <summary>Lowest power first; the first is the secret.</summary>
    public ReadOnlySpan<TField> Coefficients => _coefficients;

    /// <summary>Draws the coefficients of x, x², …, x^(t-1), in that order, from <paramref name="coefficients"/>.</summary>
    public static Polynomial<TField> Draw(TField secret, int threshold, Func<TField> coefficients)
    {
        var polynomial = new Polynomial<TField>(threshold);
        polynomial._coefficients[0] = secret;
        for (int k = 1; k < threshold; k++)
        {
            polynomial._coefficients[k] = coefficients();
        }

        return polynomial;
    }

    /// <summary>Shamir's sharing in one step: the values at <paramref name="indices"/> of a fresh polynomial.</summary>
    public static TField[] Split(TField secret, int threshold, ReadOnlySpan<TField> indices, Func<TField> coefficients)
    {
        using Polynomial<TField> polynomial = Draw(secret, threshold, coefficients);
        var shares = new TField[indices.Length];
        for (int i = 0; i < indices.Length; i++)
        {
            shares[i] = polynomial.At(indices[i]);
        }

        return shares;
    }

    /// <summary>The value at <paramref name="x"/>, by Horner's rule.</summary>
    public TField At(TField x)
    {
        TField value = _coefficients[^1];
        for (int k = _coefficients.Length - 2; k >= 0; k--)
        {
            value = (value * x) + _coefficients[k];
        }

        return value;
    }

    public TField At(int index) => At(TField.FromUInt32((uint)index));

    public void Dispose() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_coefficients.AsSpan()));
}
