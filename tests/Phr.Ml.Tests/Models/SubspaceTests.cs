using Phr.Ml.Models;
using Phr.Ml.Numerics;

namespace Phr.Ml.Tests.Models;

public class SubspaceTests
{
    [Fact]
    public void Fit_WideRows_FindsWhatTheExactMethodFinds()
    {
        // Five strong directions and noise, in more rows and columns than the exact method is used for.
        var random = RandomStream.ForStream(3, 3);
        var loads = new Matrix(5, 120);
        foreach (ref double v in loads.Values)
        {
            v = random.NextNormal();
        }

        var rows = new Matrix(200, 120);
        for (int i = 0; i < rows.Rows; i++)
        {
            foreach (ref double v in rows.Row(i))
            {
                v = 0.1 * random.NextNormal();
            }

            for (int k = 0; k < 5; k++)
            {
                Vectors.AddScaled(rows.Row(i), loads.Row(k), (5 - k) * random.NextNormal());
            }
        }

        var subspace = Subspace.Fit(rows, 32);
        PcaModel exact = Pca.Fit(rows, 2);
        double[] expected = new double[2];
        for (int i = 0; i < rows.Rows; i += 7)
        {
            exact.Transform(rows.Row(i), expected);
            (double x, double y) = subspace.Project(rows.Row(i));
            Assert.Equal(Math.Abs(expected[0]), Math.Abs(x), 1e-6);
            Assert.Equal(Math.Abs(expected[1]), Math.Abs(y), 1e-6);
            Assert.InRange(subspace.Distance(rows.Row(i)), 0.1, 3);
        }
    }

    [Fact]
    public void Distance_OffThePlane_IsLarge()
    {
        var random = RandomStream.ForStream(4, 0);
        var rows = new Matrix(50, 3);
        for (int i = 0; i < 50; i++)
        {
            rows[i, 0] = random.NextNormal();
            rows[i, 1] = rows[i, 0] + (0.01 * random.NextNormal());
            rows[i, 2] = random.NextNormal();
        }

        var subspace = Subspace.Fit(rows, 2);
        Assert.True(subspace.Distance([2, -2, 0]) > 20 * subspace.Distance([2, 2, 0]));
    }
}
