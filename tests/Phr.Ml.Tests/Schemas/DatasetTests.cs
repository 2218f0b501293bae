using System.IO.Compression;
using System.Text;
using Phr.TestSupport;

namespace Phr.Ml.Tests.Schemas;

public sealed class DatasetTests
{
    private static readonly FeatureSchema _schema = FeatureSchema.Create("test", 1,
    [
        new FeatureDefinition { Name = "person", Kind = FeatureKind.Identifier, Role = FeatureRole.Group },
        new FeatureDefinition { Name = "chol", Unit = "mg/dL", Minimum = 50, Maximum = 1000, Missing = MissingValues.Allowed },
        new FeatureDefinition { Name = "age", Kind = FeatureKind.WholeNumber, Unit = "a", Minimum = 0, Maximum = 120 },
        new FeatureDefinition { Name = "thal", Kind = FeatureKind.Category, Levels = ["normal", "fixed, partly"] },
        new FeatureDefinition { Name = "label", Kind = FeatureKind.Category, Role = FeatureRole.Label, Levels = ["0", "1"] },
    ]);

    [Fact]
    public void TryReadCsv_Faults_AreNamedByLineAndColumn()
    {
        const string text = "person,chol,age,thal,label\np1,200,50,normal,0\np2,49,50.5,normal,0\n\np3,abc,,other,\n,100,121,normal,2\np4,1,2\np5,,0,\"fixed, partly\",1\n";

        Assert.False(Dataset.TryReadCsv(Bytes(text), _schema, null, out Dataset? dataset, out IReadOnlyList<DataFault> faults));
        Assert.Null(dataset);
        Assert.Equal(
            [(3, "chol"), (3, "age"), (4, ""), (5, "chol"), (5, "age"), (5, "thal"), (5, "label"), (6, "person"), (6, "age"), (6, "label"), (7, "")],
            faults.Select(f => ((int)f.Line, f.Column)));
        Assert.Equal("line 3, column \"chol\": is below the minimum of 50 mg/dL", faults[0].ToString());
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => Dataset.ReadCsv(Bytes(text), _schema));
        Assert.Contains("line 5, column \"chol\": is not a number", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("abc", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("person,chol,age,thal,label\n", "no rows")]
    [InlineData("person,chol,age,label\nx,1,2,0\n", "\"thal\": is missing")]
    [InlineData("person,chol,chol,age,thal,label\n", "\"chol\": is there twice")]
    [InlineData("person,chol,age,thal,label,severity\n", "\"severity\": is not in the schema")]
    [InlineData("person,Chol,age,thal,label\n", "\"Chol\": is not in the schema")]
    [InlineData("person,chol,age,thal,label\n\"x,200,50,normal,0\n", "not closed")]
    [InlineData("person,chol,age,thal,label\n\"x\"y,200,50,normal,0\n", "follows a closing quote")]
    [InlineData("person,chol,age,thal,label\nx\"y,200,50,normal,0\n", "inside a field")]
    [InlineData("person,chol,age,thal,label\rx,200,50,normal,0\n", "line feed")]
    public void TryReadCsv_NoSuchFile_SaysWhy(string text, string why)
    {
        Assert.False(Dataset.TryReadCsv(Bytes(text), _schema, null, out _, out IReadOnlyList<DataFault> faults));
        Assert.Contains(why, string.Join("; ", faults), StringComparison.Ordinal);
    }

    [Fact]
    public void TryReadCsv_LongIdentifier_IsRefused()
    {
        Assert.True(Dataset.TryReadCsv(Bytes($"person,chol,age,thal,label\n{new string('p', 200)},200,50,normal,0\n"), _schema, null, out _, out _));
        Assert.False(Dataset.TryReadCsv(Bytes($"person,chol,age,thal,label\n{new string('p', 201)},200,50,normal,0\n"), _schema, null, out _, out IReadOnlyList<DataFault> faults));
        Assert.Equal("line 2, column \"person\": has more than 200 characters", Assert.Single(faults).ToString());
    }

    [Fact]
    public void TryReadCsv_NoUtf8OrDamagedGzip_SaysSo()
    {
        byte[] latin = [.. "person,chol,age,thal,label\n"u8, 0xe9, .. ",200,50,normal,0\n"u8];
        Assert.False(Dataset.TryReadCsv(new MemoryStream(latin), _schema, null, out _, out IReadOnlyList<DataFault> faults));
        Assert.Contains("UTF-8", faults[0].Message, StringComparison.Ordinal);

        byte[] packed = Gzip("person,chol,age,thal,label\np1,200,50,normal,0\n");
        packed[12] ^= 0x40;
        Assert.False(Dataset.TryReadCsv(new MemoryStream(packed), _schema, null, out _, out faults));
        Assert.Single(faults);
    }

    [Fact]
    public void ReadCsv_QuotesOrderAndLineEnds_AreFree()
    {
        Dataset plain = TestSets.Csv(_schema, "person,chol,age,thal,label\np1,200,50,normal,0\np2,,60,\"fixed, partly\",1\n");
        Dataset other = TestSets.Csv(_schema, "\uFEFFlabel,\"thal\",age,chol,person\r\n0,normal,50,200,p1\r\n1,\"fixed, partly\",60,,p2");

        Assert.Equal(plain.Values, other.Values);
        Assert.Equal([200, 50, 0, double.NaN, 60, 1], plain.Values);
        Assert.Equal([0, 1], other.Labels.ToArray());
        Assert.NotEqual(plain.Digest, other.Digest);
        Assert.Equal(plain.Digest, Dataset.ReadCsv(new MemoryStream(Gzip("person,chol,age,thal,label\np1,200,50,normal,0\np2,,60,\"fixed, partly\",1\n")), _schema).Digest);
    }

    [Fact]
    public void ReadCsv_ForPrediction_NeedsTheFeaturesAlone()
    {
        const string text = "age,thal,chol\n50,normal,\n";

        Dataset data = TestSets.Csv(_schema, text, new CsvReadOptions { Purpose = CsvPurpose.Prediction });
        Assert.False(data.HasLabels);
        Assert.Empty(data.Groups);
        Assert.Throws<InvalidDataException>(() => TestSets.Csv(_schema, text));
        Assert.Throws<InvalidDataException>(() => TestSets.Csv(_schema, "age,thal\n50,normal\n", new CsvReadOptions { Purpose = CsvPurpose.Prediction }));
    }

    [Fact]
    public void ReadCsv_MoreRowsThanTaken_IsRefused()
    {
        const string text = "person,chol,age,thal,label\np1,200,50,normal,0\np1,200,50,normal,0\n";

        Assert.Throws<InvalidDataException>(() => TestSets.Csv(_schema, text, new CsvReadOptions { MaximumRows = 1 }));
        Assert.Equal(2, TestSets.Csv(_schema, text, new CsvReadOptions { MaximumRows = 2 }).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => TestSets.Csv(_schema, text, new CsvReadOptions { MaximumRows = 0 }));
    }

    [Fact]
    public void TryReadCsv_DamagedFiles_AreRefusedOrFit() =>
        Mutations.Run("records in CSV", [Encoding.UTF8.GetBytes("person,chol,age,thal,label\np1,200,50,normal,0\np2,,60,\"fixed, partly\",1\n"), Gzip("person,chol,age,thal,label\np1,200,50,normal,0\n")],
            bytes => Dataset.TryReadCsv(new MemoryStream(bytes), _schema, null, out _, out _), _ => false);

    [Fact]
    public void Subset_Rows_KeepTheirColumns()
    {
        Dataset data = TestSets.Csv(_schema, "person,chol,age,thal,label\np1,200,50,normal,0\np2,,60,normal,1\np1,90,70,\"fixed, partly\",1\n");
        Dataset part = data.Subset([2, 1]);

        Assert.Equal([90, 70, 1, double.NaN, 60, 0], part.Values);
        Assert.Equal([0, 1], part.Groups);
        Assert.Equal([0, 1, 0], data.Groups);
        Assert.Equal(part.Digest, data.Subset([2, 1]).Digest);
        Assert.NotEqual(data.Digest, part.Digest);
        Assert.Equal(2, data.Where("person", "p1").Count);
        Assert.Equal([1], data.Where("thal", "fixed, partly").Labels.ToArray());
        Assert.Throws<ArgumentException>(() => data.Where("age", "50"));
        Assert.Throws<ArgumentException>(() => data.Where("thal", "none"));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Subset([3]));
        Assert.Throws<ArgumentException>(() => data.Subset([]));
    }

    private static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }
}
