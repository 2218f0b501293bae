using System.Formats.Cbor;
using Phr.Ml.Numerics;
using Phr.Ml.Training;
using Phr.TestSupport;

namespace Phr.Ml.Tests.Training;

public sealed class PreprocessorTests
{
    private static readonly FeatureSchema _schema = FeatureSchema.Create("test", 1,
    [
        new FeatureDefinition { Name = "a", Missing = MissingValues.Allowed },
        new FeatureDefinition { Name = "two", Kind = FeatureKind.Category, Levels = ["n", "y"], Missing = MissingValues.Allowed },
        new FeatureDefinition { Name = "three", Kind = FeatureKind.Category, Levels = ["x", "y", "z"], LevelNames = ["ex", "why", "zed"] },
        new FeatureDefinition { Name = "same", Kind = FeatureKind.WholeNumber },
        new FeatureDefinition { Name = "label", Kind = FeatureKind.Category, Role = FeatureRole.Label, Levels = ["0", "1"] },
    ]);

    private static readonly Dataset _data = TestSets.Csv(_schema, "a,two,three,same,label\n1,n,x,7,0\n3,y,y,7,1\n,y,y,7,0\n8,,x,7,1\n1000,n,z,9,1\n");

    [Fact]
    public void Fit_MissingValues_BecomeMedianAndMostFrequentLevel()
    {
        Preprocessor p = Preprocessor.Fit(_data, [0, 1, 2, 3], new PreprocessorOptions { MissingIndicators = true });

        Assert.Equal(["a", "a is missing", "two = y", "two is missing", "three = ex", "three = why", "three = zed", "same"], p.OutputNames);
        Assert.Equal([0, 0, 1, 1, 2, 2, 2, 3], Enumerable.Range(0, p.Outputs).Select(p.SourceOf));
        Matrix x = p.Transform(_data, [0, 1, 2, 3, 4]);
        // Median of 1, 3, 8 is 3: the column is 1, 3, 3, 8 with mean 3.75 and deviation 2.586.
        double deviation = Math.Sqrt(((2.75 * 2.75) + (2 * 0.75 * 0.75) + (4.25 * 4.25)) / 4);
        Assert.Equal([-2.75 / deviation, 0, 0, 0, 1, 0, 0, 0], x.Row(0).ToArray());
        Assert.Equal([-0.75 / deviation, 1, 1, 0, 0, 1, 0, 0], x.Row(2).ToArray());
        Assert.Equal(1, x[3, 2]);
        Assert.Equal(1, x[3, 3]);
        // A level, and a value of a constant column, that training never saw.
        Assert.Equal(1, x[4, 6]);
        Assert.Equal(2, x[4, 7]);
        Assert.Equal((1, 8, 4, 3, 0.25), (p.Statistics[0].Minimum, p.Statistics[0].Maximum, p.Statistics[0].Mean, p.Statistics[0].Median, p.Statistics[0].MissingShare));
        Assert.Equal([0.5, 0.5, 0], p.Statistics[2].LevelShares);
    }

    // Pitfall 3: Microsoft.ML's own normaliser does not centre unless it is told to.
    [Fact]
    public void Fit_Numbers_HaveMeanZeroAndDeviationOne()
    {
        int[] rows = [.. Enumerable.Range(0, TestSets.BreastMass.Count)];
        Matrix x = Preprocessor.Fit(TestSets.BreastMass, rows, new PreprocessorOptions()).Transform(TestSets.BreastMass, rows);

        Assert.Equal(30, x.Columns);
        for (int c = 0; c < x.Columns; c++)
        {
            double[] column = [.. rows.Select(r => x[r, c])];
            Assert.Equal(0, column.Average(), 1e-12);
            Assert.Equal(1, Math.Sqrt(column.Average(v => v * v)), 1e-12);
        }
    }

