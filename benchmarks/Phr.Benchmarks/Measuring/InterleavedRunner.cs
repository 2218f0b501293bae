namespace Phr.Benchmarks.Measuring;

/// <summary>
/// Measures the subjects of a comparison in turns, in an order that is drawn anew for each round, so that what else the machine does
/// falls on all of them alike; and compares medians.
/// </summary>
internal sealed class InterleavedRunner(Effort effort)
{
    private const int MostOperations = 10_000_000;

    private readonly Random _order = new(1);

    public ComparisonResult Run(Comparison comparison)
    {
        Subject[] subjects = [.. comparison.Subjects];
        int[] counts = [.. subjects.Select(Calibrate)];
        var times = subjects.Select(_ => new List<double>(effort.Rounds)).ToArray();
        double?[] allocated = [.. subjects.Select((s, i) => Allocated(s, counts[i]))];
        int[] turns = [.. Enumerable.Range(0, subjects.Length)];
        for (int round = 0; round < effort.Rounds; round++)
        {
            _order.Shuffle(turns);
            foreach (int turn in turns)
            {
                if (subjects[turn].TakesItsOwnTime && round % (effort.Rounds / effort.SlowRounds) != 0)
                {
                    continue;
                }

                times[turn].Add(subjects[turn].Run(counts[turn]) / counts[turn]);
            }
        }

        Measurement[] measurements = [.. subjects.Select((s, i) => Measurement(s, times[i], counts[i], allocated[i]))];
        Ratio[] ratios =
        [
            .. from aim in comparison.Aims
               let peer = measurements.FirstOrDefault(m => m.Name == aim.Peer)
               where peer is not null
               select Ratio.Of(aim, measurements[0].Median, peer.Median),
        ];
        return new ComparisonResult(comparison.Id, comparison.Title, comparison.Operations, measurements, ratios);
    }

    private static Measurement Measurement(Subject subject, List<double> times, int count, double? allocated)
    {
        double[] sorted = [.. times.Order()];
        return new Measurement(subject.Name, Statistics.Quantile(sorted, 0.5), Statistics.Quantile(sorted, 0.25), Statistics.Quantile(sorted, 0.75), sorted.Length, count, allocated);
    }

    private static double? Allocated(Subject subject, int count)
    {
        if (!subject.IsManaged)
        {
            return null;
        }

        // Work on other threads is not seen by this counter.
        int operations = Math.Min(count, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        subject.Run(operations);
        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / operations;
    }

    // Warms up, then finds how many operations fill a batch.
    private int Calibrate(Subject subject)
    {
        if (subject.TakesItsOwnTime || effort.IsSmoke)
        {
            return 1;
        }

        // In a process of our own the processor's time counts: on a busy machine the compiler has had little of a clock's time.
        int count = 1;
        double clock = 0, last = 0;
        TimeSpan begin = Environment.CpuUsage.TotalTime;
        while (clock < effort.WarmUp.TotalNanoseconds || (subject.IsManaged && Environment.CpuUsage.TotalTime - begin < effort.WarmUp) || last < effort.Batch.TotalNanoseconds / 2)
        {
            last = subject.Run(count);
            clock += last;
            if (last < effort.Batch.TotalNanoseconds / 2)
            {
                if (count >= MostOperations)
                {
                    break;
                }

                count *= 2;
            }
        }

        double perOperation = last / count;
        return (int)Math.Clamp(effort.Batch.TotalNanoseconds / perOperation, 1, MostOperations);
    }
}
