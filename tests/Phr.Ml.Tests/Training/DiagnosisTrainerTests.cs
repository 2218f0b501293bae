using System.Globalization;
using System.Text;
using Phr.Ml.Numerics;
using Phr.Ml.Training;

namespace Phr.Ml.Tests.Training;

public sealed class DiagnosisTrainerTests(ITestOutputHelper output)
{
    private static readonly FeatureDefinition _label = new() { Name = "label", Kind = FeatureKind.Category, Role = FeatureRole.Label, Levels = ["0", "1"] };
    private static readonly TrainingOptions _quick = new() { Folds = 5, Repeats = 1, Families = [ModelFamily.LogisticRegression, ModelFamily.KernelSvm] };

    [Fact]
    public async Task TrainAsync_BreastMass_ReportsWhatEachKindIsWorth()
    {
        var options = new TrainingOptions
        {
            Families = [ModelFamily.LogisticRegression, ModelFamily.KernelSvm, ModelFamily.LightGbm], FoldAssignment = TestSets.BreastMassFolds, MissedCaseCost = 4,
        };
        TrainingReport report = await new DiagnosisTrainer(TestSets.BreastMass.Schema, seed: 7).TrainAsync(TestSets.BreastMass, options);
        Print(report);

        Assert.Equal(4, report.Models.Count);
        Assert.Equal(ModelFamily.Prior, report.Models[^1].Family);
        Assert.Equal(0.5, report.Models[^1].RocAuc.Value, 1e-12);
        Assert.True(report.Best.RocAuc.Value >= 0.9955);
        Assert.True(report.Best.RocAuc.Lower < report.Best.RocAuc.Value && report.Best.RocAuc.Value < report.Best.RocAuc.Upper && report.Best.RocAuc.Upper <= 1);
        Assert.True(report.Best.RocAuc.Value - report.Nested.RocAuc.Value <= 0.002);
        Assert.Equal(30, report.Best.Folds.Count);
        Assert.Equal(3 * 569, report.Best.Metrics.Rows);
        Assert.Equal(0.2, report.Threshold!.Threshold, 1e-12);
        Assert.True(report.Threshold.CheapestCostPerPerson <= report.Threshold.CostPerPerson);
        Assert.True(report.Best.Sensitivity.Value > report.Models[^1].Sensitivity.Value - 1);
        Assert.Equal(3, report.Comparisons.Count);
        Assert.True(report.Comparisons[^1].RocAuc.PValue < 0.001);
        Assert.Equal(30, report.Importance.Count);
        Assert.Contains(report.Importance[0].Feature, TestSets.BreastMass.Schema.Features.Select(f => f.Name));
        Assert.True(report.Importance[0].Loss.Value > report.Importance[^1].Loss.Value);
        Assert.True(report.LearningCurve.Count >= 4);
        Assert.True(report.LearningCurve[^1].LogLoss.Value < report.LearningCurve[0].LogLoss.Value);
        Assert.Equal(212, report.Data.ClassCounts[1]);
        Assert.Equal(569, report.Parts.HeldOut.Rows);
        Assert.Equal("5.0.1", report.Versions["Microsoft.ML"][..5]);
        Assert.Empty(report.Omitted);
        Pipeline final = new(report.Parts.Preprocessor, report.Parts.Scorer, report.Parts.Calibrator);
        Assert.True(DiagnosisMetrics.Compute(final.Predict(TestSets.BreastMass, [.. Enumerable.Range(0, 569)]), TestSets.BreastMass.Labels.Span).RocAuc > 0.99);
    }

    [Fact]
    public async Task TrainAsync_SameSeed_GivesTheSameReportToTheDigit()
    {
        TrainingOptions Options(int parallelism) => new()
        {
            Folds = 4, Repeats = 1, Parallelism = parallelism,
            Families = [ModelFamily.LogisticRegression, ModelFamily.KernelSvm, ModelFamily.ApproximateKernelSvm, ModelFamily.RandomForest, ModelFamily.LightGbm],
        };
        Dataset data = TestSets.BreastMass.Subset([.. Enumerable.Range(0, 160)]);
        var trainer = new DiagnosisTrainer(data.Schema, seed: 11);
        string one = Digits(await trainer.TrainAsync(data, Options(1)));

        Assert.Equal(one, Digits(await trainer.TrainAsync(data, Options(3))));
        Assert.NotEqual(one, Digits(await new DiagnosisTrainer(data.Schema, seed: 12).TrainAsync(data, Options(3))));
    }

