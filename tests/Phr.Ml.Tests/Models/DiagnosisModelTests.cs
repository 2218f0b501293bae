using Phr.Ml.Learners;

namespace Phr.Ml.Tests.Models;

public class DiagnosisModelTests
{
    public static TheoryData<string> Kinds => new(TrainedModels.Kinds);

    private static Dataset Masses => TrainedModels.Masses;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Predict_EveryRow_ContributionsSumToTheProbability(string kind)
    {
        DiagnosisModel model = TrainedModels.Of(kind);
        foreach (Diagnosis d in Enumerable.Range(0, 40).Select(i => model.PredictValues(Masses.Row(i * 14))))
        {
            Assert.Equal(1, d.Probabilities.Sum(), 1e-12);
            Assert.Equal(d.Probability >= model.Threshold ? "malignant" : "benign", d.Class);
            Assert.Equal("malignant", d.ExplainedClass);
            Assert.Equal(30, d.Contributions.Count);
            if (d.Unit == ContributionUnit.LogOdds)
            {
                double logOdds = d.BaseValue + d.Contributions.Sum(c => c.Contribution);
                Assert.Equal(d.Probability, 1 / (1 + Math.Exp(-logOdds)), 1e-9);
            }

            Assert.Equal(d.Contributions.Select(c => Math.Abs(c.Contribution)).OrderDescending(), d.Contributions.Select(c => Math.Abs(c.Contribution)));
        }

        Diagnosis one = model.PredictValues(Masses.Row(0));
        Assert.Equal(kind switch
            {
                "svm" => ContributionMethod.Kernel,
                "forest" => ContributionMethod.TreePath,
                "network" or "blend" => ContributionMethod.Sampled,
                _ => ContributionMethod.Linear,
            }, one.Method);
    }

    [Fact]
    public void Predict_ClearCases_AreWhatTheyAre()
    {
        DiagnosisModel model = TrainedModels.Of("svm");
        IReadOnlyList<Diagnosis> all = model.PredictAll(Masses, new PredictionOptions { Contributions = ContributionDetail.None }, TestContext.Current.CancellationToken);

        double right = all.Select((d, i) => d.Class == Masses.Schema.Classes[Masses.Labels.Span[i]] ? 1.0 : 0).Average();
        Assert.True(right > 0.97, $"{right}");
        Assert.All(all, d => Assert.Equal(ContributionMethod.None, d.Method));
        Assert.All(all, d => Assert.Empty(d.Contributions));
    }

