namespace Phr.Ml.Tests.Explanations;

/// <summary>Shapley values by their definition: every set of players.</summary>
internal static class Games
{
    public static double[] Shapley(int players, Func<bool[], double> worth)
    {
        double[] values = new double[players];
        double[] all = new double[1 << players];
        for (int set = 0; set < all.Length; set++)
        {
            all[set] = worth([.. Enumerable.Range(0, players).Select(p => ((set >> p) & 1) == 1)]);
        }

        double[] factorial = new double[players + 1];
        factorial[0] = 1;
        for (int i = 1; i <= players; i++)
        {
            factorial[i] = factorial[i - 1] * i;
        }

        for (int set = 0; set < all.Length; set++)
        {
            int size = int.PopCount(set);
            for (int p = 0; p < players; p++)
            {
                if (((set >> p) & 1) == 0)
                {
                    values[p] += factorial[size] * factorial[players - size - 1] / factorial[players] * (all[set | (1 << p)] - all[set]);
                }
            }
        }

        return values;
    }
}