    // A leak of labels into features, folds or calibration would show as more than chance here.
    [Fact]
    public async Task TrainAsync_ShuffledLabels_IsChance()
    {
        int[] order = [.. Enumerable.Range(0, 569)];
        RandomStream.ForStream(3, 0).Shuffle<int>(order);
        string[] lines = File.ReadAllLines(TestSupport.RepositoryRoot.Combine("samples", "Diagnosis", "data", "wdbc.csv"));
        string shuffled = lines[0] + "\n" + string.Join('\n', order.Select((o, i) => lines[i + 1][..^1] + lines[o + 1][^1])) + "\n";
        TrainingReport report = await new DiagnosisTrainer(TestSets.BreastMass.Schema, seed: 7).TrainAsync(TestSets.Csv(TestSets.BreastMass.Schema, shuffled), new TrainingOptions
        {
            Folds = 5, Repeats = 1, Families = [ModelFamily.LogisticRegression, ModelFamily.KernelSvm, ModelFamily.RandomForest],
        });
        Print(report);

        Assert.All(report.Models, m => Assert.InRange(m.RocAuc.Value, 0.42, 0.58));
        Assert.InRange(report.Nested.RocAuc.Value, 0.42, 0.58);
        Assert.All(report.Models, m => Assert.True(m.LogLoss.Value > 0.64));
        Assert.Contains(report.Warnings, w => w.Contains("no better than chance", StringComparison.Ordinal));
    }

    // The classic leak: choosing the best of thousands of columns before the folds are made gives a wonderful result from noise.
    [Fact]
    public async Task TrainAsync_BestOfThousandsOfNoise_IsChance()
    {
        var random = RandomStream.ForStream(5, 0);
        FeatureSchema schema = FeatureSchema.Create("noise", 1, [.. Enumerable.Range(0, 2000).Select(i => new FeatureDefinition { Name = $"g{i}" }), _label]);
        var csv = new StringBuilder().AppendJoin(',', schema.Columns.Select(c => c.Name)).Append('\n');
        for (int i = 0; i < 60; i++)
        {
            csv.AppendJoin(',', Enumerable.Range(0, 2000).Select(_ => random.NextNormal().ToString("F3", CultureInfo.InvariantCulture))).Append(CultureInfo.InvariantCulture, $",{i % 2}\n");
        }

        Dataset data = TestSets.Csv(schema, csv.ToString());
        TrainingReport report = await new DiagnosisTrainer(schema, seed: 7).TrainAsync(data, new TrainingOptions { Folds = 6, Repeats = 2, KeepBest = 20, Families = [ModelFamily.LinearSvm] });
        Print(report);

        Assert.InRange(report.Best.RocAuc.Value, 0.25, 0.75);

        // The same columns chosen from all rows, as it must not be done.
        int[] all = [.. Enumerable.Range(0, 60)];
        Matrix leaked = Preprocessor.Fit(data, all, new PreprocessorOptions { KeepBest = 20 }).Transform(data, all);
        Matrix held = Ml.Evaluation.Calibration.FoldScores(new Ml.Learners.SvmLearner { Kernel = Ml.Learners.SvmKernel.Linear, C = 0.05 }, leaked, data.Labels, 2, default, default, 6, 1, CancellationToken.None);
        Assert.True(Ml.Evaluation.Metrics.RocAuc(held.Values, data.Labels.Span) > 0.95);
    }

