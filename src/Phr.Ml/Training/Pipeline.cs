using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Training;

/// <summary>Preparation, scorer and calibration, learnt from the same rows.</summary>
internal sealed record Pipeline(Preprocessor Preprocessor, IScorer Scorer, ICalibrator Calibrator)
{
    /// <summary>Calibrated probabilities of rows: of class 1, or one of each class.</summary>
    public Matrix Predict(Dataset data, ReadOnlySpan<int> rows) => Predict(Preprocessor.Transform(data, rows));

    public Matrix Predict(Matrix x)
    {
        var p = new Matrix(x.Rows, Scorer.Scores);
        Span<double> scores = new double[Scorer.Scores];
        for (int i = 0; i < x.Rows; i++)
        {
            Scorer.Score(x.Row(i), scores);
            Calibrator.Apply(scores, p.Row(i));
        }

        return p;
    }
}
