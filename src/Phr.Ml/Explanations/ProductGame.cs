using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Phr.Ml.Explanations;

/// <summary>
/// Shapley values of a game whose worth is a product: v(S) = Π over players, of <c>with</c> for those in S and of <c>without</c> for the others.
/// </summary>
/// <remarks>
/// By Owen's multilinear extension ("Multilinear extensions of games", Management Science 18 (1972)) the value of player j is the integral over t in
/// [0, 1] of (withⱼ − withoutⱼ) · Π over k ≠ j of (t·withₖ + (1 − t)·withoutₖ): a polynomial in t of one degree less than there are players, which
/// Gauss–Legendre quadrature integrates exactly with half as many points. A Gaussian kernel is such a product over features, and so is the reach of
/// a leaf of a tree over the features on its path. For n players the cost is n²/2 multiplications instead of 2ⁿ.
/// </remarks>
internal static class ProductGame
{
    /// <summary>How many numbers <see cref="Add"/> wants to write notes on for so many players.</summary>
    public static int ScratchLength(int players) => (Math.Max(1, players) + 1) * GaussLegendre.ForDegree(players - 1).Points.Length;

    /// <summary>Adds <paramref name="factor"/> times each player's value to <paramref name="values"/> at the player's number.</summary>
    /// <param name="with">Each player's factor when it takes part.</param>
    /// <param name="without">Each player's factor when it does not.</param>
    /// <param name="players">Each player's place in <paramref name="values"/>, or empty where they are in order.</param>
    /// <param name="factor">What the product is multiplied by.</param>
    /// <param name="scratch">At least <see cref="ScratchLength"/> for as many players.</param>
    /// <param name="values">Where the values are added.</param>
    public static void Add(ReadOnlySpan<double> with, ReadOnlySpan<double> without, ReadOnlySpan<int> players, double factor, Span<double> scratch, Span<double> values)
    {
        int n = with.Length;
        if (n == 0 || factor == 0)
        {
            return;
        }

        GaussLegendre rule = GaussLegendre.ForDegree(n - 1);
        int width = rule.Points.Length;
        ref double points = ref MemoryMarshal.GetReference(rule.Points);
        ref double before = ref MemoryMarshal.GetReference(scratch[..(n * width)]);
        Span<double> products = scratch.Slice(n * width, width);
        ref double product = ref MemoryMarshal.GetReference(products);

        // At each point the products of all before, then of all after: no division, so that a factor may be nothing. Four points at a time.
        rule.Weights.CopyTo(products);
        for (int j = 0; j < n; j++)
        {
            Vector256<double> start = Vector256.Create(without[j]);
            Vector256<double> rise = Vector256.Create(with[j] - without[j]);
            for (int q = 0; q < width; q += 4)
            {
                Vector256<double> p = Vector256.LoadUnsafe(ref product, (nuint)q);
                p.StoreUnsafe(ref before, (nuint)((j * width) + q));
                (p * (start + (rise * Vector256.LoadUnsafe(ref points, (nuint)q)))).StoreUnsafe(ref product, (nuint)q);
            }
        }

        products.Fill(1);
        for (int j = n - 1; j >= 0; j--)
        {
            Vector256<double> start = Vector256.Create(without[j]);
            Vector256<double> rise = Vector256.Create(with[j] - without[j]);
            Vector256<double> sum = default;
            for (int q = 0; q < width; q += 4)
            {
                Vector256<double> p = Vector256.LoadUnsafe(ref product, (nuint)q);
                sum += Vector256.LoadUnsafe(ref before, (nuint)((j * width) + q)) * p;
                (p * (start + (rise * Vector256.LoadUnsafe(ref points, (nuint)q)))).StoreUnsafe(ref product, (nuint)q);
            }

            values[players.IsEmpty ? j : players[j]] += factor * (with[j] - without[j]) * (sum[0] + sum[1] + (sum[2] + sum[3]));
        }
    }
}
