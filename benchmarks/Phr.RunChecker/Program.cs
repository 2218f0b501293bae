// Judges a run of oracles by what the chain, the stores and the doctors' folders show.
//
//   Phr.RunChecker watch --node URL --ledger ADDRESS --abi FILE --out FILE [--store URL …]
//       follows the chain until a line "finish FACTS.json" comes on the standard input; then reads stores and folders, writes the recording and judges it
//   Phr.RunChecker judge RECORDING
//
// The exit code is 0 when nothing was found, 1 when something was, 2 when it was not understood.
using System.Security.Cryptography;
using Phr.RunChecker;

switch (args)
{
    case ["judge", var path]:
        return Tell(Recording.Load(path));
    case ["watch", .. var options] when One(options, "--node") is { } node && One(options, "--ledger") is { } ledger && One(options, "--abi") is { } abi && One(options, "--out") is { } outcome:
        return await WatchAsync(new Uri(node), ledger, EventAbi.Load(abi, Judge.Events), [.. All(options, "--store").Select(store => new Uri(store))], outcome);
    default:
        Console.Error.WriteLine("Usage: Phr.RunChecker watch --node URL --ledger ADDRESS --abi FILE --out FILE [--store URL …] | judge RECORDING");
        return 2;
}

static async Task<int> WatchAsync(Uri node, string ledger, EventAbi abi, IReadOnlyList<Uri> stores, string outcome)
{
    using var watcher = new ChainWatcher(node, ledger, abi);
    using var over = new CancellationTokenSource();
    Task watching = watcher.WatchAsync(TimeSpan.FromMilliseconds(250), over.Token);
    Console.WriteLine("watching");
    string? line;
    do
    {
        Task<string?> reading = Console.In.ReadLineAsync();
        if (await Task.WhenAny(reading, watching) == watching)
        {
            // It ends by itself only when it fails.
            await watching;
        }

        line = await reading;
    }
    while (line is not null && !line.StartsWith("finish ", StringComparison.Ordinal));

    await over.CancelAsync();
    await watching;
    if (line is null)
    {
        return 2;
    }

    RunFacts facts = Recording.LoadFacts(line["finish ".Length..].Trim());
    using var reader = new StoreReader(stores);
    var objects = new Dictionary<string, bool>();
    foreach (string digest in watcher.Seen.SelectMany(block => block.Events).Where(seen => seen.Name == "DeliveryRecorded").Select(seen => seen["envelopeDigest"]).Distinct())
    {
        objects.Add(digest, await reader.HasAsync(digest));
    }

    var recording = new Recording
    {
        Blocks = watcher.Seen,
        EndTime = watcher.EndTime,
        Objects = objects,
        Folders = facts.Requests.Select(request => request.Folder).Concat(facts.EmptyFolders).Distinct()
            .Where(folder => Directory.Exists(Path.Combine(facts.Root, folder))).ToDictionary(folder => folder, folder => FilesOf(Path.Combine(facts.Root, folder))),
        Facts = facts with { Root = string.Empty },
    };
    recording.Save(outcome);
    return Tell(recording);
}

static IReadOnlyDictionary<string, string> FilesOf(string folder) =>
    Directory.GetFiles(folder).Where(file => !file.EndsWith(".part", StringComparison.Ordinal)).ToDictionary(file => Path.GetFileName(file), file => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))));

static int Tell(Recording recording)
{
    Verdict verdict = Judge.Decide(recording);
    Console.WriteLine(verdict.Tally.Write());
    foreach (Finding finding in verdict.Findings)
    {
        Console.WriteLine(finding);
    }

    Console.WriteLine(verdict.Findings.Count == 0 ? "Nothing was found." : $"{verdict.Findings.Count} findings.");
    return verdict.Findings.Count == 0 ? 0 : 1;
}

static string? One(string[] options, string name) => All(options, name).FirstOrDefault();

static IEnumerable<string> All(string[] options, string name) => options.Index().Where(o => o.Item == name && o.Index + 1 < options.Length).Select(o => options[o.Index + 1]);
