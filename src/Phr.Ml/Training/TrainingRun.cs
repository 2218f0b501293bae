using System.Diagnostics;
using System.Reflection;
using Phr.Ml.Evaluation;
using Phr.Ml.Numerics;

namespace Phr.Ml.Training;

/// <summary>One training, from the data to the report.</summary>
internal sealed class TrainingRun
{
    private readonly FeatureSchema _schema;
    private readonly ulong _seed;
    private readonly Dataset _data;
    private readonly TrainingOptions _options;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly FoldAssignment _folds;
    private readonly ModelFamily[] _families;
    private readonly OmittedModel[] _omitted;
    private readonly FamilyTrainer _trainer;
    private readonly double _threshold;
    private readonly ModelFamily[] _nestedChoice;

    /// <summary>Checks what the caller gave.</summary>
    public TrainingRun(FeatureSchema schema, ulong seed, Dataset data, TrainingOptions options, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        (_schema, _seed, _data, _options, _progress, _cancellation) = (schema, seed, data, options, progress, cancellationToken);
        if (data.Schema.Digest != schema.Digest)
        {
            throw new ArgumentException($"The data are of schema {data.Schema}, not of {schema}.", nameof(data));
        }

        TrainingRules.Check(options);
        TrainingRules.CheckClasses(data);
        _folds = options.FoldAssignment ?? FoldAssignment.Stratified(data, options, RandomStream.DeriveSeed(seed, 1));
        TrainingRules.CheckFolds(_folds, data);
        TrainingRules.CheckCalibration(options.Calibration, _folds, data);
        ModelFamily[] asked = [.. options.Families.Append(ModelFamily.Prior).Distinct().Order()];
        _omitted = [.. from f in asked let reason = Catalogue.ReasonAgainst(f, data.Count) where reason is not null select new OmittedModel(f, reason)];
        _families = [.. asked.Where(f => !_omitted.Any(o => o.Family == f))];
        _trainer = new FamilyTrainer(data, options);
        _threshold = 1 / (1 + options.MissedCaseCost);
        _nestedChoice = new ModelFamily[Units];
    }

    private int Units => _folds.Repeats * _folds.Folds;

    private double TestToTrain => 1.0 / (_folds.Folds - 1);

    public TrainingReport Train()
    {
        Judged[] judged = Judge();
        ModelEvaluation[] evaluations = [.. judged.Select(j => Evaluate(j.Family, Typical(j.Chosen), j.HeldOut, j.Chosen, j.Time, withSubgroups: false))];
        int[] order = [.. Enumerable.Range(0, judged.Length)
            .OrderBy(i => judged[i].Family == ModelFamily.Prior ? 1 : 0).ThenBy(i => evaluations[i].LogLoss.Value).ThenByDescending(i => evaluations[i].RocAuc.Value)];
        Judged winner = judged[order[0]];
        evaluations[order[0]] = Evaluate(winner.Family, Typical(winner.Chosen), winner.HeldOut, winner.Chosen, winner.Time, withSubgroups: true);
        ModelEvaluation best = evaluations[order[0]];
        ModelEvaluation nested = Nested(judged);

        Report(TrainingStage.Winner, 0, 1);
        int[] all = [.. Enumerable.Range(0, _data.Count)];
        FamilyTrainer.Result final = _trainer.Train(Catalogue.Of(winner.Family, _options), all, RandomStream.DeriveSeed(_seed, 2), _cancellation);
        Report(TrainingStage.Winner, 1, 1);

        ModelEvaluation[] models = [.. order.Select(i => evaluations[i])];
        return new TrainingReport
        {
            Schema = _schema,
            Data = new DataSummary(_data),
            Options = _options,
            Seed = _seed,
            Models = Array.AsReadOnly(models),
            Nested = nested,
            Comparisons = Array.AsReadOnly([.. models.Skip(1).Select(m => Compare(best, m))]),
            Importance = Array.AsReadOnly(winner.Family == ModelFamily.Prior ? [] : Importance(winner)),
            LearningCurve = Array.AsReadOnly(LearningCurve(final.Chosen)),
            Threshold = _schema.Classes.Count == 2 ? TrainingRules.Threshold(_options.MissedCaseCost, best.HeldOut, _data.Labels.Span) : null,
            Omitted = Array.AsReadOnly(_omitted),
            Warnings = Array.AsReadOnly([.. Suspicions.Of(_data), .. Doubts(best, nested, models[^1])]),
            Versions = Versions(),
            Parts = new TrainedParts
            {
                Schema = _schema,
                Preprocessor = final.Pipeline.Preprocessor,
                Scorer = final.Pipeline.Scorer,
                Calibrator = final.Pipeline.Calibrator,
                Threshold = _threshold,
                HeldOut = best.HeldOut[0],
                Data = _data,
                Family = winner.Family,
                Name = final.Chosen.Learner.Name,
                Seed = _seed,
            },
        };
    }

