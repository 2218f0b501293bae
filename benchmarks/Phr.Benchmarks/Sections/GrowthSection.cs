using System.Diagnostics;
using System.Globalization;
using Phr.Benchmarks.Measuring;
using Phr.Benchmarks.Scenes;
using Phr.Crypto;

namespace Phr.Benchmarks.Sections;

/// <summary>How cost grows with trustees, documents and sizes.</summary>
internal static class GrowthSection
{
    public const string Name = "growth";

    public static void Run(RunContext context)
    {
        var series = new List<GrowthSeries>();
        foreach (Func<RunContext, GrowthSeries> make in (Func<RunContext, GrowthSeries>[])[Sharing, Trustees, Documents, Sizes])
        {
            try
            {
                series.Add(make(context));
                context.Results.Write(Name, series);
            }
            catch (Exception e) when (e is IOException or PhrDataException or ArgumentException or InvalidOperationException)
            {
                RunContext.Progress($"growth: left out: {e.Message}");
            }
        }
    }

    private static GrowthSeries Sharing(RunContext context)
    {
        int[] sizes = context.Effort.IsSmoke ? [3] : [3, 5, 10, 16, 32, 64, 128, 255];
        var split = new List<GrowthPoint>();
        var verify = new List<GrowthPoint>();
        var recombine = new List<GrowthPoint>();
        foreach (int n in sizes)
        {
            using var scene = new SharingScene(n);
            int t = scene.Threshold;
            split.Add(new GrowthPoint(n, Time(context, () => scene.Split()), $"{Number(t)} fixed"));
            verify.Add(new GrowthPoint(n, Time(context, () => scene.Verify()), $"1 fixed, {Number(t - 1)} by an index"));
            recombine.Add(new GrowthPoint(n, Time(context, () => scene.Recombine().Dispose()), t < 3 ? $"{Number(t)} shares verified, {Number(t)} inversions, {Number(2 * t * t)} products" : $"1 fixed and a sum of {Number(t)} for all shares, {Number(t)} inversions, {Number(2 * t * t)} products"));
            RunContext.Progress($"sharing, {n} trustees: split {RatioSection.Duration(split[^1].Nanoseconds)}");
        }

        return new GrowthSeries("sharing", "Sharing one secret (more than half of the trustees needed)", "trustees", [new("split", split), new("verify one share", verify), new("recombine, shares verified", recombine)]);
    }

    private static GrowthSeries Trustees(RunContext context)
    {
        int[] sizes = context.Effort.IsSmoke ? [3] : [3, 5, 8, 12, 16];
        var deal = new List<GrowthPoint>();
        var verify = new List<GrowthPoint>();
        var approve = new List<GrowthPoint>();
        var combine = new List<GrowthPoint>();
        foreach (int n in sizes)
        {
            using WorldScene scene = WorldScene.CreateAsync(n, 1).GetAwaiter().GetResult();
            int fixedBase = 1 + scene.Policy.GroupThreshold + scene.Policy.Groups.Sum(g => g.Threshold) + (7 * n);
            deal.Add(new GrowthPoint(n, Time(context, () => scene.Deal()), $"{Number(fixedBase)} fixed, {Number(n)} variable"));
            verify.Add(new GrowthPoint(n, Time(context, () => scene.VerifyDealing()), $"{Number(2 * n)} variable, {Number(2 * n)} double"));
            using (TrusteeShares shares = scene.OpenShares(1, 1))
            {
                // One approval: delegating to the committee, an envelope for each oracle.
                approve.Add(new GrowthPoint(
                    n, Time(context, () => scene.Approve(1, 1)), $"{Number(1 + (2 * WorldScene.CommitteeSize) + (2 * WorldScene.CommitteeSize))} fixed, {Number(1 + (2 * WorldScene.CommitteeSize))} variable, and opening the envelope"));
            }

            ApprovalResult[] approvals = scene.ApproveByQuorum();
            VerifiedApproval[] verified = [.. approvals.Select(scene.VerifyApproval)];
            OracleDelivery[] deliveries = [.. Enumerable.Range(1, WorldScene.CommitteeThreshold).Select(k => scene.Deliver(k, approvals))];
            combine.Add(new GrowthPoint(n, Time(context, () => scene.Combine(verified, deliveries)), $"{Number(approvals.Length)} contributors; {Number(approvals.Length * WorldScene.CommitteeThreshold)} fragments of 4 double each, those of one oracle checked as one sum"));
            RunContext.Progress($"dealing, {n} trustees: deal {RatioSection.Duration(deal[^1].Nanoseconds)}, combine {RatioSection.Duration(combine[^1].Nanoseconds)}");
        }

        return new GrowthSeries(
            "trustees", "One document, trustees in groups of at most five, committee 3 of 5", "trustees",
            [new("deal", deal), new("verify the dealing", verify), new("approve (one trustee)", approve), new("combine (the doctor)", combine)]);
    }