    // Rows of one person look alike: whoever has seen one of them knows the others' label.
    [Fact]
    public async Task TrainAsync_SeveralRowsOfAPerson_AreNeverOnBothSides()
    {
        (FeatureSchema byPerson, FeatureSchema byRow, string csv) = People();
        TrainingReport honest = await new DiagnosisTrainer(byPerson, seed: 7).TrainAsync(TestSets.Csv(byPerson, csv), _quick);
        TrainingReport leaky = await new DiagnosisTrainer(byRow, seed: 7).TrainAsync(TestSets.Csv(byRow, csv), _quick);
        output.WriteLine($"by person {honest.Best.RocAuc.Value:F3}, by row {leaky.Best.RocAuc.Value:F3}");

        Assert.InRange(honest.Nested.RocAuc.Value, 0.25, 0.72);
        Assert.True(leaky.Best.RocAuc.Value > 0.9);
        Assert.Equal((240, 40), (honest.Data.Rows, honest.Data.People));
        FoldAssignment rowWise = FoldAssignment.Stratified(TestSets.Csv(byRow, csv), _quick, seed: 1);
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() => new DiagnosisTrainer(byPerson, seed: 7).TrainAsync(TestSets.Csv(byPerson, csv), new TrainingOptions { FoldAssignment = rowWise }));
        Assert.Contains("one person", e.Message, StringComparison.Ordinal);
    }

    // Cleveland's severity is the answer itself. As a future column it changes nothing; as a feature it would be perfect, and is warned of.
    [Fact]
    public async Task TrainAsync_WhatOnlyTheFutureKnows_IsNotLearnt()
    {
        Dataset data = TestSets.Known(KnownSchemas.HeartDisease);
        FeatureSchema careless = FeatureSchema.Create("careless", 1, data.Schema.Columns.Select(c => c.Name == "severity" ? c with { Role = FeatureRole.Feature } : c));
        FeatureSchema without = FeatureSchema.Create("heart disease", 1, data.Schema.Columns.Where(c => c.Name != "severity"));
        string path = TestData.Path("heart_cleveland.csv");
        using var text = new MemoryStream();
        data.WriteCsv(text);
        string[] lines = Encoding.UTF8.GetString(text.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string cut = string.Join('\n', lines.Select(l => l.Split(',')).Select(f => string.Join(',', f[..13].Append(f[14])))) + "\n";

        TrainingReport honest = await new DiagnosisTrainer(data.Schema, seed: 7).TrainAsync(data, _quick);
        TrainingReport blind = await new DiagnosisTrainer(without, seed: 7).TrainAsync(TestSets.Csv(without, cut), _quick);
        TrainingReport leaky = await new DiagnosisTrainer(careless, seed: 7).TrainAsync(Dataset.ReadCsv(path, careless), _quick);

        Assert.Equal(Digits(blind), Digits(honest));
        Assert.InRange(honest.Best.RocAuc.Value, 0.85, 0.95);
        Assert.Equal(1, leaky.Best.RocAuc.Value);
        Assert.Contains(leaky.Warnings, w => w.Contains("\"severity\"", StringComparison.Ordinal));
        Assert.DoesNotContain(honest.Warnings, w => w.Contains("alone", StringComparison.Ordinal));
        Assert.Equal(["female", "male"], honest.Best.Subgroups.Select(s => s.Level));
        Assert.Equal(303, honest.Best.Subgroups.Sum(s => s.Metrics.Rows));
    }

    [Fact]
    public async Task TrainAsync_MissingCells_AreImputedAndWarnedOf()
    {
        TrainingReport report = await new DiagnosisTrainer(KnownSchemas.KidneyDisease.SchemaOf([]), seed: 7).TrainAsync(TestSets.Known(KnownSchemas.KidneyDisease), _quick);

        Assert.True(report.Best.RocAuc.Value > 0.995);
        Assert.Equal(1012, report.Data.MissingValues);
        Assert.Contains(report.Warnings, w => w.Contains("is missing tells", StringComparison.Ordinal));
    }

    [Fact]
    public async Task TrainAsync_SixClasses_GivesProbabilitiesOfEach()
    {
        Dataset data = TestSets.Known(KnownSchemas.Dermatology);
        TrainingReport report = await new DiagnosisTrainer(data.Schema, seed: 7).TrainAsync(data, new TrainingOptions
        {
            Folds = 5, Repeats = 1, Families = [ModelFamily.LogisticRegression, ModelFamily.ExtraTrees, ModelFamily.Blend],
        });
        Print(report);

        Assert.Null(report.Threshold);
        Assert.True(report.Best.Accuracy.Value > 0.96);
        Assert.Equal(6, report.Parts.HeldOut.Columns);
        Assert.All(Enumerable.Range(0, 366), r => Assert.Equal(1, report.Parts.HeldOut.Row(r).ToArray().Sum(), 1e-9));
    }

    [Fact]
    public async Task TrainAsync_BalancedWeights_MoveTheModelAndNotTheProbabilities()
    {
        Dataset data = TestSets.BreastMass.Subset([.. Enumerable.Range(0, 569).Where(r => TestSets.BreastMass.Labels.Span[r] == 0 || r % 5 == 0)]);
        var options = new TrainingOptions { Folds = 5, Repeats = 1, Families = [ModelFamily.KernelSvm], Weighting = ClassWeighting.Balanced };
        TrainingReport report = await new DiagnosisTrainer(data.Schema, seed: 7).TrainAsync(data, options);
        double share = data.Labels.ToArray().Average();

        Assert.True(report.Best.RocAuc.Value > 0.98);
        Assert.Equal(share, report.Best.HeldOut[0].Values.ToArray().Average(), 0.03);
    }

    [Fact]
    public async Task TrainAsync_Isotonic_CalibratesWhereThereAreRowsEnough()
    {
        var random = RandomStream.ForStream(17, 0);
        FeatureSchema schema = FeatureSchema.Create("made up", 1, [new FeatureDefinition { Name = "x" }, new FeatureDefinition { Name = "y" }, _label]);
        var csv = new StringBuilder("x,y,label\n");
        for (int i = 0; i < 2000; i++)
        {
            double x = random.NextNormal();
            csv.Append(CultureInfo.InvariantCulture, $"{x:F4},{random.NextNormal():F4},{(random.NextDouble() < Vectors.Logistic(2 * x) ? 1 : 0)}\n");
        }

        var options = new TrainingOptions { Folds = 4, Repeats = 1, Families = [ModelFamily.LogisticRegression, ModelFamily.ExtraTrees], Calibration = CalibrationMethod.Isotonic };
        TrainingReport report = await new DiagnosisTrainer(schema, seed: 7).TrainAsync(TestSets.Csv(schema, csv.ToString()), options);

        Assert.IsType<Ml.Evaluation.IsotonicCalibrator>(report.Parts.Calibrator);
        Assert.True(report.Best.CalibrationError.Value < 0.06);
        Assert.Equal(2, report.LearningCurve.Count);
        Assert.All(report.LearningCurve, p => Assert.True(p.Rows >= 1000));
        Assert.Contains("isotonic", report.Winner.Card.Calibration, StringComparison.Ordinal);
        Assert.Equal(report.Winner.Digest, DiagnosisModel.FromBytes(report.Winner.ToBytes()).Digest);

        // Said on entry, not by the fold that finds out.
        Assert.Contains("1000", (await Assert.ThrowsAsync<ArgumentException>(() => new DiagnosisTrainer(TestSets.BreastMass.Schema, seed: 7).TrainAsync(TestSets.BreastMass, options))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TrainAsync_Progress_CountsToItsEnd()
    {
        var seen = new List<TrainingProgress>();
        Dataset data = TestSets.BreastMass.Subset([.. Enumerable.Range(0, 100)]);
        await new DiagnosisTrainer(data.Schema, seed: 7).TrainAsync(data, _quick, new Listener(seen));

        Assert.All(Enum.GetValues<TrainingStage>(), stage => Assert.Contains(seen, p => p.Stage == stage && p.Done == p.Of && p.Of > 0));
        Assert.Contains(new TrainingProgress(TrainingStage.Judging, 15, 15), seen);
    }

    [Fact]
    public async Task TrainAsync_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        var stopping = new Listener([]) { Heard = p => { if (p.Done == 2) { source.Cancel(); } } };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new DiagnosisTrainer(TestSets.BreastMass.Schema, seed: 7).TrainAsync(TestSets.BreastMass, _quick, stopping, source.Token));
    }

    [Fact]
    public async Task TrainAsync_CallersMistakes_AreRefusedOnEntry()
    {
        var trainer = new DiagnosisTrainer(TestSets.BreastMass.Schema, seed: 7);
        Dataset data = TestSets.BreastMass;
        int[] healthy = [.. Enumerable.Range(0, 569).Where(r => data.Labels.Span[r] == 0)];
        TrainingOptions[] options =
        [
            new() { Folds = 1 }, new() { Repeats = 0 }, new() { InnerFolds = 1 }, new() { KeepBest = -1 }, new() { Parallelism = -1 }, new() { MissedCaseCost = 0 }, new() { MissedCaseCost = double.NaN },
            new() { ConfidenceLevel = 1 }, new() { Families = [] }, new() { Families = [(ModelFamily)99] }, new() { Calibration = (CalibrationMethod)9 }, new() { Weighting = (ClassWeighting)9 },
        ];

        foreach (TrainingOptions o in options)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => trainer.TrainAsync(data, o));
        }

        await Assert.ThrowsAsync<ArgumentNullException>(() => trainer.TrainAsync(null!));
        await Assert.ThrowsAsync<ArgumentException>(() => trainer.TrainAsync(TestSets.AlzheimerCsf()));
        Assert.Contains("malignant", (await Assert.ThrowsAsync<ArgumentException>(() => trainer.TrainAsync(data.Subset(healthy)))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => trainer.TrainAsync(data.Subset([0, 1, 2, 560, 561]), new TrainingOptions { FoldAssignment = TestSets.BreastMassFolds }));
        FoldAssignment bad = FoldAssignment.Create([[.. Enumerable.Range(0, 569).Select(r => data.Labels.Span[r])]]);
        Assert.Contains("every row of a class", (await Assert.ThrowsAsync<ArgumentException>(() => trainer.TrainAsync(data, new TrainingOptions { FoldAssignment = bad }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Threshold_StatedCost_IsWhatCalibratedProbabilitiesAskFor()
    {
        // Probabilities that come true: of ten rows at 0.3, three are diseased.
        var p = new Matrix(20, 1, [.. Enumerable.Repeat(0.3, 10), .. Enumerable.Repeat(0.8, 10)]);
        int[] y = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0];

        ThresholdChoice even = TrainingRules.Threshold(1, [p], y);
        Assert.Equal((0.5, 5 / 20.0, 0.8), (even.Threshold, even.CostPerPerson, even.CheapestThreshold));
        ThresholdChoice dear = TrainingRules.Threshold(9, [p], y);
        Assert.Equal((0.1, 9 / 20.0, 0.3), (dear.Threshold, dear.CostPerPerson, dear.CheapestThreshold));
    }

    private static (FeatureSchema ByPerson, FeatureSchema ByRow, string Csv) People()
    {
        var random = RandomStream.ForStream(9, 0);
        FeatureDefinition[] features = [.. Enumerable.Range(0, 6).Select(i => new FeatureDefinition { Name = $"x{i}" })];
        var person = new FeatureDefinition { Name = "person", Kind = FeatureKind.Identifier, Role = FeatureRole.Group };
        var csv = new StringBuilder("person,x0,x1,x2,x3,x4,x5,label\n");
        for (int p = 0; p < 40; p++)
        {
            double[] centre = [.. features.Select(_ => 3 * random.NextNormal())];
            for (int visit = 0; visit < 6; visit++)
            {
                csv.Append(CultureInfo.InvariantCulture, $"p{p},").AppendJoin(',', centre.Select(c => (c + (0.3 * random.NextNormal())).ToString("F4", CultureInfo.InvariantCulture))).Append(CultureInfo.InvariantCulture, $",{p % 2}\n");
            }
        }

        return (FeatureSchema.Create("people", 1, [person, .. features, _label]), FeatureSchema.Create("rows", 1, [person with { Role = FeatureRole.Ignored }, .. features, _label]), csv.ToString());
    }

    private void Print(TrainingReport report)
    {
        foreach (ModelEvaluation m in report.Models.Append(report.Nested))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{m.RocAuc.Value:F4} [{m.RocAuc.Lower:F4} {m.RocAuc.Upper:F4}] log-loss {m.LogLoss.Value:F4} Brier {m.Brier.Value:F4} ECE {m.CalibrationError.Value:F4} acc {m.Accuracy.Value:F4} {m.FoldTime.TotalMilliseconds:F0} ms {m.Name}"));
        }

        foreach (string warning in report.Warnings)
        {
            output.WriteLine(warning);
        }
    }

    // Everything in a report that is a number, but for the times.
    private static string Digits(TrainingReport report)
    {
        var text = new StringBuilder();
        foreach (ModelEvaluation m in report.Models.Append(report.Nested))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{m.Name} {m.RocAuc} {m.PrAuc} {m.LogLoss} {m.Brier} {m.CalibrationError} {m.Sensitivity} {m.Specificity} {m.Accuracy}");
            text.AppendJoin(' ', m.HeldOut.SelectMany(h => h.Values.ToArray()).Select(v => v.ToString("R", CultureInfo.InvariantCulture))).AppendLine();
        }

        text.AppendJoin('\n', report.Importance).AppendJoin('\n', report.LearningCurve).AppendLine();
        text.AppendJoin('\n', report.Comparisons.Select(c => $"{c.Other} {c.RocAuc.Difference} {c.RocAuc.PValue} {c.LogLoss.Difference}"));
        var writer = new System.Formats.Cbor.CborWriter(System.Formats.Cbor.CborConformanceMode.Ctap2Canonical);
        report.Parts.Scorer.Write(writer);
        return text.Append(Convert.ToHexString(writer.Encode())).ToString();
    }

    private sealed class Listener(List<TrainingProgress> seen) : IProgress<TrainingProgress>
    {
        public Action<TrainingProgress>? Heard { get; init; }

        public void Report(TrainingProgress value)
        {
            lock (seen)
            {
                seen.Add(value);
            }

            Heard?.Invoke(value);
        }
    }
}