    // Every kind in every fold. A fold's random choices depend on its number and on the kind alone.
    private Judged[] Judge()
    {
        int columns = _schema.Classes.Count == 2 ? 1 : _schema.Classes.Count;
        Judged[] judged = [.. _families.Select(f => new Judged(f, [.. Enumerable.Range(0, _folds.Repeats).Select(_ => new Matrix(_data.Count, columns))], new string[Units], new Pipeline[_folds.Folds], new FoldTimes(Units)))];
        int done = 0;
        Report(TrainingStage.Judging, 0, Units * judged.Length);
        var parallel = new ParallelOptions { CancellationToken = _cancellation, MaxDegreeOfParallelism = _options.Parallelism == 0 ? Environment.ProcessorCount : _options.Parallelism };
        InParallel(Units, parallel, unit =>
        {
            (int repeat, int fold) = Math.DivRem(unit, _folds.Folds);
            (int[] heldOut, int[] training) = _folds.Split(repeat, fold);
            FamilyTrainer.Result? best = null;
            ModelFamily bestFamily = ModelFamily.Prior;
            foreach (Judged one in judged.OrderBy(j => j.Family != ModelFamily.Blend))
            {
                var watch = Stopwatch.StartNew();
                ulong seed = RandomStream.DeriveSeed(RandomStream.DeriveSeed(_seed, 1000 + (ulong)unit), (ulong)one.Family);
                FamilyTrainer.Result result = _trainer.Train(Catalogue.Of(one.Family, _options), training, seed, _cancellation);
                Matrix p = result.Pipeline.Predict(_data, heldOut);
                for (int i = 0; i < heldOut.Length; i++)
                {
                    p.Row(i).CopyTo(one.HeldOut[repeat].Row(heldOut[i]));
                }

                one.Chosen[unit] = result.Chosen.Learner.Name;
                if (best is null || (one.Family != ModelFamily.Prior && (bestFamily == ModelFamily.Prior || result.IsBetterThan(best, standardErrors: 1))))
                {
                    (best, bestFamily) = (result, one.Family);
                }

                if (repeat == 0)
                {
                    one.Pipelines[fold] = result.Pipeline;
                }

                one.Times.Set(unit, watch.Elapsed);
                Report(TrainingStage.Judging, Interlocked.Increment(ref done), Units * judged.Length);
            }

            _nestedChoice[unit] = bestFamily;
        });
        return judged;
    }

