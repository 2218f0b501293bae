using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Phr.Benchmarks.Measuring;

namespace Phr.Benchmarks.Sections;

/// <summary>
/// The timing check: does the time of an operation depend on its secret? Welch's t between a fixed and a random input, in the manner of
/// dudect (Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?", 2017).
/// </summary>
/// <remarks>
/// Each sample's class is drawn at random. Inputs are made ready for a batch before its clock starts. The test is made on all
/// samples and again on those below each of a hundred thresholds, which are quantiles of the first samples, because interruptions only lengthen;
/// what counts is the largest |t|. Above 4.5 an operation leaks; below, the check has found nothing, which is not a proof.
/// </remarks>
internal static class TimingSection
{
    public const string Name = "timing";

    /// <summary>Above this |t| an operation counts as leaking.</summary>
    public const double Threshold = 4.5;

    private const int BatchSize = 1000;
    private const int Thresholds = 100;

    public static void Run(RunContext context)
    {
        var results = new List<TimingResult>();
        foreach (TimedOperation operation in TimedOperation.All().Where(o => o.Name.Contains(context.Only, StringComparison.Ordinal)))
        {
            TimingResult result = Measure(operation, context.Effort);
            results.Add(result);
            RunContext.Progress(string.Create(
                CultureInfo.InvariantCulture,
                $"timing: {result.Name}: |t| {result.LargestT:0.00} over {result.Samples:N0} samples{(result.IsLeak ? result.IsPlanted ? ", seen as it must be" : ", LEAKS" : result.IsPlanted ? ", NOT SEEN" : "")}"));
            context.Results.Write(Name, results);
        }
    }

    private static TimingResult Measure(TimedOperation operation, Effort effort)
    {
        byte[] classes = new byte[BatchSize];
        double[] times = new double[BatchSize];

        // Until the compiler is done; then the samples that give the thresholds.
        TimeSpan begin = Environment.CpuUsage.TotalTime;
        do
        {
            Sample(operation, classes, times);
        }
        while (Environment.CpuUsage.TotalTime - begin < 2 * effort.WarmUp);
        double[] first = new double[Math.Min(10 * BatchSize, effort.TimingSamples)];
        for (int at = 0; at < first.Length; at += BatchSize)
        {
            Sample(operation, classes, times);
            times.CopyTo(first, at);
        }

        Array.Sort(first);
        double[] limits =
        [
            .. Enumerable.Range(0, Thresholds).Select(i => Statistics.Quantile(first, 1 - Math.Pow(0.5, 10.0 * (i + 1) / Thresholds))),
            double.PositiveInfinity,
        ];
        WelchTest[] tests = [.. limits.Select(_ => new WelchTest())];
        for (int done = 0; done < effort.TimingSamples; done += BatchSize)
        {
            Sample(operation, classes, times);
            for (int i = 0; i < BatchSize; i++)
            {
                // From the largest threshold down to the first that is too small.
                for (int limit = limits.Length - 1; limit >= 0 && times[i] < limits[limit]; limit--)
                {
                    tests[limit].Add(classes[i], times[i]);
                }
            }
        }

        // A threshold that keeps next to nothing says nothing.
        WelchTest largest = tests.Where(t => t.Count >= effort.TimingSamples / 100).MaxBy(t => Math.Abs(t.T))!;
        return new TimingResult(
            operation.Name, operation.IsPlanted, effort.TimingSamples, Statistics.Quantile(first, 0.5), tests[^1].T, Math.Abs(largest.T), largest.Difference, (double)largest.Count / effort.TimingSamples);
    }

    private static void Sample(TimedOperation operation, byte[] classes, double[] times)
    {
        RandomNumberGenerator.Fill(classes);
        for (int i = 0; i < classes.Length; i++)
        {
            classes[i] &= 1;
        }

        operation.Prepare(classes);
        Action<int> run = operation.Run;
        for (int i = 0; i < times.Length; i++)
        {
            long begin = Stopwatch.GetTimestamp();
            run(i);
            times[i] = Stopwatch.GetTimestamp() - begin;
        }

        double nanoseconds = 1e9 / Stopwatch.Frequency;
        for (int i = 0; i < times.Length; i++)
        {
            times[i] *= nanoseconds;
        }
    }
}

/// <summary>What the check found on one operation.</summary>
/// <param name="Name">The operation.</param>
/// <param name="IsPlanted">Whether it leaks on purpose.</param>
/// <param name="Samples">Samples of both classes.</param>
/// <param name="Median">Median time in nanoseconds.</param>
/// <param name="T">t of all samples.</param>
/// <param name="LargestT">The largest |t| over all thresholds.</param>
/// <param name="Difference">Fixed less random at that threshold, in nanoseconds.</param>
/// <param name="Kept">The part of the samples below that threshold.</param>
internal sealed record TimingResult(string Name, bool IsPlanted, int Samples, double Median, double T, double LargestT, double Difference, double Kept)
{
    public bool IsLeak => LargestT > TimingSection.Threshold;
}
