using System.Diagnostics;
using System.Text.Json;
using Phr.Samples.FullFlow;

namespace Phr.Soak.Faults;

/// <summary>A run with faults: real processes, a seeded plan of faults, and a judge in a process of its own that shares no code with the oracles.</summary>
internal static class SoakCommand
{
    private const int MoreRequests = 6;

    public static async Task<int> RunAsync(SoakOptions options, CancellationToken ct)
    {
        long begin = Stopwatch.GetTimestamp();
        void Say(string text) => Console.Error.WriteLine(FormattableString.Invariant($"[{Stopwatch.GetElapsedTime(begin).TotalSeconds,6:0}s] {text}"));
        Say($"{options.Requests} requests, seed {options.Seed}");
        int patients = Math.Clamp(options.Requests / 4, 2, 25), doctors = Math.Clamp(options.Requests, 2, 40);
        await using Site site = await Site.OpenAsync(patients, doctors, Say, ct);
        var driver = new Driver(site, options.Seed, Say);
        await driver.SealAsync(ct);
        await site.BeginAsync(ct);
        string recording = options.Recording ?? Path.Combine(site.Folder, "recording.json");
        using Process judge = StartJudge(site, recording);
        try
        {
            await judge.StandardOutput.ReadLineAsync(ct);
            Say("starting six processes of five oracles");
            await site.StartOraclesAsync(ct);
            Say("running");
            var plan = new FaultPlan(site, options.Seed, Say);
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(ct);
            Task faults = plan.RunAsync(enough.Token);
            try
            {
                for (int requests = options.Requests; requests > 0; requests = plan.HasAll ? 0 : MoreRequests)
                {
                    Task driving = driver.RunAsync(requests, ct);
                    if (await Task.WhenAny(driving, faults) == faults)
                    {
                        await faults;
                    }

                    // A quick machine is done before a fault of each kind has happened: then it gets some more to do.
                    await driving;
                }
            }
            catch
            {
                foreach (OracleProcess oracle in site.Oracles)
                {
                    Console.Error.WriteLine($"{oracle.Name}:\n{oracle.Tail(4)}\n");
                }

                throw;
            }
            finally
            {
                await enough.CancelAsync();
                await faults.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            string facts = Path.Combine(site.Folder, "facts.json");
            await File.WriteAllTextAsync(facts, WriteFacts(options, site.Folder, driver, plan), ct);
            Say("judging");
            await judge.StandardInput.WriteLineAsync($"finish {facts}".AsMemory(), ct);
            Console.WriteLine(await judge.StandardOutput.ReadToEndAsync(ct));
            await judge.WaitForExitAsync(ct);
            Say($"seed {options.Seed}: {(judge.ExitCode == 0 ? "passed" : "failed")}");
            return judge.ExitCode;
        }
        finally
        {
            if (!judge.HasExited)
            {
                judge.Kill();
                await judge.WaitForExitAsync(CancellationToken.None);
            }
        }
    }

    private static Process StartJudge(Site site, string recording)
    {
        string program = Find("benchmarks/Phr.RunChecker/bin/" + Path.Combine(new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, new DirectoryInfo(AppContext.BaseDirectory).Name, "Phr.RunChecker.dll"));
        string[] arguments =
        [
            "exec", program, "watch", "--node", site.Chain.Address.ToString(), "--ledger", site.Ledger, "--abi", Find("contracts/artifacts/PhrLedger.json"), "--out", recording,
            .. site.Ipfs.SelectMany(node => (string[])["--store", node.Api.ToString()]),
        ];
        return Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    // What the judge is told. It is written by hand: the judge's own types are not ours to use.
    private static string WriteFacts(SoakOptions options, string root, Driver driver, FaultPlan plan) => JsonSerializer.Serialize(new
    {
        options.Seed,
        Site.Confirmations,
        Root = root,
        Requests = driver.Done.Select(request => new
        {
            Id = request.Id.ToString(),
            Doctor = request.Doctor.ToString(),
            Expects = request.Kind switch
            {
                RequestKind.Consented or RequestKind.Approved => "Opened",
                RequestKind.Revoked => "TakenBack",
                _ => "Refused",
            },
            request.Documents,
            Folder = Path.GetRelativePath(root, request.Folder),
        }),
        Faults = plan.Done.Select(fault => new { fault.Kind, fault.Target }),
        EmptyFolders = driver.StrangersFolders.Select(folder => Path.GetRelativePath(root, folder)),
    });

    private static string Find(string path)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string found = Path.Combine(folder.FullName, path);
            if (File.Exists(found))
            {
                return found;
            }
        }

        throw new FileNotFoundException($"{path} is not there: build the whole working copy.");
    }
}