    // In each fold, the predictions of the kind that was best inside its training rows: the blend, if it takes part, since a mean of unlike models is
    // seldom far from the best of them; else the simplest. Another takes its place only with a log-loss that is less by more than a standard error.
    private ModelEvaluation Nested(Judged[] judged)
    {
        Matrix[] heldOut = [.. judged[0].HeldOut.Select(h => new Matrix(h.Rows, h.Columns))];
        string[] chosen = new string[Units];
        TimeSpan time = TimeSpan.Zero;
        var votes = new Dictionary<ModelFamily, int>();
        for (int unit = 0; unit < Units; unit++)
        {
            (int repeat, int fold) = Math.DivRem(unit, _folds.Folds);
            Judged best = judged.Single(j => j.Family == _nestedChoice[unit]);
            votes[best.Family] = votes.GetValueOrDefault(best.Family) + 1;
            chosen[unit] = best.Chosen[unit];
            foreach (int row in _folds.Split(repeat, fold).HeldOut)
            {
                best.HeldOut[repeat].Row(row).CopyTo(heldOut[repeat].Row(row));
            }
        }

        foreach (Judged j in judged)
        {
            time += j.Time;
        }

        ModelFamily most = votes.OrderByDescending(v => v.Value).ThenBy(v => v.Key).First().Key;
        return Evaluate(most, "the best kind of each fold, chosen inside it", heldOut, chosen, time, withSubgroups: true);
    }

    private ModelEvaluation Evaluate(ModelFamily family, string name, Matrix[] heldOut, string[] chosen, TimeSpan time, bool withSubgroups)
    {
        var folds = new DiagnosisMetrics[Units];
        for (int unit = 0; unit < Units; unit++)
        {
            (int repeat, int fold) = Math.DivRem(unit, _folds.Folds);
            int[] rows = _folds.Split(repeat, fold).HeldOut;
            folds[unit] = DiagnosisMetrics.Compute(heldOut[repeat].Select(rows), Labels(rows), _threshold);
        }

        var pooled = new PooledPredictions(_data, heldOut, _threshold, RandomStream.DeriveSeed(_seed, 5), _options.ConfidenceLevel, _cancellation);
        return new ModelEvaluation(family, name)
        {
            Metrics = pooled.Metrics,
            Folds = Array.AsReadOnly(folds),
            RocAuc = Share(OfFolds(folds, m => m.RocAuc)),
            PrAuc = Share(OfFolds(folds, m => m.PrAuc)),
            LogLoss = NotNegative(OfFolds(folds, m => m.LogLoss)),
            Brier = NotNegative(OfFolds(folds, m => m.Brier)),
            CalibrationError = pooled.Interval(m => m.CalibrationError),
            Sensitivity = Share(OfFolds(folds, m => m.Sensitivity)),
            Specificity = Share(OfFolds(folds, m => m.Specificity)),
            Accuracy = Share(OfFolds(folds, m => m.Accuracy)),
            Subgroups = Array.AsReadOnly(withSubgroups ? pooled.Subgroups() : []),
            FoldTime = time,
            HeldOut = heldOut,
            Chosen = chosen,
        };
    }

    private MetricInterval OfFolds(IEnumerable<DiagnosisMetrics> folds, Func<DiagnosisMetrics, double> metric) =>
        Intervals.OfFolds([.. folds.Select(metric).Where(v => !double.IsNaN(v))], TestToTrain, _options.ConfidenceLevel);

    // Student's range knows no bounds; these measures do.
    private static MetricInterval Share(MetricInterval interval) => interval with { Lower = Math.Max(0, interval.Lower), Upper = Math.Min(1, interval.Upper) };

    private static MetricInterval NotNegative(MetricInterval interval) => interval with { Lower = Math.Max(0, interval.Lower) };

    private ModelComparison Compare(ModelEvaluation best, ModelEvaluation other)
    {
        int[] both = [.. Enumerable.Range(0, Units).Where(i => !double.IsNaN(best.Folds[i].RocAuc) && !double.IsNaN(other.Folds[i].RocAuc))];
        // A fold without one of the classes has no curve; where fewer than two folds have one, there is nothing to compare and all are taken.
        int[] counted = both.Length >= 2 ? both : [.. Enumerable.Range(0, Units)];
        return new ModelComparison(
            other.Family,
            PairedComparison.CorrectedT([.. counted.Select(i => best.Folds[i].RocAuc)], [.. counted.Select(i => other.Folds[i].RocAuc)], TestToTrain, _options.ConfidenceLevel),
            PairedComparison.CorrectedT([.. best.Folds.Select(f => f.LogLoss)], [.. other.Folds.Select(f => f.LogLoss)], TestToTrain, _options.ConfidenceLevel));
    }

