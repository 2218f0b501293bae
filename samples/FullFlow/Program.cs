// The eight steps on real parts: a patient's files are sealed, requested, approved, re-encrypted and opened.
//
//   dotnet run --project samples/FullFlow                              the emergency story, step by step
//   dotnet run --project samples/FullFlow -- --scenario all            every story; exit code 0 when each went as it should
//   dotnet run --project samples/FullFlow -- --input DIR --output DIR  your own files
//   dotnet run --project samples/FullFlow -- --scenario all --json     the same as one JSON document

using System.Text.Json;
using Phr.Samples.FullFlow;
using Spectre.Console;

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

var results = new List<ScenarioResult>();
try
{
    foreach (Scenario scenario in options.Scenario is { } one ? [one] : Scenario.All)
    {
        IReporter reporter = options.Json ? new SilentReporter() : new ConsoleReporter();
        results.Add(await scenario.RunAsync(options, reporter, cancel.Token));
    }
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("Cancelled.");
    return 130;
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
        table.AddRow(result.Scenario, result.Ok ? "[green]as it should be[/]" : $"[red]{Markup.Escape(result.Failure ?? "failed")}[/]", $"{result.Seconds:0.0}");
    }

    AnsiConsole.Write(table);
}

return results.TrueForAll(r => r.Ok) ? 0 : 1;
