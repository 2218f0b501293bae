using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Sharing;

/// <summary>
/// Sharings that several dealers make together. A fresh key is the sum of what the dealers dealt; a key that is carried over is
/// the interpolation of it, each dealer having dealt its own share. In both cases a holder combines what it was sent into one
/// share, everybody combines the commitments in the same way, and nobody sees the key.
/// </summary>
/// <remarks>
/// Sources: Pedersen, "A threshold cryptosystem without a trusted party" (1991); Desmedt and Jajodia, "Redistributing secret shares to
/// new access structures" (1997); Wong, Wang and Wing, "Verifiable secret redistribution for archive systems" (2002).
/// </remarks>
internal static class JointSharing
{
    /// <summary>The weights of the dealers: 1 each for a fresh key; for one that is carried over, the coefficients at zero of the dealers' old indices.</summary>
    public static Scalar[] Weights(bool fresh, ReadOnlySpan<int> dealerIndices) =>
        fresh ? [.. Enumerable.Repeat(Scalar.One, dealerIndices.Length)] : Coefficients(dealerIndices);

    /// <summary>Lagrange's coefficients at zero.</summary>
    public static Scalar[] Coefficients(ReadOnlySpan<int> indices)
    {
        var points = new Scalar[indices.Length];
        for (int i = 0; i < points.Length; i++)
        {
            points[i] = Scalar.FromUInt32((uint)indices[i]);
        }

        return Lagrange.AtZero<Scalar>(points);
    }

    /// <summary>One holder's new share of what the dealers sent to it: Σ weight_d · s_d.</summary>
    public static Scalar Combine(ReadOnlySpan<Scalar> weights, ReadOnlySpan<Scalar> subShares) => Lagrange.WeightedSum(weights, subShares);

    /// <summary>The commitments to the new sharing: Σ weight_d · C_d, coefficient by coefficient; null when one comes out as the identity point.</summary>
    public static FeldmanCommitments? Combine(ReadOnlySpan<Scalar> weights, IReadOnlyList<FeldmanCommitments> dealt)
    {
        var points = new Point[dealt[0].Threshold];
        for (int k = 0; k < points.Length; k++)
        {
            Point sum = Point.Identity;
            for (int d = 0; d < dealt.Count; d++)
            {
                sum += dealt[d].Coefficient(k) * weights[d];
            }

            if (sum.IsIdentity)
            {
                return null;
            }

            points[k] = sum;
        }

        return new FeldmanCommitments(points);
    }

    /// <summary>secret·P from the partial results share_i·P of exactly as many holders as the threshold.</summary>
    public static Point CombinePartials(ReadOnlySpan<int> indices, IReadOnlyList<Point> partials)
    {
        Scalar[] coefficients = Coefficients(indices);
        Point sum = Point.Identity;
        for (int i = 0; i < coefficients.Length; i++)
        {
            sum += partials[i] * coefficients[i];
        }

        return sum;
    }

    public static void Wipe(Span<Scalar> scalars) => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(scalars));
}
