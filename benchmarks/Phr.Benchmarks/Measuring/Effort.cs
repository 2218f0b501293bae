namespace Phr.Benchmarks.Measuring;

/// <summary>How long to measure.</summary>
/// <param name="Name">What the report calls it.</param>
/// <param name="Rounds">Rounds in which every subject of a comparison has its turn.</param>
/// <param name="SlowRounds">Rounds in which those have a turn that take a time of their own, a second or a whole file.</param>
/// <param name="Batch">How long one turn should be: short, so that most turns are not interrupted and the median is one of those.</param>
/// <param name="WarmUp">How long a subject runs before it counts, so that the compiler is done with it.</param>
/// <param name="TimingSamples">Samples for each operation of the timing check.</param>
/// <param name="LargestDocument">The largest document of the growth tables, in bytes.</param>
internal sealed record Effort(string Name, int Rounds, int SlowRounds, TimeSpan Batch, TimeSpan WarmUp, int TimingSamples, long LargestDocument)
{
    /// <summary>For results that are published.</summary>
    public static Effort Full { get; } = new("full", 151, 15, TimeSpan.FromMilliseconds(4), TimeSpan.FromMilliseconds(600), 1_000_000, 4L << 30);

    /// <summary>Ten minutes, everything included.</summary>
    public static Effort Quick { get; } = new("quick", 41, 5, TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(350), 100_000, 256L << 20);

    /// <summary>Seconds: whether everything still runs. Its numbers mean nothing.</summary>
    public static Effort Smoke { get; } = new("smoke", 1, 1, TimeSpan.Zero, TimeSpan.Zero, 2_000, 1L << 20);

    public bool IsSmoke => this == Smoke;
}
