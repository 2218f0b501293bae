using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Phr.Consent;
using Phr.Oracle;

namespace Phr.Samples.OracleNode;

/// <summary>The status page: HTML that a browser shows without a script, and that reads as well without the style.</summary>
internal static class StatusPage
{
    private const int Shown = 50;

    private static readonly Lazy<string> _style = new(() =>
    {
        using var reader = new StreamReader(typeof(StatusPage).Assembly.GetManifestResourceStream("status.css")!);
        return reader.ReadToEnd();
    });

    public static string Style => _style.Value;

    /// <summary>Writes the page.</summary>
    /// <param name="monitor">What it shows.</param>
    /// <param name="watching">Whether it loads itself again every ten seconds. It does so for who asks for it: a page that changes under its reader is in the way of many.</param>
    /// <param name="ct">Cancels.</param>
    public static async Task<string> WriteAsync(OracleMonitor monitor, bool watching, CancellationToken ct)
    {
        OracleSnapshot now = monitor.Read();
        IReadOnlyList<OracleJob>? jobs = null;
        try
        {
            jobs = monitor.IsOpen ? await monitor.ListJobsAsync(new JobFilter { Limit = Shown }, ct) : null;
        }
        catch (DbException)
        {
            // The part is shown as not working.
        }

        var page = new StringBuilder(8192);
        (string badge, string word) = now.Obstacles.Count > 0 ? ("bad", "not ready") : now.Warnings.Count > 0 ? ("warn", "ready, with warnings") : ("good", "ready");
        page.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            {(watching ? "<meta http-equiv=\"refresh\" content=\"10\">" : string.Empty)}
            <title>Oracle: {word}</title>
            <link rel="stylesheet" href="/status.css">
            </head>
            <body>
            <header>
            <h1>Oracle <code>{Short(now.Oracle.ToString())}</code></h1>
            <p class="badge {badge}">{word}</p>
            <p class="quiet">process {Text(now.Process)} · up {Length(now.AsOf - now.StartedAt)} · as of {Moment(now.AsOf)} · {(watching ? "loaded again every ten seconds: <a href=\"/\">stop</a>" : "<a href=\"/\">load again</a>, or <a href=\"/?watch\">every ten seconds</a>")}</p>
            </header>
            <main>

            """);
        WriteNotes(page, "bad", "Why it cannot serve", now.Obstacles);
        WriteNotes(page, "warn", "What wants attention", now.Warnings);
        WriteCounts(page, now);
        page.Append("<div class=\"pair\">\n");
        WriteStanding(page, now);
        WriteParts(page, now);
        page.Append("</div>\n");
        WriteJobs(page, jobs, now.AsOf);
        page.Append("</main>\n<footer class=\"quiet\"><a href=\"/health/ready\">/health/ready</a> · <a href=\"/health/live\">/health/live</a> · <a href=\"/metrics\">/metrics</a></footer>\n</body>\n</html>\n");
        return page.ToString();
    }

    private static void WriteNotes(StringBuilder page, string kind, string title, IReadOnlyList<string> notes)
    {
        if (notes.Count > 0)
        {
            page.Append(CultureInfo.InvariantCulture, $"<section class=\"notes {kind}\" aria-label=\"{title}\"><h2>{title}</h2><ul>");
            foreach (string note in notes)
            {
                page.Append(CultureInfo.InvariantCulture, $"<li>{Text(note)}</li>");
            }

            page.Append("</ul></section>\n");
        }
    }

    private static void WriteCounts(StringBuilder page, OracleSnapshot now)
    {
        page.Append("<section aria-label=\"Jobs in each phase\"><ul class=\"counts\">");
        foreach (JobPhase phase in Enum.GetValues<JobPhase>())
        {
            string count = now.Jobs?.Of(phase).ToString(CultureInfo.InvariantCulture) ?? "–";
            string mark = phase == JobPhase.SetAside && now.Jobs is { SetAside: > 0 } ? " class=\"bad\"" : string.Empty;
            page.Append(CultureInfo.InvariantCulture, $"<li{mark}><strong>{count}</strong><span>{Word(phase)}</span></li>");
        }

        page.Append("</ul></section>\n");
    }

    private static void WriteStanding(StringBuilder page, OracleSnapshot now)
    {
        page.Append("<section><h2>On the ledger</h2><dl>");
        Row(page, "state", now.Record is null ? "not registered" : now.Record.Status.ToString());
        if (now.Record is { } record)
        {
            Row(page, "key record until", $"{Moment(record.ValidUntil)}, in {Length(record.ValidUntil - now.AsOf)}");
        }

        if (now.Reputation is { } reputation)
        {
            Meter(page, "reputation", reputation.Score);
            Meter(page, "correctness", reputation.Correctness);
            Meter(page, "timeliness", reputation.Timeliness);
            Meter(page, "rating", reputation.Rating);
        }

        if (now.Head is { } head)
        {
            Row(page, "head", $"entry {head.Number.ToString(CultureInfo.InvariantCulture)}, {Moment(head.Time)}");
        }

        page.Append("</dl></section>\n");
    }

    private static void WriteParts(StringBuilder page, OracleSnapshot now)
    {
        page.Append("<section><h2>Parts</h2><dl>");
        foreach (OraclePart part in now.Parts)
        {
            Row(page, part.Name, part.IsWorking ? $"works, since {Moment(part.Since)}" : $"does not work, since {Moment(part.Since)}: {part.Fault}", part.IsWorking ? "good" : "bad");
        }

        Row(page, "in hand", now.InHand.ToString(CultureInfo.InvariantCulture));
        Row(page, "wait for their block", now.Parked.ToString(CultureInfo.InvariantCulture));
        page.Append("</dl></section>\n");
    }

    private static void WriteJobs(StringBuilder page, IReadOnlyList<OracleJob>? jobs, DateTimeOffset now)
    {
        page.Append("<section><h2>Jobs</h2>");
        if (jobs is not { Count: > 0 })
        {
            page.Append(CultureInfo.InvariantCulture, $"<p class=\"quiet\">{(jobs is null ? "They cannot be listed now." : "None.")}</p></section>\n");
            return;
        }

        page.Append("<div class=\"wide\"><table><thead><tr><th>request</th><th>phase</th><th>next look, or end</th><th>deadline</th><th>looks</th><th>last</th></tr></thead><tbody>");
        foreach (OracleJob job in jobs)
        {
            string when = job.FinishedAt is { } finished ? $"{Length(now - finished)} ago" : job.Phase == JobPhase.Running ? $"with {Text(job.Holder)}" : In(job.DueAt - now);
            page.Append(CultureInfo.InvariantCulture, $"<tr class=\"{Word(job.Phase).Replace(' ', '-')}\"><td title=\"{Text(job.Key.ToString())}\"><code>{Short(job.Key.Request.ToString())}</code></td><td>{Word(job.Phase)}</td><td>{when}</td><td>{In(job.Deadline - now)}</td><td>{job.Looks}</td><td>{Text(job.Reason)}</td></tr>");
        }

        page.Append(CultureInfo.InvariantCulture, $"</tbody></table></div>{(jobs.Count == Shown ? $"<p class=\"quiet\">The first {Shown}.</p>" : string.Empty)}</section>\n");
    }

    private static void Row(StringBuilder page, string name, string value, string mark = "") =>
        page.Append(CultureInfo.InvariantCulture, $"<dt>{name}</dt><dd{(mark.Length > 0 ? $" class=\"{mark}\"" : string.Empty)}>{Text(value)}</dd>");

    private static void Meter(StringBuilder page, string name, int millionths)
    {
        string percent = (millionths * 100.0 / Reputation.Full).ToString("0.0", CultureInfo.InvariantCulture);
        page.Append(CultureInfo.InvariantCulture, $"<dt>{name}</dt><dd><meter min=\"0\" max=\"100\" low=\"30\" high=\"50\" optimum=\"100\" value=\"{percent}\">{percent} %</meter> {percent} %</dd>");
    }

    private static string Word(JobPhase phase) => phase == JobPhase.SetAside ? "set aside" : phase.ToString().ToLowerInvariant();

    private static string Short(string id) => id[..12] + "…";

    private static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";

    private static string In(TimeSpan time) => time < TimeSpan.Zero ? $"{Length(-time)} ago" : $"in {Length(time)}";

    private static string Length(TimeSpan time) => time switch
    {
        { TotalDays: >= 2 } => $"{(int)time.TotalDays} d",
        { TotalHours: >= 2 } => $"{(int)time.TotalHours} h",
        { TotalMinutes: >= 2 } => $"{(int)time.TotalMinutes} min",
        _ => $"{(int)time.TotalSeconds} s",
    };

    private static string Text(string text) => HtmlEncoder.Default.Encode(text);
}
