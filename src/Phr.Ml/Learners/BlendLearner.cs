using Phr.Ml.Evaluation;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>
/// Learns several models, calibrates each on rows it has not seen, and gives them one voice each. Models that err on different rows are together better
/// than the best of them.
/// </summary>
/// <remarks>
/// The members' held-out scores also say how the blend does on rows it has not seen: nothing is fitted a second time for that but the few numbers of
/// the calibrators. Rows that belong to one person are not known here: not for data with several rows a person.
/// </remarks>
internal sealed record BlendLearner(IReadOnlyList<ILearner> Members) : IOutOfBagLearner
{
    /// <summary>How many folds give the held-out scores of a member that leaves no rows out by itself; 5 by default.</summary>
    public int Folds { get; init; } = 5;

    public bool LeavesRowsOut => true;

    public string Name => $"blend of {string.Join(", ", Members.Select(m => m.Name))}";

    public IScorer Fit(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, CancellationToken cancellationToken) =>
        FitWithOutOfBag(x, y, classes, weights, seed, out _, cancellationToken);

    public IScorer FitWithOutOfBag(Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, out Matrix outOfBag, CancellationToken cancellationToken)
    {
        TrainingRows.Check(x, y.Span, classes, weights.Span);
        if (Members.Count == 0)
        {
            throw new InvalidOperationException("A blend has at least one member.");
        }

        outOfBag = new Matrix(x.Rows, classes == 2 ? 1 : classes);
        var members = new List<BlendMember>();
        double[] p = new double[outOfBag.Columns];
        for (int m = 0; m < Members.Count; m++)
        {
            ulong memberSeed = RandomStream.DeriveSeed(seed, (ulong)m);
            Matrix held;
            IScorer scorer;
            if (Members[m] is IOutOfBagLearner { LeavesRowsOut: true } forest)
            {
                scorer = forest.FitWithOutOfBag(x, y, classes, weights, memberSeed, out held, cancellationToken);
            }
            else
            {
                held = Calibration.FoldScores(Members[m], x, y, classes, weights, default, Folds, memberSeed, cancellationToken);
                scorer = Members[m].Fit(x, y, classes, weights, memberSeed, cancellationToken);
            }

            ICalibrator calibrator = Calibration.Fit(CalibrationMethod.Platt, held, scorer.AreProbabilities, y.Span, weights.Span);
            members.Add(new BlendMember(scorer, calibrator));
            for (int i = 0; i < x.Rows; i++)
            {
                // A row that every tree has seen has no score here (NaN), and then none in the blend.
                calibrator.Apply(held.Row(i), p);
                BlendScorer.Add(p, outOfBag.Row(i));
            }
        }

        for (int i = 0; i < x.Rows; i++)
        {
            BlendScorer.Finish(outOfBag.Row(i), members.Count);
        }

        return new BlendScorer(members);
    }
}
