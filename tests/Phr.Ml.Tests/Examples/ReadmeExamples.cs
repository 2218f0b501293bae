using Phr.TestSupport;

namespace Phr.Ml.Tests.Examples;

/// <summary>The code that the package's front page shows, run here as it stands there.</summary>
public sealed class ReadmeExamples
{
    [Fact]
    public async Task TenLines_Run_TrainSaveLoadAndExplain()
    {
        string folder = Directory.CreateTempSubdirectory("phr-ml-").FullName;
        try
        {
            string csv = RepositoryRoot.Combine("samples", "Diagnosis", "data", "wdbc.csv");
            string file = Path.Combine(folder, "breast-mass.phrmodel");
            string page = Path.Combine(folder, "report.html");
            #region ml-ten-lines
            Dataset records = KnownSchemas.BreastMass.Read(csv);
            var trainer = new DiagnosisTrainer(records.Schema, seed: 7);
            var options = new TrainingOptions { Families = [ModelFamily.KernelSvm, ModelFamily.LogisticRegression], Repeats = 1, Folds = 5 };
            TrainingReport report = await trainer.TrainAsync(records, options);
            report.Winner.Save(file);
            File.WriteAllText(page, report.ToHtml());

            DiagnosisModel model = DiagnosisModel.Load(file);
            Diagnosis diagnosis = model.PredictValues(records.Row(0));
            Console.WriteLine($"{diagnosis}, because of {string.Join(", ", diagnosis.Contributions.Take(3))}");
            Console.WriteLine(diagnosis.IsUnlikeTrainingData ? string.Join("\n", diagnosis.Reasons) : model.Card.ToMarkdown());
            #endregion

            Assert.Equal("malignant", diagnosis.Class);
            Assert.Equal(report.Winner.Digest, model.Digest);
            Assert.Contains("Of 100 that are malignant", await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken), StringComparison.Ordinal);
            AssertCardTellsWhatWasMeasured(report);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void AssertCardTellsWhatWasMeasured(TrainingReport report)
    {
        ModelCard card = report.Winner.Card;
        Assert.Equal(report.Data.Digest, card.DataDigest);
        Assert.Equal(report.Seed, card.Seed);
        Assert.Equal(report.Best.RocAuc, card.Metrics[0].Value);
        Assert.Contains(card.Metrics, m => m.Name == "ROC-AUC, choice included" && m.Value == report.Nested.RocAuc);
        Assert.Equal(report.Importance, card.Importance);
        Assert.Contains(card.Packages, p => p.Name.StartsWith("Microsoft.ML", StringComparison.Ordinal));
        Assert.NotEmpty(card.Limits);
    }
}
