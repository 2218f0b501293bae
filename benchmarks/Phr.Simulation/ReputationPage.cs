using System.Globalization;
using System.Text;

namespace Phr.Simulation;

/// <summary>Writes what came out, for people.</summary>
internal static class ReputationPage
{
    public static string Write(IReadOnlyList<YearResult> results, int seed)
    {
        Settings usual = results[0].Settings;
        var page = new StringBuilder();
        Line(page, "# A year of oracles, a third of them bad");
        Line(page);
        Line(page, "Written by `benchmarks/Phr.Simulation`, which plays the ledger's own draw and reputation (`CommitteeDraw`, `Reputation`) and invents only how oracles and doctors behave. The same seed gives the same page.");
        Line(page, I($"{usual.Oracles:n0} oracles, each of its own operator; {usual.RequestsPerDay} requests a day for {usual.Days} days; committees of {usual.Seats}, of which {usual.Threshold} must answer rightly in the window; seed {seed}."));
        Line(page, "What the conducts are is in [`Conduct.cs`](../Phr.Simulation/Conduct.cs) and `Oracle.cs`; what the ledger's rules mean, in [reputation](../../docs/reputation.md).");
        Line(page);
        Line(page, "| year | bad oracles' share of seats, last month | half of it gone in week | no honest quorum in the first committee, first month | last month | asked again, whole year | false deliveries | bonds taken |");
        Line(page, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (YearResult year in results)
        {
            Line(page, I($"| {year.Settings.Name} | {year.BadShareAtEnd:0.0 %} | {(year.HalfWeek is { } week ? week.ToString(CultureInfo.InvariantCulture) : "never")} | {year.NoQuorumFirstMonth:0.00 %} | {year.NoQuorumLastMonth:0.00 %} | {year.FailedInYear:0.000 %} | {year.Weeks.Sum(w => w.FalseDeliveries):n0} | {year.Weeks.Sum(w => w.Slashes):n0} |"));
        }

        Line(page);
        foreach (YearResult year in results)
        {
            Line(page, I($"- **{year.Settings.Name}.** {year.Settings.About}"));
        }

        Line(page);
        Line(page, "*No honest quorum* means that the first committee had fewer right answers in time than are needed. The doctor then has a second committee drawn without those that failed; *asked again* is where that one fell short too.");
        Line(page, "*Slow* and *absent* give the same year: a record after the window comes after the settlement, which then has it as missed; so the ledger treats both alike, and the rows are equal to the last figure.");
        Line(page, I($"A false delivery never opens as something else: the doctor's client refuses it. A year's mean bad share without any consequence would be {usual.BadShare:0.0 %}."));
        Line(page);
        Line(page, "![Share of the seats that the bad third has, week by week](reputation-share.svg)");
        Line(page);
        Line(page, "![Requests whose first committee had no honest quorum](reputation-quorum.svg)");
        Line(page);
        Line(page, "![Mean weight in a draw by conduct](reputation-weight.svg)");
        Line(page);
        Line(page, I($"## Weight by conduct, \"{usual.Name}\""));
        Line(page);
        Line(page, "Mean weight in a draw at the end of the month, 16 to 63; who may not be drawn counts as 0. New names: how often a whitewasher changed its own, in the mean.");
        Line(page);
        int[] months = [.. Enumerable.Range(0, results[0].Weeks.Count).Where(i => i % 8 == 3 || i == results[0].Weeks.Count - 1)];
        Line(page, "| conduct | oracles |" + string.Concat(months.Select(m => I($" week {m + 1} |"))));
        Line(page, "| --- | ---: |" + string.Concat(months.Select(_ => " ---: |")));
        foreach (IGrouping<Conduct, Oracle> group in results[0].Oracles.GroupBy(o => o.Conduct).OrderBy(g => g.Key))
        {
            string renamed = group.Key == Conduct.Whitewasher ? I($" ({group.Average(o => o.Names - 1):0.0} new names)") : "";
            Line(page, I($"| {group.Key}{renamed} | {group.Count()} |") + string.Concat(months.Select(m => I($" {results[0].Weeks[m].Weights[group.Key]:0.0} |"))));
        }

        return page.ToString();
    }

    public static IEnumerable<(string Name, string Svg)> Plots(IReadOnlyList<YearResult> results)
    {
        YearResult[] mixed = [.. results.Where(r => r.Settings.Name.StartsWith("mixed", StringComparison.Ordinal))];
        // Who is late and who is absent are the same to a settlement, and their lines too.
        YearResult[] single = [.. results.Where(r => r.Settings is { Bad: [not Conduct.Slow], SettleAtOpening: false, Disputes: true })];
        yield return ("reputation-share.svg", LineChart.Write(
            "Share of the seats that the bad third has", "week", 0.4, Percent,
            [("mixed", Smooth(mixed[0], w => w.BadShare)), .. single.Select(y => (y.Settings.Name, Smooth(y, w => w.BadShare)))]));
        yield return ("reputation-quorum.svg", LineChart.Write(
            "Requests whose first committee had no honest quorum", "week", 0.12, Percent,
            [.. mixed.Select(y => (y.Settings.Name, Smooth(y, w => WeekResult.Share(w.NoQuorum, w.Requests))))]));
        yield return ("reputation-weight.svg", LineChart.Write(
            "Mean weight in a draw by conduct, mixed", "week", 64, v => v.ToString("0", CultureInfo.InvariantCulture),
            [.. Enum.GetValues<Conduct>().Select(c => (c.ToString(), (IReadOnlyList<double>)[.. mixed[0].Weeks.Select(w => w.Weights.GetValueOrDefault(c))]))]));
    }

    // Four weeks in the mean: a week has 1,400 requests.
    private static double[] Smooth(YearResult year, Func<WeekResult, double> value) =>
        [.. year.Weeks.Select((_, i) => year.Weeks.Skip(Math.Max(0, i - 3)).Take(Math.Min(4, i + 1)).Average(value))];

    private static string Percent(double value) => value.ToString("0 %", CultureInfo.InvariantCulture);

    private static string I(FormattableString text) => FormattableString.Invariant(text);

    private static void Line(StringBuilder page, string line = "") => page.Append(line).Append('\n');
}
