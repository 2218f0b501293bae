// The eight steps on real parts: a patient's files are sealed, requested, approved, re-encrypted and opened.
//
//   dotnet run --project samples/FullFlow                              the emergency story, step by step
//   dotnet run --project samples/FullFlow -- --scenario all            every story; exit code 0 when each went as it should
//   dotnet run --project samples/FullFlow -- --input DIR --output DIR  your own files
//   dotnet run --project samples/FullFlow -- --scenario all --json     the same as one JSON document
//   dotnet run --project samples/FullFlow -- --ethereum                on contracts, with the gas of each step
//   dotnet run --project samples/FullFlow -- --ipfs                    with the content on IPFS nodes
//   dotnet run --project samples/FullFlow -- --ipfs --ethereum         on both, each oracle a process of samples/OracleNode; every person has connections and caches of their own
//   dotnet run --project samples/FullFlow -- deploy ...                puts a ledger on a chain and writes its address file

using System.Runtime.InteropServices;
using System.Text.Json;
using Phr.Samples.FullFlow;
using Spectre.Console;

if (args is ["deploy", ..])
{
    return await DeployCommand.RunAsync(args[1..], CancellationToken.None);
}

if (!Options.TryParse(args, out Options options, out string message))
{
    await Console.Error.WriteLineAsync(message);
    return 2;
}

if (options.Help)
{
    Console.WriteLine(Options.Usage);
    return 0;
}

using var cancel = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    cancel.Cancel();
};
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    cancel.Cancel();
});

var results = new List<ScenarioResult>();
try
{
    await using SampleChain? chain = options.Ethereum ? await SampleChain.StartAsync(options.Rpc, options.KeyFile, cancel.Token, options.OracleProcesses ? TimeSpan.FromMinutes(20) : TimeSpan.Zero) : null;
    await using SampleIpfs? ipfs = options.Ipfs ? await SampleIpfs.StartAsync(options.IpfsNodes) : null;
    await using OracleNetwork? network = options.OracleProcesses ? await StartOraclesAsync(chain!, ipfs) : null;
    foreach (Scenario scenario in options.Scenario is { } one ? [one] : Scenario.All)
    {
        IReporter reporter = options.Json ? new SilentReporter() : new ConsoleReporter();
        results.Add(await scenario.RunAsync(options, reporter, cancel.Token, chain, ipfs, network));
    }
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("Cancelled.");
    return 130;
}
catch (Exception e) when (results.Count == 0 && e is IOException or InvalidOperationException)
{
    // A node or an oracle does not start.
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}

if (options.Json)
{
    Console.WriteLine(JsonSerializer.Serialize(results, ScenarioResult.JsonOptions));
}
else
{
    var table = new Table().Title("Scenarios").AddColumns("scenario", "outcome", "seconds");
    foreach (ScenarioResult result in results)
    {
        table.AddRow(result.Scenario, result.Ok ? "[green]as it should be[/]" : $"[red]{Markup.Escape(result.Failure?.Split('\n')[0] ?? "failed")}[/]", $"{result.Seconds:0.0}");
    }

    AnsiConsole.Write(table);
    foreach (ScenarioResult result in results.Where(r => r.Gas is not null))
    {
        var gas = new Table().Title($"Gas: {result.Scenario}").AddColumns("step", "transactions", "least", "median", "most");
        foreach ((string what, GasLine line) in result.Gas!)
        {
            gas.AddRow(what, $"{line.Count}", $"{line.Least:N0}", $"{line.Median:N0}", $"{line.Most:N0}");
        }

        AnsiConsole.Write(gas);
    }
}

return results.TrueForAll(r => r.Ok) ? 0 : 1;

Task<OracleNetwork> StartOraclesAsync(SampleChain chain, SampleIpfs? ipfs)
{
    IReporter reporter = options.Json ? new SilentReporter() : new ConsoleReporter();
    reporter.Title("oracles", "Nine operators make keys, register their oracles and start them. Each is a process of its own, with its own folder, account, job file and port.");
    return OracleNetwork.StartAsync(Path.Combine(options.Output, "oracles", Guid.NewGuid().ToString("n")[..8]), chain, ipfs, reporter, cancel.Token);
}