    private static GrowthSeries Documents(RunContext context)
    {
        int[] sizes = context.Effort.IsSmoke ? [1, 2] : [1, 10, 100, 1000];
        var deal = new List<GrowthPoint>();
        var verify = new List<GrowthPoint>();
        var header = new List<GrowthPoint>();
        foreach (int documents in sizes)
        {
            using WorldScene scene = WorldScene.CreateAsync(5, documents).GetAwaiter().GetResult();
            byte[] bytes = scene.Header.ToBytes();
            header.Add(new GrowthPoint(documents, Time(context, () => BundleHeader.FromBytes(bytes)), Count(documents, "capsule") + " read"));
            deal.Add(new GrowthPoint(documents, Time(context, () => scene.Deal()), $"{Number(((1 + 1 + 3 + 25) * documents) + 10)} fixed, 5 variable"));
            verify.Add(new GrowthPoint(documents, Time(context, () => scene.VerifyDealing()), $"{Number(10 * documents)} variable, {Number(10 * documents)} double"));
            RunContext.Progress($"{Count(documents, "document")}: deal {RatioSection.Duration(deal[^1].Nanoseconds)}, verify {RatioSection.Duration(verify[^1].Nanoseconds)}");
        }

        return new GrowthSeries("documents", "Documents in a bundle, five trustees", "documents", [new("read the header", header), new("deal", deal), new("verify the dealing", verify)]);
    }

    private static GrowthSeries Sizes(RunContext context)
    {
        string folder = Directory.CreateTempSubdirectory("phr-benchmark-").FullName;
        string path = Path.Combine(folder, "bundle");
        var sealing = new List<GrowthPoint>();
        var opening = new List<GrowthPoint>();
        using var patient = PatientKeys.Generate();
        try
        {
            for (long size = 1024; size <= context.Effort.LargestDocument; size *= size < 64 << 20 ? 8 : 4)
            {
                if (new DriveInfo(folder).AvailableFreeSpace < (size * 5 / 4) + (1L << 30))
                {
                    RunContext.Progress($"sizes: no room for a bundle of {size} bytes");
                    break;
                }

                DocumentId id = default;
                long length = size;
                string work = Count((size + 65535) >> 16, "chunk");
                sealing.Add(new GrowthPoint(size, Time(context, () => id = SealAsync(patient, path, length).GetAwaiter().GetResult()), work));
                opening.Add(new GrowthPoint(size, Time(context, () => OpenAsync(patient, path, id).GetAwaiter().GetResult()), work));
                RunContext.Progress($"{size} bytes: seal {RatioSection.Duration(sealing[^1].Nanoseconds)}, open {RatioSection.Duration(opening[^1].Nanoseconds)}");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return new GrowthSeries("sizes", "One document into a file and out of it, one core", "bytes", [new("seal", sealing), new("open", opening)]);
    }

    private static async Task<DocumentId> SealAsync(PatientKeys patient, string path, long length)
    {
        await using FileStream output = File.Create(path);
        await using BundleWriter writer = BundleWriter.Create(output, patient, new LedgerId(0, patient.Identity.Id));
        DocumentId id = await writer.AddAsync(new ZeroStream(length), new DocumentInfo("zeros", "application/octet-stream"));
        await writer.CompleteAsync();
        return id;
    }

    private static async Task OpenAsync(PatientKeys patient, string path, DocumentId id)
    {
        await using FileStream input = File.OpenRead(path);
        await using BundleReader reader = await BundleReader.OpenAsync(input, patient.PublicKeys);
        await reader.DecryptAsync(id, patient, Stream.Null);
    }

    // The median of a few runs; of one where a run takes long.
    private static double Time(RunContext context, Action action)
    {
        var times = new List<double>();
        var whole = Stopwatch.StartNew();
        double limit = context.Effort.IsSmoke ? 0 : context.Effort.WarmUp.TotalMilliseconds;
        do
        {
            long begin = Stopwatch.GetTimestamp();
            action();
            times.Add(Stopwatch.GetElapsedTime(begin).TotalNanoseconds);
        }
        while (whole.Elapsed.TotalMilliseconds < 2 * limit && times.Count < 10_000);

        // The first half is warming up.
        return Statistics.Median(times.Skip(times.Count / 2));
    }

    private static string Count(long number, string what) => number == 1 ? $"1 {what}" : $"{Number(number)} {what}s";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}

/// <summary>One table and one panel of the plot.</summary>
internal sealed record GrowthSeries(string Id, string Title, string Axis, IReadOnlyList<GrowthLine> Lines);

/// <summary>One line of the plot.</summary>
internal sealed record GrowthLine(string Name, IReadOnlyList<GrowthPoint> Points);

/// <summary>A size, the median time in nanoseconds, and the work in theory.</summary>
internal sealed record GrowthPoint(long Size, double Nanoseconds, string Work);
