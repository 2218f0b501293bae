// Streams one large object through IPFS nodes in every way that there is, compares every byte that comes back, and says how
// much memory that took at its peak: put at the first node, read from it in one answer (cat), read from it as a CAR, and
// brought to the second (a CAR that is read and sent on).
//
//   dotnet run -c Release --project tests/Tools/StreamLarge -- MEBIBYTES NODE NODE
//
// The output is "put SECONDS cat SECONDS car SECONDS copied SECONDS peak KIBIBYTES", the peak being resident memory (VmHWM);
// the exit code is 1 above 128 MiB.
using System.Diagnostics;
using System.Globalization;
using Phr.Crypto;
using Phr.Storage;

const int MaxPeakKibibytes = 128 * 1024;
long length = long.Parse(args[0], CultureInfo.InvariantCulture) << 20;
Uri first = new(args[1]), second = new(args[2]);
var clock = Stopwatch.StartNew();
var times = new List<string>();

// So patient that a busy machine is not taken for a node that is silent: nothing is asked for twice. The second node looks for what it lacks at peers that it does not have, and is not left to for long.
IpfsContentStoreOptions Options(params Uri[] nodes) => new()
{
    Nodes = nodes,
    Replicas = nodes.Length,
    LookupTimeout = nodes.Length > 1 ? TimeSpan.FromSeconds(5) : TimeSpan.FromMinutes(5),
    TransferTimeout = TimeSpan.FromMinutes(5),
    HedgeDelay = TimeSpan.FromMinutes(5),
};

void Done(string what)
{
    times.Add(string.Create(CultureInfo.InvariantCulture, $"{what} {clock.Elapsed.TotalSeconds:F1}"));
    clock.Restart();
}

Cid cid;
using (var one = IpfsContentStore.Connect(Options(first)))
{
    using var source = new PatternStream(length);
    cid = await one.PutAsync(source);
    Done("put");

    using var same = new PatternStream(length);
    await using (Stream stream = await one.OpenAsync(cid))
    {
        await stream.CopyToAsync(same);
    }

    Require(same.Position == length, "what was read is not as long as what was put");
    Done("cat");

    // It reads every block, as a CAR.
    IpfsReplica replica = (await one.ProbeAsync(cid, IpfsProbeDepth.Everything)).Single();
    Require(replica.IsKept, $"the node has it as {replica.State}");
    Done("car");
}

using (var both = IpfsContentStore.Connect(Options(first, second)))
{
    IpfsRepairReport report = await both.RepairAsync(cid);
    Require(report is { Copies: 1, Kept: 2 }, $"{report.Copies} copies were made and {report.Kept} are kept");
    Done("copied");
}

string status = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
int peak = int.Parse(status.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', times)} peak {peak}"));
return peak <= MaxPeakKibibytes ? 0 : 1;

static void Require(bool holds, string otherwise)
{
    if (!holds)
    {
        throw new InvalidDataException(otherwise + ".");
    }
}
