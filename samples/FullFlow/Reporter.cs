using Spectre.Console;

namespace Phr.Samples.FullFlow;

/// <summary>Shows what happens as it happens.</summary>
internal interface IReporter
{
    void Title(string scenario, string story);

    void Step(int number, string title);

    void Say(string text);

    Task<T> ProgressAsync<T>(string title, long total, Func<IProgress<long>, Task<T>> work);

    void Result(ScenarioResult result);
}

internal sealed class SilentReporter : IReporter
{
    public void Title(string scenario, string story)
    {
    }

    public void Step(int number, string title)
    {
    }

    public void Say(string text)
    {
    }

    public Task<T> ProgressAsync<T>(string title, long total, Func<IProgress<long>, Task<T>> work) => work(new Progress<long>());

    public void Result(ScenarioResult result)
    {
    }
}

internal sealed class ConsoleReporter : IReporter
{
    public void Title(string scenario, string story)
    {
        AnsiConsole.WriteLine();
        AnsiConsole.Write(new Rule($"[bold]{Markup.Escape(scenario)}[/]").LeftJustified());
        AnsiConsole.MarkupLine($"[grey]{Markup.Escape(story)}[/]");
    }

    public void Step(int number, string title) => AnsiConsole.MarkupLine($"[blue]Step {number}[/]  [bold]{Markup.Escape(title)}[/]");

    public void Say(string text) => AnsiConsole.Write(new Padder(new Text(text), new Padding(8, 0, 0, 0)));

    public Task<T> ProgressAsync<T>(string title, long total, Func<IProgress<long>, Task<T>> work) =>
        AnsiConsole.Progress().AutoClear(true).StartAsync(async context =>
        {
            ProgressTask task = context.AddTask(Markup.Escape(title), maxValue: Math.Max(1, total));
            return await work(new Direct(task));
        });

    public void Result(ScenarioResult result)
    {
        if (result.Documents.Count > 0)
        {
            var documents = new Table().AddColumns("opened file", "bytes", "SHA-256", "equal to the original");
            foreach (DocumentLine line in result.Documents)
            {
                documents.AddRow(Markup.Escape(line.File), $"{line.Bytes:n0}", line.Sha256[..16], line.Equal ? "[green]yes[/]" : "[red]no[/]");
            }

            AnsiConsole.Write(documents);
        }

        var trail = new Table().Title("The trail on the ledger").AddColumns("entry", "time (UTC)", "what was recorded");
        foreach (TrailLine line in result.Trail)
        {
            trail.AddRow($"{line.Entry}", $"{line.Time:HH:mm:ss}", Markup.Escape(string.Join(", ", line.Events)));
        }

        AnsiConsole.Write(trail);
        var sizes = new Table().AddColumns("object", "bytes").HideHeaders();
        foreach ((string name, long bytes) in result.Sizes)
        {
            sizes.AddRow(Markup.Escape(name), $"{bytes:n0} bytes");
        }

        foreach ((string name, double milliseconds) in result.Timings)
        {
            sizes.AddRow(Markup.Escape(name), $"{milliseconds:n0} ms");
        }

        AnsiConsole.Write(sizes);
        AnsiConsole.MarkupLine(result.Ok
            ? "[green]Everything is as it should be.[/]"
            : $"[red]Not as it should be: {Markup.Escape(result.Failure ?? string.Empty)}[/]");
        if (result.OpenedFolder is { } folder)
        {
            AnsiConsole.MarkupLine($"The opened files are in [underline]{Markup.Escape(folder)}[/].");
        }
    }

    // Progress<T> would post to the thread pool and draw late.
    private sealed class Direct(ProgressTask task) : IProgress<long>
    {
        public void Report(long value) => task.Value = value;
    }
}
