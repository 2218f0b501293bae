using System.Formats.Cbor;
using Phr.Ml.Numerics;

namespace Phr.Ml.Evaluation;

/// <summary>A rising curve through the middles of the steps that fit best (pool adjacent violators), held away from 0 and 1.</summary>
/// <remarks>
/// Between two steps the curve is straight and not flat, so that two different scores seldom become one probability, which would cost area under
/// the ROC curve. The ends are held at what the smallest step could at best show: a step of n rows says no less than 1 / (n + 2).
/// </remarks>
internal sealed class IsotonicCalibrator : ICalibrator
{
    public const string Kind = "isotonic";

    /// <summary>With fewer rows the steps follow chance.</summary>
    public const int LeastRows = 1000;

    private const int MostKnots = 1 << 20;

    private readonly double[] _knots;
    private readonly double[] _values;

    private IsotonicCalibrator(double[] knots, double[] values)
    {
        _knots = knots;
        _values = values;
    }

    public int Scores => 1;

    public ReadOnlySpan<double> Knots => _knots;

    public ReadOnlySpan<double> Values => _values;

    public void Apply(ReadOnlySpan<double> scores, Span<double> probabilities)
    {
        double s = scores[0];
        int at = Array.BinarySearch(_knots, s);
        if (at >= 0)
        {
            probabilities[0] = _values[at];
            return;
        }

        at = ~at;
        if (at == 0 || at == _knots.Length)
        {
            probabilities[0] = _values[at == 0 ? 0 : ^1];
            return;
        }

        double share = (s - _knots[at - 1]) / (_knots[at] - _knots[at - 1]);
        probabilities[0] = _values[at - 1] + (share * (_values[at] - _values[at - 1]));
    }

    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(4);
        writer.WriteTextString(Kind);
        writer.WriteInt32(_knots.Length);
        Packed.WriteDoubles(writer, _knots);
        Packed.WriteDoubles(writer, _values);
        writer.WriteEndArray();
    }

    public static IsotonicCalibrator Read(CborReader reader)
    {
        int n = Packed.ReadCount(reader, 1, MostKnots);
        double[] knots = Packed.ReadDoubles(reader, n);
        double[] values = Packed.ReadDoubles(reader, n);
        for (int i = 0; i < n; i++)
        {
            if (values[i] is < 0 or > 1 || (i > 0 && (knots[i] <= knots[i - 1] || values[i] < values[i - 1])))
            {
                throw new InvalidDataException("The calibration curve in the model does not rise from 0 to 1.");
            }
        }

        return new IsotonicCalibrator(knots, values);
    }

    /// <summary>Fits to scores of rows that the model has not seen.</summary>
    public static IsotonicCalibrator Fit(ReadOnlySpan<double> scores, ReadOnlySpan<int> y, ReadOnlySpan<double> weights)
    {
        double[] s = scores.ToArray();
        int[] order = new int[s.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(s, order);
        var steps = new List<Step>();
        for (int i = 0; i < s.Length;)
        {
            // Equal scores are one step from the start.
            var step = new Step(0, 0, 0, 0);
            double score = s[i];
            for (; i < s.Length && s[i] == score; i++)
            {
                double w = weights.IsEmpty ? 1 : weights[order[i]];
                step = new Step(step.Weight + w, step.Diseased + (y[order[i]] == 1 ? w : 0), step.Scores + (w * score), step.Rows + 1);
            }

            while (steps.Count > 0 && steps[^1].Diseased * step.Weight >= step.Diseased * steps[^1].Weight)
            {
                step = steps[^1].With(step);
                steps.RemoveAt(steps.Count - 1);
            }

            steps.Add(step);
        }

        var knots = new List<double>();
        var values = new List<double>();
        foreach (Step step in steps)
        {
            double least = 1.0 / (step.Rows + 2);
            double value = Math.Clamp(step.Diseased / step.Weight, least, 1 - least);
            double knot = step.Scores / step.Weight;
            if (values.Count > 0)
            {
                value = Math.Max(value, values[^1]);
            }

            if (knots.Count == 0 || knot > knots[^1])
            {
                knots.Add(knot);
                values.Add(value);
            }
        }

        return new IsotonicCalibrator([.. knots], [.. values]);
    }

    private readonly record struct Step(double Weight, double Diseased, double Scores, int Rows)
    {
        public Step With(Step next) => new(Weight + next.Weight, Diseased + next.Diseased, Scores + next.Scores, Rows + next.Rows);
    }
}