    // The winner's models of the first repeat, each on the rows that it has not seen.
    private FeatureImportance[] Importance(Judged winner)
    {
        const int deals = 3;
        int[] features = Suspicions.MostTelling(_data, 200);
        var losses = new double[features.Length][];
        int done = 0;
        Report(TrainingStage.Importance, 0, features.Length);
        (int[] HeldOut, Matrix Raw, double RocAuc)[] folds = [.. Enumerable.Range(0, _folds.Folds).Select(f =>
        {
            int[] rows = _folds.Split(0, f).HeldOut;
            var raw = new Matrix(rows.Length, _schema.Features.Count);
            for (int i = 0; i < rows.Length; i++)
            {
                _data.Row(rows[i]).CopyTo(raw.Row(i));
            }

            return (rows, raw, RocAuc(winner.Pipelines[f], raw, rows));
        })];
        var parallel = new ParallelOptions { CancellationToken = _cancellation, MaxDegreeOfParallelism = _options.Parallelism == 0 ? Environment.ProcessorCount : _options.Parallelism };
        InParallel(features.Length, parallel, i =>
        {
            int feature = features[i];
            losses[i] = new double[folds.Length];
            for (int f = 0; f < folds.Length; f++)
            {
                (int[] rows, Matrix raw, double whole) = folds[f];
                Matrix dealt = raw.Select([.. Enumerable.Range(0, raw.Rows)]);
                int[] order = [.. Enumerable.Range(0, raw.Rows)];
                var random = RandomStream.ForStream(RandomStream.DeriveSeed(_seed, 3), ((ulong)feature << 16) + (ulong)f);
                for (int deal = 0; deal < deals; deal++)
                {
                    random.Shuffle<int>(order);
                    for (int r = 0; r < raw.Rows; r++)
                    {
                        dealt[r, feature] = raw[order[r], feature];
                    }

                    losses[i][f] += (whole - RocAuc(winner.Pipelines[f], dealt, rows)) / deals;
                }
            }

            Report(TrainingStage.Importance, Interlocked.Increment(ref done), features.Length);
        });
        return
        [
            .. features.Select((feature, i) => new FeatureImportance(_schema.Features[feature].Name, Intervals.OfFolds([.. losses[i].Where(v => !double.IsNaN(v))], TestToTrain, _options.ConfidenceLevel)))
                .OrderByDescending(f => f.Loss.Value),
        ];
    }

    private double RocAuc(Pipeline pipeline, Matrix raw, int[] rows)
    {
        var x = new Matrix(raw.Rows, pipeline.Preprocessor.Outputs);
        for (int i = 0; i < raw.Rows; i++)
        {
            pipeline.Preprocessor.Transform(raw.Row(i), x.Row(i));
        }

        return DiagnosisMetrics.Compute(pipeline.Predict(x), Labels(rows)).RocAuc;
    }

