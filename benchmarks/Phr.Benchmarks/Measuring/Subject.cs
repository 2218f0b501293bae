using System.Diagnostics;

namespace Phr.Benchmarks.Measuring;

/// <summary>Something whose time is taken: ours, or a peer's.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Run">Does so many operations and says how many nanoseconds they took.</param>
internal sealed record Subject(string Name, Func<int, double> Run)
{
    /// <summary>Whether <see cref="Run"/> takes a time of its own, whatever the count: a tool that is started and measures itself.</summary>
    public bool TakesItsOwnTime { get; init; }

    /// <summary>Whether it runs in this process, so that its allocations can be counted.</summary>
    public bool IsManaged { get; init; }

    /// <summary>An operation of this process. It gets a running number, to pick a prepared input by.</summary>
    public static Subject Of(string name, Action<int> operation) => new(
        name,
        count =>
        {
            long begin = Stopwatch.GetTimestamp();
            for (int i = 0; i < count; i++)
            {
                operation(i);
            }

            return Stopwatch.GetElapsedTime(begin).TotalNanoseconds;
        })
    {
        IsManaged = true,
    };
}
