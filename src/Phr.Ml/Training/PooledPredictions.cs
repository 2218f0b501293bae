using Phr.Ml.Evaluation;
using Phr.Ml.Numerics;

namespace Phr.Ml.Training;

/// <summary>The predictions of all repeats together, with bootstrap ranges over people: whoever is drawn comes with all rows and repeats.</summary>
internal sealed class PooledPredictions
{
    private const int Resamples = 200;
    private const int ManyRows = 50_000;

    private readonly Dataset _data;
    private readonly Matrix _p;
    private readonly int[] _y;
    private readonly int[] _person;
    private readonly double _threshold;
    private readonly ulong _seed;
    private readonly double _level;
    private readonly CancellationToken _cancellation;

    public PooledPredictions(Dataset data, Matrix[] heldOut, double threshold, ulong seed, double level, CancellationToken cancellationToken)
    {
        (_data, _threshold, _seed, _level, _cancellation) = (data, threshold, seed, level, cancellationToken);
        int n = data.Count;
        _p = new Matrix(n * heldOut.Length, heldOut[0].Columns);
        _y = new int[_p.Rows];
        _person = new int[_p.Rows];
        for (int i = 0; i < _p.Rows; i++)
        {
            (int repeat, int row) = Math.DivRem(i, n);
            heldOut[repeat].Row(row).CopyTo(_p.Row(i));
            _y[i] = data.Labels.Span[row];
            _person[i] = data.Groups.Length == 0 ? row : data.Groups[row];
        }

        Metrics = DiagnosisMetrics.Compute(_p, _y, threshold);
    }

    public DiagnosisMetrics Metrics { get; }

    public MetricInterval Interval(Func<DiagnosisMetrics, double> metric) => Interval([.. Enumerable.Range(0, _p.Rows)], metric);

    public SubgroupEvaluation[] Subgroups() =>
    [
        .. from feature in _data.Schema.Subgroups
           let levels = _data.LevelsOf(feature)
           from level in Enumerable.Range(-1, feature.Levels.Count + 1)
           let rows = Enumerable.Range(0, _p.Rows).Where(i => levels[i % _data.Count] == level).ToArray()
           where rows.Length > 0
           select new SubgroupEvaluation(
               feature.Name,
               level < 0 ? "missing" : feature.NameOfLevel(level),
               Compute(rows),
               Interval(rows, m => m.RocAuc),
               Interval(rows, m => m.Sensitivity),
               Interval(rows, m => m.Specificity)),
    ];

    private MetricInterval Interval(int[] rows, Func<DiagnosisMetrics, double> metric)
    {
        int[] people = [.. rows.Select(r => _person[r])];
        return Intervals.Bootstrap(rows.Length, people, sample => metric(Compute([.. sample.Select(i => rows[i])])), _p.Rows > ManyRows ? Resamples / 4 : Resamples, _level, _seed, _cancellation);
    }

    private DiagnosisMetrics Compute(int[] rows) => DiagnosisMetrics.Compute(_p.Select(rows), [.. rows.Select(r => _y[r])], _threshold);
}