    // What is held out must not move anything that is learnt.
    [Fact]
    public void Fit_HeldOutRows_ChangeNothing()
    {
        Dataset other = TestSets.Csv(_schema, "a,two,three,same,label\n1,n,x,7,0\n3,y,y,7,1\n,y,y,7,0\n8,,x,7,1\n-5,y,y,0,0\n");
        int[] training = [0, 1, 2, 3];

        Assert.Equal(Bytes(Preprocessor.Fit(_data, training, new PreprocessorOptions())), Bytes(Preprocessor.Fit(other, training, new PreprocessorOptions())));
        Assert.NotEqual(Bytes(Preprocessor.Fit(_data, [0, 1, 2, 3, 4], new PreprocessorOptions())), Bytes(Preprocessor.Fit(_data, training, new PreprocessorOptions())));
    }

    [Fact]
    public void Fit_KeepBest_TakesWhatTellsTheClassesApart()
    {
        Preprocessor p = Preprocessor.Fit(TestSets.BreastMass, [.. Enumerable.Range(0, 569)], new PreprocessorOptions { KeepBest = 3 });

        Assert.Equal(["mean_concave_points", "worst_perimeter", "worst_concave_points"], p.OutputNames);
        Assert.Equal(3, p.Transform(TestSets.BreastMass, [5]).Columns);
    }

    [Fact]
    public void Transform_EveryValueMissing_IsFinite()
    {
        Dataset empty = TestSets.Csv(_schema, "a,two,three,same,label\n,,x,7,0\n,,x,7,1\n");
        Preprocessor p = Preprocessor.Fit(empty, [0, 1], new PreprocessorOptions { MissingIndicators = true, ScaleCategories = true });

        Assert.All(p.Transform(_data, [0, 1, 2, 3, 4]).Values.ToArray(), v => Assert.True(double.IsFinite(v)));
        Assert.Equal(1, p.Statistics[0].MissingShare);
    }

    [Fact]
    public void Transform_OtherSchema_IsRefused()
    {
        Preprocessor p = Preprocessor.Fit(_data, [0, 1], new PreprocessorOptions());

        Assert.Throws<ArgumentException>(() => p.Transform(TestSets.BreastMass, [0]));
        Assert.Throws<ArgumentException>(() => p.Transform([1, 2, 3], new double[p.Outputs]));
        Assert.Throws<ArgumentException>(() => p.Transform([1, 0, 0, 7], new double[p.Outputs - 1]));
    }

    [Fact]
    public void Read_Written_TransformsAlike()
    {
        Preprocessor p = Preprocessor.Fit(_data, [0, 1, 2, 3, 4], new PreprocessorOptions { MissingIndicators = true, ScaleCategories = true });
        Preprocessor again = Preprocessor.Read(new CborReader(Bytes(p), CborConformanceMode.Ctap2Canonical), _schema);

        Assert.Equal(p.OutputNames, again.OutputNames);
        Assert.Equal(p.Transform(_data, [0, 1, 2, 3, 4]).Values.ToArray(), again.Transform(_data, [0, 1, 2, 3, 4]).Values.ToArray());
        Assert.Equal(Bytes(p), Bytes(again));
        Assert.Throws<InvalidDataException>(() => Preprocessor.Read(new CborReader(Bytes(p), CborConformanceMode.Ctap2Canonical), TestSets.BreastMass.Schema));
    }

    [Fact]
    public void Read_Damaged_IsRefusedOrFits() =>
        Mutations.Run("preprocessor", [Bytes(Preprocessor.Fit(_data, [0, 1, 2, 3, 4], new PreprocessorOptions { MissingIndicators = true }))],
            bytes => Preprocessor.Read(new CborReader(bytes, CborConformanceMode.Ctap2Canonical), _schema).Outputs > 0, e => e is InvalidDataException);

    private static byte[] Bytes(Preprocessor p)
    {
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        p.Write(writer);
        return writer.Encode();
    }
}
