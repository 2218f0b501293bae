using Phr.Ml.Numerics;

namespace Phr.Ml.Benchmarks;

/// <summary>Measures in turns, each round in an order drawn anew, so that whatever slows the machine for a while slows everyone.</summary>
internal static class Rounds
{
    /// <summary>Runs one round that does not count, in which code is compiled and libraries are loaded, and then those that count.</summary>
    /// <param name="count">How many rounds count.</param>
    /// <param name="subjects">Each does one batch; it is told whether that only warms it.</param>
    /// <param name="done">Called after each round with its number, 0 for the one that does not count.</param>
    public static void Run(int count, IReadOnlyList<Action<bool>> subjects, Action<int> done)
    {
        for (int round = 0; round <= count; round++)
        {
            int[] order = [.. Enumerable.Range(0, subjects.Count)];
            RandomStream.ForStream(3, (ulong)round).Shuffle<int>(order);
            foreach (int i in order)
            {
                subjects[i](round == 0);
            }

            done(round);
        }
    }
}
