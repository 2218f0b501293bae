namespace Phr.Ml.Tests.Training;

/// <summary>What a model is for, and for whom: said by the data, or by who trains, and then by the card and the report.</summary>
public sealed class StatementTests
{
    private static readonly TrainingOptions _quick = new() { Folds = 3, Repeats = 1, Families = [ModelFamily.LogisticRegression] };

    [Fact]
    public void Statement_OfEveryReadyMadeSet_SaysUsePopulationAndLimits() =>
        Assert.All(KnownSchemas.All, set =>
        {
            Assert.Contains("ot for patients", set.Statement.IntendedUse, StringComparison.Ordinal);
            Assert.Matches("[0-9]{2,}", set.Statement.Population);
            Assert.True(set.Statement.Limits.Count >= 3);
            Assert.All(set.Statement.Limits.Append(set.Statement.IntendedUse).Append(set.Statement.Population), s => Assert.EndsWith(".", s, StringComparison.Ordinal));
        });

    [Fact]
    public async Task Card_OfAReadyMadeSet_SaysWhatTheSetSays()
    {
        Dataset data = TestSets.BreastMass.Subset([.. Enumerable.Range(0, 200)]);
        TrainingReport report = await new DiagnosisTrainer(data.Schema, seed: 7).TrainAsync(data, _quick);
        DataStatement statement = KnownSchemas.BreastMass.Statement;
        ModelCard card = report.Winner.Card;

        Assert.Equal((statement.IntendedUse, statement.Population), (card.IntendedUse, card.Population));
        Assert.All(statement.Limits, limit => Assert.Contains(limit, card.Limits));
        Assert.Contains(card.Limits, limit => limit.Contains("not a medical device", StringComparison.Ordinal));
        Assert.Contains(statement.IntendedUse, card.ToMarkdown(), StringComparison.Ordinal);
        Assert.DoesNotContain("nothing that anyone has stated", report.ToHtml(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Card_OptionsSaySomethingElse_SaysThat()
    {
        Dataset data = TestSets.BreastMass.Subset([.. Enumerable.Range(0, 200)]);
        TrainingReport report = await new DiagnosisTrainer(data.Schema, seed: 7).TrainAsync(data, new TrainingOptions
        {
            Folds = 3, Repeats = 1, Families = [ModelFamily.LogisticRegression], IntendedUse = "To try it.", Population = "Nobody.", Limits = ["On Sundays."],
        });

        Assert.Equal(("To try it.", "Nobody."), (report.Winner.Card.IntendedUse, report.Winner.Card.Population));
        Assert.Contains("On Sundays.", report.Winner.Card.Limits);
    }

    [Fact]
    public async Task Card_OwnDataWithoutAStatement_SaysThatNobodyHasSaid()
    {
        using var csv = new MemoryStream();
        TestSets.BreastMass.Subset([.. Enumerable.Range(0, 200)]).WriteCsv(csv);
        csv.Position = 0;
        Dataset data = Dataset.ReadCsv(csv, TestSets.BreastMass.Schema, new CsvReadOptions { Statement = new DataStatement { Limits = ["Of the north only."] } });
        TrainingReport report = await new DiagnosisTrainer(data.Schema, seed: 7).TrainAsync(data, _quick);

        Assert.Equal("Of the north only.", Assert.Single(data.Statement.Limits));
        Assert.Contains("Of the north only.", report.Winner.Card.Limits);
        Assert.Contains("**Intended use.** Not stated.", report.Winner.Card.ToMarkdown(), StringComparison.Ordinal);
        Assert.Contains("nothing that anyone has stated", report.ToHtml(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => new DiagnosisTrainer(data.Schema, seed: 7).TrainAsync(data, new TrainingOptions { Limits = null! }));
    }
}
