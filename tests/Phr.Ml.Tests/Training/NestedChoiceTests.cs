using System.Globalization;

namespace Phr.Ml.Tests.Training;

/// <summary>The aim that what is chosen without looking at the held-out rows is nearly as good as the best of all kinds: on one set and four kinds, with <c>PHR_TEST_LONG=1</c> on five sets and ten kinds.</summary>
public sealed class NestedChoiceTests(ITestOutputHelper output)
{
    private static readonly bool _isLong = Environment.GetEnvironmentVariable("PHR_TEST_LONG") == "1";

    public static TheoryData<string, string?> Sets => _isLong
        ? new() { { "breast-mass", "wdbc" }, { "heart-disease", "heart_cleveland" }, { "diabetes", "pima" }, { "kidney-disease", "ckd" }, { "dermatology", null } }
        : new() { { "heart-disease", "heart_cleveland" } };

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task Nested_KnownSet_IsNearTheBestKind(string name, string? folds)
    {
        Dataset data = TestSets.Known(KnownSchemas.All.Single(s => s.Name == name));
        TrainingReport report = await new DiagnosisTrainer(data.Schema, seed: 7).TrainAsync(data, new TrainingOptions
        {
            FoldAssignment = folds is null ? null : FoldAssignment.ReadCsv(TestData.Path("folds", folds + "_10x3.csv")),
            Repeats = 1,
            Families = _isLong
                ? [.. Enum.GetValues<ModelFamily>().Except([ModelFamily.FastForest, ModelFamily.BoostedTrees])]
                : [ModelFamily.LogisticRegression, ModelFamily.LinearSvm, ModelFamily.KernelSvm, ModelFamily.Blend],
        });
        foreach (ModelEvaluation m in report.Models.Append(report.Nested))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{m.RocAuc.Value:F4} log-loss {m.LogLoss.Value:F4} Brier {m.Brier.Value:F4} ECE {m.CalibrationError.Value:F4} accuracy {m.Accuracy.Value:F4} {m.FoldTime.TotalMilliseconds:F0} ms a fold: {m.Name}"));
        }

        double best = report.Models.Max(m => m.RocAuc.Value);
        Assert.True(best - report.Best.RocAuc.Value <= 0.002, $"the winner {report.Best.RocAuc.Value:F4}, the best {best:F4}");
        Assert.True(best - report.Nested.RocAuc.Value <= 0.002, $"chosen inside {report.Nested.RocAuc.Value:F4}, the best {best:F4}");
    }
}
