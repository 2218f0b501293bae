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
    /// <summary>Adds <paramref name="factor"/> times each player's value to <paramref name="values"/> at the player's number.</summary>
    /// <param name="with">Each player's factor when it takes part.</param>
    /// <param name="without">Each player's factor when it does not.</param>
    /// <param name="players">Each player's place in <paramref name="values"/>, or empty where they are in order.</param>
    /// <param name="factor">What the product is multiplied by.</param>
    /// <param name="scratch">Twice as long as there are players.</param>
    /// <param name="values">Where the values are added.</param>
    public static void Add(ReadOnlySpan<double> with, ReadOnlySpan<double> without, ReadOnlySpan<int> players, double factor, Span<double> scratch, Span<double> values)
    {
        int n = with.Length;
        if (n == 0 || factor == 0)
        {
            return;
        }

        without = without[..n];
        Span<double> others = scratch[..n];
        Span<double> sums = scratch.Slice(n, n);
        sums.Clear();
        GaussLegendre rule = GaussLegendre.ForDegree(n - 1);
        for (int q = 0; q < rule.Points.Length; q++)
        {
            double t = rule.Points[q];
            double s = 1 - t;

            // The products of all before, then of all after: no division, so that a factor may be nothing.
            double product = rule.Weights[q];
            for (int j = 0; j < n; j++)
            {
                others[j] = product;
                product *= (t * with[j]) + (s * without[j]);
            }

            product = 1;
            for (int j = n - 1; j >= 0; j--)
            {
                sums[j] += others[j] * product;
                product *= (t * with[j]) + (s * without[j]);
            }
        }

        for (int j = 0; j < n; j++)
        {
            values[players.IsEmpty ? j : players[j]] += factor * (with[j] - without[j]) * sums[j];
        }
    }
}
