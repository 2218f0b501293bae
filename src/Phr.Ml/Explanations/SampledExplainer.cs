using System.Buffers;
using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Explanations;

/// <summary>
/// Shapley values estimated for any scorer: the features of the row replace those of a background point one after another, in random orders, each taken
/// forwards and backwards. The orders are fixed when the explainer is made, so that the same row has the same explanation. What is explained is what
/// comes out after calibration: the log-odds of the disease, or, of more than two classes, the probability of one.
/// </summary>
internal sealed class SampledExplainer : IExplainer
{
    private const int PairsPerPoint = 8;
    private const int MostScores = 200_000;
    private const ulong OrderSeed = 0x5048_524d_4c53_4850;

    // As far as log-odds are followed towards certainty.
    private const double Least = 1e-12;

    private readonly IScorer _scorer;
    private readonly ICalibrator _calibrator;
    private readonly Background _background;
    private readonly int[][] _columnsOf;
    private readonly int[][] _orders;
    private readonly double[] _base;
    private readonly int _pairs;

    public SampledExplainer(IScorer scorer, ICalibrator calibrator, Background background, int[] playerOf, int players)
    {
        _scorer = scorer;
        _calibrator = calibrator;
        _background = background;
        _columnsOf = [.. Enumerable.Range(0, players).Select(p => Enumerable.Range(0, playerOf.Length).Where(c => playerOf[c] == p).ToArray())];
        _pairs = Math.Clamp(MostScores / Math.Max(1, 2 * players * background.Points.Rows), 1, PairsPerPoint);
        _orders = new int[_pairs * background.Points.Rows][];
        for (int i = 0; i < _orders.Length; i++)
        {
            _orders[i] = [.. playerOf.Distinct().Order()];
            RandomStream.ForStream(OrderSeed, (ulong)i).Shuffle<int>(_orders[i]);
        }

        _base = new double[scorer.Scores];
        double[] scores = new double[scorer.Scores];
        for (int b = 0; b < background.Points.Rows; b++)
        {
            Score(background.Points.Row(b), scores);
            Vectors.AddScaled(_base, scores, background.Weights[b]);
        }
    }

    public ContributionMethod Method => ContributionMethod.Sampled;

    public double Explain(ReadOnlySpan<double> row, int output, Span<double> contributions)
    {
        contributions.Clear();
        int width = _background.Points.Columns;
        double[] rented = ArrayPool<double>.Shared.Rent(width + _scorer.Scores);
        try
        {
            Span<double> point = rented.AsSpan(0, width);
            Span<double> scores = rented.AsSpan(width, _scorer.Scores);
            for (int b = 0; b < _background.Points.Rows; b++)
            {
                double share = _background.Weights[b] / (2 * _pairs);
                for (int pair = 0; pair < _pairs; pair++)
                {
                    int[] order = _orders[(b * _pairs) + pair];
                    for (int way = 0; way < 2; way++)
                    {
                        _background.Points.Row(b).CopyTo(point);
                        Score(point, scores);
                        double before = scores[output];
                        for (int i = 0; i < order.Length; i++)
                        {
                            int player = order[way == 0 ? i : order.Length - 1 - i];
                            foreach (int column in _columnsOf[player])
                            {
                                point[column] = row[column];
                            }

                            Score(point, scores);
                            contributions[player] += share * (scores[output] - before);
                            before = scores[output];
                        }
                    }
                }
            }
        }
        finally
        {
            ArrayPool<double>.Shared.Return(rented, clearArray: true);
        }

        return _base[output];
    }

    private void Score(ReadOnlySpan<double> row, Span<double> scores)
    {
        _scorer.Score(row, scores);
        _calibrator.Apply(scores, scores);
        if (scores.Length == 1)
        {
            double p = Math.Clamp(scores[0], Least, 1 - Least);
            scores[0] = Math.Log(p / (1 - p));
        }
    }
}
