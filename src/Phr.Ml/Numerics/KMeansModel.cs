namespace Phr.Ml.Numerics;

/// <summary>Centres of groups of rows. Immutable.</summary>
internal sealed class KMeansModel
{
    public KMeansModel(Matrix centres, double inertia, double silhouette)
    {
        Centres = centres;
        Inertia = inertia;
        Silhouette = silhouette;
    }

    /// <summary>One centre per row, the largest group first.</summary>
    public Matrix Centres { get; }

    /// <summary>The sum of squared distances of the rows to their centres.</summary>
    public double Inertia { get; }

    /// <summary>How much nearer the rows are to their own group than to the next, from −1 to 1 (Rousseeuw); NaN where it was not asked for.</summary>
    public double Silhouette { get; }

    /// <summary>The number of the nearest centre, and how far it is.</summary>
    public int Nearest(ReadOnlySpan<double> row, out double distance)
    {
        int best = 0;
        double least = double.PositiveInfinity;
        for (int k = 0; k < Centres.Rows; k++)
        {
            double d = Vectors.SquaredDistance(Centres.Row(k), row);
            if (d < least)
            {
                least = d;
                best = k;
            }
        }

        distance = Math.Sqrt(least);
        return best;
    }
}
