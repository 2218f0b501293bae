using Phr.Ml.Evaluation;
using Phr.Ml.Explanations;
using Phr.Ml.Learners;
using Phr.Ml.Training;

namespace Phr.Ml.Models;

/// <summary>All that a model is. Immutable; checked to fit together when it is made.</summary>
internal sealed class ModelParts
{
    public ModelParts(
        FeatureSchema schema,
        Preprocessor preprocessor,
        IScorer scorer,
        ICalibrator calibrator,
        double threshold,
        ConformalScores conformal,
        CohortSet cohorts,
        Familiarity familiarity,
        Background background,
        ModelCard card)
    {
        int classes = schema.Classes.Count;
        int scores = classes == 2 ? 1 : classes;
        Check(preprocessor.Inputs == schema.Features.Count, "the preprocessing is for another number of features than the schema");
        Check(scorer.Features == preprocessor.Outputs, "the scorer is for another number of columns than the preprocessing gives");
        Check(scorer.Scores == scores && calibrator.Scores == scores, "the scores are for another number of classes than the schema");
        Check(threshold is >= 0 and <= 1, "the threshold is no probability");
        Check(card.SchemaDigest == schema.Digest, "the card is of another schema");
        Check(card.Threshold == threshold, "the card states another threshold");
        Schema = schema;
        Preprocessor = preprocessor;
        Scorer = scorer;
        Calibrator = calibrator;
        Threshold = threshold;
        Conformal = conformal;
        Cohorts = cohorts;
        Familiarity = familiarity;
        Background = background;
        Card = card;
        int[] playerOf = [.. Enumerable.Range(0, preprocessor.Outputs).Select(preprocessor.SourceOf)];
        Explanation = Explanation.Create(scorer, calibrator, background, playerOf, preprocessor.Inputs);
    }

    public FeatureSchema Schema { get; }

    public Preprocessor Preprocessor { get; }

    public IScorer Scorer { get; }

    public ICalibrator Calibrator { get; }

    public double Threshold { get; }

    public ConformalScores Conformal { get; }

    public CohortSet Cohorts { get; }

    public Familiarity Familiarity { get; }

    public Background Background { get; }

    public ModelCard Card { get; }

    public Explanation Explanation { get; }

    public ModelParts With(ModelCard card) => new(Schema, Preprocessor, Scorer, Calibrator, Threshold, Conformal, Cohorts, Familiarity, Background, card);

    private static void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw Error.Mismatch(otherwise);
        }
    }
}