    private LearningCurvePoint[] LearningCurve(Candidate candidate)
    {
        double[] shares = [0.1, 0.2, 0.4, 0.7, 1];
        int count = Math.Min(_folds.Folds, 5);
        int done = 0;
        Report(TrainingStage.LearningCurve, 0, shares.Length * count);
        var results = new (int Rows, DiagnosisMetrics? Metrics)[shares.Length * count];
        var parallel = new ParallelOptions { CancellationToken = _cancellation, MaxDegreeOfParallelism = _options.Parallelism == 0 ? Environment.ProcessorCount : _options.Parallelism };
        InParallel(results.Length, parallel, i =>
        {
            (int s, int fold) = Math.DivRem(i, count);
            (int[] heldOut, int[] training) = _folds.Split(0, fold);
            int[] rows = TrainingRules.Share(_data, training, shares[s], RandomStream.DeriveSeed(RandomStream.DeriveSeed(_seed, 4), (ulong)fold));
            bool canCalibrate = _options.Calibration != CalibrationMethod.Isotonic || rows.Length >= IsotonicCalibrator.LeastRows;
            if (canCalibrate && Labels(rows).GroupBy(c => c).Count(g => g.Count() >= 5) == _schema.Classes.Count)
            {
                FamilyTrainer.Result result = _trainer.Train([candidate], rows, RandomStream.DeriveSeed(_seed, 5000 + (ulong)i), _cancellation);
                results[i] = (rows.Length, DiagnosisMetrics.Compute(result.Pipeline.Predict(_data, heldOut), Labels(heldOut)));
            }

            Report(TrainingStage.LearningCurve, Interlocked.Increment(ref done), results.Length);
        });
        return
        [
            .. from s in Enumerable.Range(0, shares.Length)
               let points = results.AsSpan(s * count, count).ToArray().Where(r => r.Metrics is not null).ToArray()
               where points.Length == count
               select new LearningCurvePoint((int)points.Average(p => p.Rows), Share(OfFolds(points.Select(p => p.Metrics!), m => m.RocAuc)), NotNegative(OfFolds(points.Select(p => p.Metrics!), m => m.LogLoss))),
        ];
    }

    private static IEnumerable<string> Doubts(ModelEvaluation best, ModelEvaluation nested, ModelEvaluation prior)
    {
        if (best.RocAuc.Value - nested.RocAuc.Value > 0.005)
        {
            yield return FormattableString.Invariant($"The kind of model is uncertain: the best of all has an area under the curve of {best.RocAuc.Value:F3}, the one chosen inside each fold {nested.RocAuc.Value:F3}.");
        }

        if (best.Family != ModelFamily.Prior && nested.RocAuc.Lower <= 0.5)
        {
            yield return "The models may be no better than chance: the range of the area under the curve, of the kind chosen inside each fold, holds 0.5.";
        }
        else if (best.Family != ModelFamily.Prior && nested.LogLoss.Value >= prior.LogLoss.Value)
        {
            yield return FormattableString.Invariant($"The models may be no better than chance: the log-loss of the kind chosen inside each fold is {nested.LogLoss.Value:F3}, that of the shares of the classes alone {prior.LogLoss.Value:F3}.");
        }
    }

    private int[] Labels(int[] rows) => [.. rows.Select(r => _data.Labels.Span[r])];

    private static string Typical(string[] chosen) => chosen.GroupBy(c => c, StringComparer.Ordinal).OrderByDescending(g => g.Count()).ThenBy(g => Array.IndexOf(chosen, g.Key)).First().Key;

    private void Report(TrainingStage stage, int done, int of) => _progress?.Report(new TrainingProgress(stage, done, of));

    // The first failure, as it was, not wrapped.
    private static void InParallel(int count, ParallelOptions options, Action<int> part)
    {
        try
        {
            Parallel.For(0, count, options, part);
        }
        catch (AggregateException e) when (options.CancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The training was stopped.", e, options.CancellationToken);
        }
        catch (AggregateException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.Flatten().InnerExceptions[0]);
        }
    }

    private static Dictionary<string, string> Versions() => new(StringComparer.Ordinal)
    {
        ["Phr.Ml"] = Version(typeof(TrainingRun)),
        ["Microsoft.ML"] = Version(typeof(Microsoft.ML.MLContext)),
        [".NET"] = Environment.Version.ToString(),
    };

    private static string Version(Type type)
    {
        string version = type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? type.Assembly.GetName().Version?.ToString() ?? "unknown";
        return version.Split('+')[0];
    }

    /// <summary>What one kind did in every fold.</summary>
    private sealed class Judged(ModelFamily family, Matrix[] heldOut, string[] chosen, Pipeline[] pipelines, FoldTimes times)
    {
        public ModelFamily Family => family;

        public Matrix[] HeldOut => heldOut;

        public string[] Chosen => chosen;

        public Pipeline[] Pipelines => pipelines;

        public FoldTimes Times => times;

        public TimeSpan Time => times.Median;
    }
}
