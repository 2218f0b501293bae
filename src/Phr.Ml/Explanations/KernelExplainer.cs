using System.Buffers;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Explanations;

/// <summary>Exact Shapley values of a sum of Gaussian kernels: each is a product over the features, see <see cref="ProductGame"/>.</summary>
internal sealed class KernelExplainer : IExplainer
{
    private readonly SvmScorer _scorer;
    private readonly Background _background;
    private readonly int[] _playerOf;
    private readonly int _players;
    private readonly double[] _base;

    public KernelExplainer(SvmScorer scorer, Background background, int[] playerOf, int players)
    {
        _scorer = scorer;
        _background = background;
        _playerOf = playerOf;
        _players = players;
        _base = new double[scorer.Scores];
        double[] scores = new double[scorer.Scores];
        for (int b = 0; b < background.Points.Rows; b++)
        {
            scorer.Score(background.Points.Row(b), scores);
            Vectors.AddScaled(_base, scores, background.Weights[b]);
        }
    }

    public ContributionMethod Method => ContributionMethod.Kernel;

    public double Explain(ReadOnlySpan<double> row, int output, Span<double> contributions)
    {
        contributions.Clear();
        double[] rented = ArrayPool<double>.Shared.Rent((2 * _players) + ProductGame.ScratchLength(_players));
        try
        {
            Span<double> with = rented.AsSpan(0, _players);
            Span<double> without = rented.AsSpan(_players, _players);
            Span<double> scratch = rented.AsSpan(2 * _players);
            for (int i = 0; i < _scorer.SupportVectors.Rows; i++)
            {
                double coefficient = _scorer.Coefficients[output, i];
                if (coefficient == 0)
                {
                    continue;
                }

                ReadOnlySpan<double> vector = _scorer.SupportVectors.Row(i);
                Factors(row, vector, with);
                for (int b = 0; b < _background.Points.Rows; b++)
                {
                    Factors(_background.Points.Row(b), vector, without);
                    ProductGame.Add(with, without, [], coefficient * _background.Weights[b], scratch, contributions);
                }
            }
        }
        finally
        {
            ArrayPool<double>.Shared.Return(rented, clearArray: true);
        }

        return _base[output];
    }

    // Each player's share of the kernel: e^(−γ · squared distance over the player's columns).
    private void Factors(ReadOnlySpan<double> point, ReadOnlySpan<double> vector, Span<double> factors)
    {
        factors.Clear();
        for (int c = 0; c < vector.Length; c++)
        {
            double d = point[c] - vector[c];
            factors[_playerOf[c]] += d * d;
        }

        for (int p = 0; p < factors.Length; p++)
        {
            factors[p] = Math.Exp(-_scorer.Gamma * factors[p]);
        }
    }
}
