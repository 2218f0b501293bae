using Phr.TestSupport;

namespace Phr.Ml.Tests.Schemas;

public sealed class KnownSchemasTests
{
    [Fact]
    public void BreastMass_Committed_IsTheFileThatItsPageNames()
    {
        Dataset data = TestSets.BreastMass;

        Assert.Equal((569, 30), (data.Count, data.Schema.Features.Count));
        Assert.Equal(212, data.Labels.ToArray().Sum());
        Assert.StartsWith("810f5e6fc4cfd485", data.Digest.ToString(), StringComparison.Ordinal);
        Assert.Equal(["benign", "malignant"], data.Schema.Classes);
        string page = File.ReadAllText(RepositoryRoot.Combine("samples", "Diagnosis", "data", "README.md"));
        foreach (string file in (string[])["wdbc.csv", "alzheimer_csf.csv", "folds/wdbc_10x3.csv"])
        {
            string digest = ContentDigest.OfData(File.ReadAllBytes(RepositoryRoot.Combine("samples", "Diagnosis", "data", file))).ToString();
            Assert.Contains($"`{file}`", page, StringComparison.Ordinal);
            Assert.Contains($"`{digest}`", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AlzheimerCsf_Committed_FitsItsSchema()
    {
        Dataset data = TestSets.AlzheimerCsf();

        Assert.Equal((333, 130, 91), (data.Count, data.Schema.Features.Count, data.Labels.ToArray().Sum()));
        Assert.Equal(["male"], data.Schema.Subgroups.Select(s => s.Name));
    }

    [Theory]
    [InlineData("heart-disease", 303, 13, 6, "99649f8dbb8a6dbd")]
    [InlineData("diabetes", 768, 8, 652, "43dc9ba1b5252bda")]
    [InlineData("kidney-disease", 400, 24, 1012, "1c4a8a0e270d2dae")]
    [InlineData("dermatology", 366, 34, 8, "ec298460ec5c892d")]
    [InlineData("leukaemia", 38, 3051, 0, null)]
    [InlineData("chest-scan", 800, 784, 0, null)]
    public void Read_FurtherTestData_FitTheirSchemas(string name, int rows, int features, int missing, string? digest)
    {
        Dataset data = TestSets.Known(KnownSchemas.All.Single(s => s.Name == name));

        Assert.Equal((rows, features, missing), (data.Count, data.Schema.Features.Count, data.Values.Count(double.IsNaN)));
        Assert.StartsWith(digest ?? "", data.Digest.ToString(), StringComparison.Ordinal);
        Assert.Equal(data.Schema.Classes.Count, data.Labels.ToArray().Distinct().Count());
    }

    [Fact]
    public void ChestScan_Split_TellsItsParts()
    {
        Dataset data = TestSets.Known(KnownSchemas.ChestScan);

        Assert.Equal(600, data.Where("split", "train").Count);
        Assert.Equal(200, data.Where("split", "test").Count);
    }

    [Fact]
    public void Leukaemia_OtherHeader_IsRefused()
    {
        Assert.Throws<InvalidDataException>(() => KnownSchemas.Leukaemia.SchemaOf([]));
        Assert.Throws<InvalidDataException>(() => KnownSchemas.Leukaemia.SchemaOf(["age", "label"]));
        Assert.Throws<InvalidDataException>(() => KnownSchemas.Leukaemia.SchemaOf(["g1", "g1", "label"]));
        Assert.Equal(2, KnownSchemas.Leukaemia.SchemaOf(["g1", "g2", "label"]).Features.Count);
    }

    [Fact]
    public void Descriptions_Json_IsAsTheLibraryWritesIt() =>
        Assert.All(Directory.GetFiles(RepositoryRoot.Combine("src", "Phr.Ml", "Schemas", "Known"), "*.json"), file =>
            Assert.Equal(File.ReadAllBytes(file), FeatureSchema.FromJson(File.ReadAllBytes(file)).ToJson()));
}
