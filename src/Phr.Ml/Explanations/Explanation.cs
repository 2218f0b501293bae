using Phr.Ml.Evaluation;
using Phr.Ml.Learners;

namespace Phr.Ml.Explanations;

/// <summary>Chooses how a scorer is explained, and in which unit: log-odds after calibration wherever calibration only stretches and moves the margin.</summary>
internal sealed class Explanation
{
    private const int DeepestTree = 1000;

    private readonly IExplainer? _explainer;
    private readonly double _factor;
    private readonly double _offset;

    private Explanation(IExplainer? explainer, ContributionUnit unit, double factor, double offset)
    {
        _explainer = explainer;
        Unit = unit;
        _factor = factor;
        _offset = offset;
    }

    public ContributionMethod Method => _explainer?.Method ?? ContributionMethod.Linear;

    public ContributionUnit Unit { get; }

    /// <param name="scorer">What is explained.</param>
    /// <param name="calibrator">What follows it.</param>
    /// <param name="background">What features that are left out are replaced by.</param>
    /// <param name="playerOf">For each column of a preprocessed row, the raw feature it was made of.</param>
    /// <param name="players">How many raw features there are.</param>
    public static Explanation Create(IScorer scorer, ICalibrator calibrator, Background background, int[] playerOf, int players)
    {
        if (scorer is ConstantScorer)
        {
            return new(null, ContributionUnit.Probability, 1, 0);
        }

        (IExplainer? explainer, ScoreLink link) = scorer switch
        {
            LinearScorer linear => ((IExplainer?)new LinearExplainer(linear, background, playerOf), linear.Link),
            SvmScorer kernel => (new KernelExplainer(kernel, background, playerOf, players), ScoreLink.Identity),

            // The walk down a tree is recursive; no tree of a sensible model comes near this depth.
            TreeEnsembleScorer trees when trees.Trees.Max(t => t.Depth) <= DeepestTree => (new TreeExplainer(trees, playerOf), trees.Link),
            _ => (null, ScoreLink.Identity),
        };
        if (explainer is null)
        {
            return new(
                new SampledExplainer(scorer, calibrator, background, playerOf, players),
                scorer.Scores == 1 ? ContributionUnit.LogOdds : ContributionUnit.Probability,
                1,
                0);
        }

        return (calibrator, link) switch
        {
            (PlattCalibrator platt, ScoreLink.Identity) when !scorer.AreProbabilities => new(explainer, ContributionUnit.LogOdds, platt.Slope, platt.Offset),
            (IdentityCalibrator, ScoreLink.Logistic) => new(explainer, ContributionUnit.LogOdds, 1, 0),
            (_, ScoreLink.Identity) when scorer.AreProbabilities => new(explainer, ContributionUnit.Probability, 1, 0),
            _ => new(explainer, ContributionUnit.Score, 1, 0),
        };
    }

    /// <summary>Fills one contribution per raw feature and returns the base value, both in <see cref="Unit"/>.</summary>
    public double Explain(ReadOnlySpan<double> row, int output, Span<double> contributions)
    {
        if (_explainer is null)
        {
            contributions.Clear();
            return 0;
        }

        double start = _explainer.Explain(row, output, contributions);
        if (_factor != 1)
        {
            foreach (ref double c in contributions)
            {
                c *= _factor;
            }
        }

        return (_factor * start) + _offset;
    }
}
