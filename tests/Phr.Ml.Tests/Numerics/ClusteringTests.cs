using Phr.Ml.Numerics;
using Phr.Ml.Tests.Learners;

namespace Phr.Ml.Tests.Numerics;

public class ClusteringTests
{
    [Fact]
    public void ChooseClusters_FourClearGroups_FindsFour()
    {
        (Matrix x, int[] y) = SvmLearnerTests.Blobs(4, 50, 0.15);
        KMeansModel model = KMeans.ChooseClusters(x, 2, 8, 10, 1, CancellationToken.None);

        Assert.Equal(4, model.Centres.Rows);
        Assert.True(model.Silhouette > 0.7);
        int[] found = [.. Enumerable.Range(0, x.Rows).Select(i => model.Nearest(x.Row(i), out _))];
        Assert.Equal(1, AdjustedRand(found, y), 1e-12);
    }

    [Fact]
    public void Fit_Wdbc_AgreesWithTheDiagnosisAsOthersDo()
    {
        (Matrix x, int[] y) = TestData.Wdbc();
        x = CrossValidation.Prepare(x, x, [], scale: true).Train;
        KMeansModel model = KMeans.Fit(x, 2, 10, 1, CancellationToken.None);
        int[] found = [.. Enumerable.Range(0, x.Rows).Select(i => model.Nearest(x.Row(i), out _))];

        // scikit-learn with ten starts: .664; Microsoft.ML over twenty seeds: .654 to .677.
        Assert.InRange(AdjustedRand(found, y), 0.65, 0.68);
        KMeansModel again = KMeans.Fit(x, 2, 10, 1, CancellationToken.None);
        Assert.Equal(model.Centres.Values, again.Centres.Values);
        Assert.Equal(model.Inertia, again.Inertia);
    }

    [Fact]
    public void Fit_FewerDifferentRowsThanCentres_Ends()
    {
        KMeansModel model = KMeans.Fit(new Matrix(6, 1, [1, 1, 1, 2, 2, 2]), 4, 3, 1, CancellationToken.None);

        Assert.Equal(0, model.Inertia);
        model.Nearest([2.5], out double distance);
        Assert.Equal(0.5, distance);
        Assert.Throws<ArgumentOutOfRangeException>(() => KMeans.Fit(new Matrix(2, 1), 3, 1, 1, CancellationToken.None));
    }

    [Fact]
    public void Pca_Wdbc_HasThePublishedShares()
    {
        (Matrix x, _) = TestData.Wdbc();
        x = CrossValidation.Prepare(x, x, [], scale: true).Train;
        PcaModel model = Pca.Fit(x, 30);

        Assert.Equal(0.4427, model.ExplainedVariance[0] / model.TotalVariance, 0.0001);
        Assert.Equal(0.1897, model.ExplainedVariance[1] / model.TotalVariance, 0.0001);
        Assert.Equal(model.TotalVariance, model.ExplainedVariance.ToArray().Sum(), 1e-8);
        for (int a = 0; a < 30; a++)
        {
            for (int b = 0; b < 30; b++)
            {
                Assert.Equal(a == b ? 1 : 0, Vectors.Dot(model.Components.Row(a), model.Components.Row(b)), 1e-9);
            }
        }

        double[] at = new double[30];
        model.Transform(x.Row(3), at);
        Assert.Equal(Vectors.SquaredDistance(x.Row(3), model.Mean), Vectors.Dot(at, at), 1e-8);
    }

    [Fact]
    public void Pca_MoreFeaturesThanRows_FindsTheSameDirections()
    {
        var random = RandomStream.ForStream(3, 0);
        var x = new Matrix(12, 10);
        foreach (ref double v in x.Values)
        {
            v = random.NextNormal();
        }

        // Twenty features of which ten say nothing: found from the rows, where the first is found from the features.
        var wide = new Matrix(12, 20);
        for (int i = 0; i < 12; i++)
        {
            x.Row(i).CopyTo(wide.Row(i));
        }

        PcaModel narrow = Pca.Fit(x, 3);
        PcaModel spanned = Pca.Fit(wide, 3);
        for (int k = 0; k < 3; k++)
        {
            Assert.Equal(narrow.ExplainedVariance[k], spanned.ExplainedVariance[k], 1e-9);
            for (int c = 0; c < 10; c++)
            {
                Assert.Equal(narrow.Components[k, c], spanned.Components[k, c], 1e-7);
            }
        }
    }

    private static double AdjustedRand(int[] a, int[] b)
    {
        double Pairs(double n) => n * (n - 1) / 2;
        double both = a.Zip(b).GroupBy(p => p).Sum(g => Pairs(g.Count()));
        double first = a.GroupBy(v => v).Sum(g => Pairs(g.Count()));
        double second = b.GroupBy(v => v).Sum(g => Pairs(g.Count()));
        double expected = first * second / Pairs(a.Length);
        return (both - expected) / (((first + second) / 2) - expected);
    }
}