    [Fact]
    public void Evaluate_RowsItHasNotSeen_JudgesThem()
    {
        int[] inside = [.. Enumerable.Range(0, Masses.Count).Where(i => i % 3 != 0)];
        int[] outside = [.. Enumerable.Range(0, Masses.Count).Where(i => i % 3 == 0)];
        DiagnosisModel model = TrainedModels.Train(Masses.Subset(inside), TrainedModels.Learner("svm"));

        DiagnosisMetrics metrics = model.Evaluate(Masses.Subset(outside), TestContext.Current.CancellationToken);
        Assert.Equal(outside.Length, metrics.Rows);
        Assert.True(metrics.RocAuc > 0.98, $"{metrics.RocAuc}");
        Assert.Throws<ArgumentException>(() => model.Evaluate(Masses.Subset([]), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Predict_ByFieldsValuesAndSet_AreTheSame()
    {
        DiagnosisModel model = TrainedModels.Of("forest");
        Dictionary<string, string?> fields = [];
        for (int f = 0; f < Masses.Schema.Features.Count; f++)
        {
            fields[Masses.Schema.Features[f].Name] = Masses.Row(3)[f].ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        }

        Diagnosis expected = model.PredictValues(Masses.Row(3));
        foreach (Diagnosis d in new[] { model.PredictFields(fields), model.Predict(fields), model.PredictAll(Masses, cancellationToken: TestContext.Current.CancellationToken)[3] })
        {
            Assert.Equal(expected.Probability, d.Probability);
            Assert.Equal(expected.Contributions, d.Contributions);
            Assert.Equal(expected.Cohort, d.Cohort);
        }

        Assert.Equal(expected.Probability, model.PredictProbability(Masses.Row(3)));
    }

    [Fact]
    public async Task PredictAsync_Stream_AnswersInOrder()
    {
        DiagnosisModel model = TrainedModels.Of("linear");
        var got = new List<double>();
        await foreach (Diagnosis d in model.PredictAsync(Rows(), cancellationToken: TestContext.Current.CancellationToken))
        {
            got.Add(d.Probability);
        }

        Assert.Equal(Enumerable.Range(0, 20).Select(i => model.PredictProbability(Masses.Row(i))), got);

        static async IAsyncEnumerable<ReadOnlyMemory<double>> Rows()
        {
            for (int i = 0; i < 20; i++)
            {
                await Task.Yield();
                yield return Masses.Row(i).ToArray();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Predict_FromManyThreads_AnswersAsFromOne(string kind)
    {
        DiagnosisModel model = TrainedModels.Of(kind);
        double[] expected = [.. Enumerable.Range(0, Masses.Count).Select(i => model.PredictProbability(Masses.Row(i)))];
        int wrong = 0;
        Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 4 }, n =>
        {
            int i = n * 7 % Masses.Count;
            if (model.PredictProbability(Masses.Row(i)) != expected[i])
            {
                Interlocked.Increment(ref wrong);
            }
        });

        Assert.Equal(0, wrong);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void PredictProbability_WarmedUp_AllocatesNothing(string kind)
    {
        DiagnosisModel model = TrainedModels.Of(kind);
        double sum = 0;
        for (int i = 0; i < 200; i++)
        {
            sum += model.PredictProbability(Masses.Row(i));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 200; i++)
        {
            sum += model.PredictProbability(Masses.Row(i));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(sum > 0);
    }

    [Fact]
    public void Predict_OutOfSchema_NamesTheFeatureAndNotTheValue()
    {
        DiagnosisModel model = TrainedModels.Of("svm");
        double[] row = Masses.Row(0).ToArray();
        row[3] = -12345.5;
        var negative = Assert.Throws<InvalidDataException>(() => model.PredictValues(row));
        Assert.Contains(Masses.Schema.Features[3].Name, negative.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("12345", negative.Message, StringComparison.Ordinal);

        row[3] = double.NaN;
        Assert.Contains(Masses.Schema.Features[3].Name, Assert.Throws<InvalidDataException>(() => model.PredictProbability(row)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => model.PredictFields(new Dictionary<string, string?> { ["nothing_of_ours"] = "1" }));
        Assert.Throws<ArgumentException>(() => model.PredictValues([1, 2, 3]));
    }

    [Fact]
    public void Predict_SetAtALevel_HoldsTheTruthThatOften()
    {
        // Trained on two thirds, asked about the rest: the promise is about patients that it never saw.
        int[] inside = [.. Enumerable.Range(0, Masses.Count).Where(i => i % 3 != 0)];
        int[] outside = [.. Enumerable.Range(0, Masses.Count).Where(i => i % 3 == 0)];
        DiagnosisModel model = TrainedModels.Train(Masses.Subset(inside), TrainedModels.Learner("svm"));
        foreach (double level in new[] { 0.8, 0.95 })
        {
            var options = new PredictionOptions { Level = level, Contributions = ContributionDetail.None };
            foreach (int k in new[] { 0, 1 })
            {
                int[] rows = [.. outside.Where(i => Masses.Labels.Span[i] == k)];
                double held = rows.Average(i => model.PredictValues(Masses.Row(i), options).Set.Contains(Masses.Schema.Classes[k]) ? 1.0 : 0);

                // Three standard errors of a share of so many rows.
                Assert.InRange(held, level - (3 * Math.Sqrt(level * (1 - level) / rows.Length)), 1);
            }
        }

        Diagnosis sure = model.PredictValues(Masses.Row(outside[0]), new PredictionOptions { Level = 0.5 });
        Diagnosis cautious = model.PredictValues(Masses.Row(outside[0]), new PredictionOptions { Level = 0.999 });
        Assert.Equal(2, cautious.Set.Classes.Count);
        Assert.True(sure.Set.Classes.Count <= 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PredictionOptions { Level = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new PredictionOptions { Level = double.NaN });
    }

    [Fact]
    public void IsUnlikeTrainingData_NewPatientsOfTheSameKind_IsRare()
    {
        int[] inside = [.. Enumerable.Range(0, Masses.Count).Where(i => i % 3 != 0)];
        int[] outside = [.. Enumerable.Range(0, Masses.Count).Where(i => i % 3 == 0)];
        DiagnosisModel model = TrainedModels.Train(Masses.Subset(inside), TrainedModels.Learner("linear"));

        int alarms = outside.Count(i => model.PredictValues(Masses.Row(i)).IsUnlikeTrainingData);
        Assert.InRange(alarms, 0, outside.Length / 12);
    }

    [Fact]
    public void IsUnlikeTrainingData_ThousandsOfFeaturesAndFewRows_DoesNotCallEverybodyStrange()
    {
        Dataset known = TestSets.Known(KnownSchemas.Leukaemia);
        Dataset others = KnownSchemas.Leukaemia.Read(TestData.Path("golub_leukemia_test34.csv.gz"));
        DiagnosisModel model = TrainedModels.Train(known, new SvmLearner { Kernel = SvmKernel.Linear, C = 0.05 });

        Assert.Equal(33, Enumerable.Range(0, others.Count).Count(i => model.PredictValues(others.Row(i)).Class == known.Schema.Classes[others.Labels.Span[i]]));
        Assert.InRange(Enumerable.Range(0, others.Count).Count(i => model.PredictValues(others.Row(i)).IsUnlikeTrainingData), 0, others.Count / 3);
    }

    [Fact]
    public void IsUnlikeTrainingData_OtherPatients_SaysWhy()
    {
        DiagnosisModel model = TrainedModels.Of("svm");
        double[] far = Masses.Row(0).ToArray();
        far[0] *= 4;
        Diagnosis range = model.PredictValues(far);
        UnlikenessReason reason = Assert.Single(range.Reasons, r => r.Kind == UnlikenessKind.Range);
        Assert.Equal(Masses.Schema.Features[0].Name, reason.Feature);
        Assert.True(range.IsUnlikeTrainingData);

        // Each value is one that some patient has, but together they are impossible: a small radius with a large perimeter and area.
        double[] mixed = Masses.Row(0).ToArray();
        for (int f = 0; f < mixed.Length; f++)
        {
            int column = f;
            double[] values = [.. Enumerable.Range(0, Masses.Count).Select(i => Masses.Row(i)[column]).Order()];
            mixed[f] = f % 2 == 0 ? values[10] : values[^10];
        }

        Diagnosis distance = model.PredictValues(mixed);
        Assert.Contains(distance.Reasons, r => r.Kind == UnlikenessKind.Distance);
        Assert.DoesNotContain(distance.Reasons, r => r.Kind == UnlikenessKind.Range);
    }

    [Fact]
    public void Cohorts_OfTheMasses_SeparateThemAndSayHow()
    {
        DiagnosisModel model = TrainedModels.Of("svm");

        Assert.InRange(model.Cohorts.Count, 2, 6);
        Assert.Equal(Masses.Count, model.Cohorts.Sum(c => c.Rows));
        Assert.All(model.Cohorts, c => Assert.Equal(1, c.ClassShares.Sum(), 1e-12));
        Assert.Contains(model.Cohorts, c => c.Traits.Count > 0);
        Assert.True(model.Cohorts.Max(c => c.ClassShares[1]) - model.Cohorts.Min(c => c.ClassShares[1]) > 0.5);
    }

    [Fact]
    public void Train_Again_GivesTheSameFile()
    {
        byte[] first = TrainedModels.Train(Masses, TrainedModels.Learner("forest")).ToBytes();
        byte[] second = TrainedModels.Train(Masses, TrainedModels.Learner("forest")).ToBytes();

        Assert.Equal(first, second);
    }

    [Fact]
    public void Predict_SixClasses_ExplainsTheLikeliest()
    {
        Dataset skin = TestSets.Known(KnownSchemas.Dermatology);
        DiagnosisModel model = TrainedModels.Train(skin, TrainedModels.Learner("forest"));
        DiagnosisModel again = DiagnosisModel.FromBytes(model.ToBytes());
        int right = 0;
        for (int i = 0; i < skin.Count; i++)
        {
            Diagnosis d = model.PredictValues(skin.Row(i));
            Assert.Equal(6, d.Probabilities.Count);
            Assert.Equal(d.Class, d.ExplainedClass);
            Assert.Equal(d.Probabilities.Max(), d.Probability);
            Assert.Equal(ContributionUnit.Probability, d.Unit);
            Assert.Equal(d.Probability, again.PredictProbability(skin.Row(i)));
            right += d.Class == skin.Schema.Classes[skin.Labels.Span[i]] ? 1 : 0;
        }

        Assert.True(right > 0.95 * skin.Count);
    }

    [Fact]
    public void IsUnlikeTrainingData_MissingValues_AreJudged()
    {
        Dataset kidneys = TestSets.Known(KnownSchemas.KidneyDisease);
        DiagnosisModel model = TrainedModels.Train(kidneys, TrainedModels.Learner("linear"));
        double[] empty = [.. Enumerable.Repeat(double.NaN, kidneys.Schema.Features.Count)];

        Diagnosis d = model.PredictValues(empty);
        Assert.Contains(d.Reasons, r => r.Kind == UnlikenessKind.Missingness);
        Assert.Equal(d.Probability, DiagnosisModel.FromBytes(model.ToBytes()).PredictProbability(empty));
    }
}
