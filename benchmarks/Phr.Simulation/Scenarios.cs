namespace Phr.Simulation;

/// <summary>The years that are played.</summary>
internal static class Scenarios
{
    private static readonly Conduct[] _everyKind = [Conduct.Absent, Conduct.Slow, Conduct.Wrong, Conduct.Turncoat, Conduct.Whitewasher, Conduct.Clique];

    public static Settings Mixed { get; } = new() { Name = "mixed", About = "A bad third of every kind, by the rules as they are.", Bad = _everyKind };

    public static IReadOnlyList<Settings> All { get; } =
    [
        Mixed,
        Mixed with { Name = "mixed, draws not weighted", About = "The same, were every oracle drawn alike.", Weighted = false },
        Mixed with { Name = "mixed, neither weighted nor disputed", About = "The same without any consequence: what a fixed list gives.", Weighted = false, Disputes = false },
        Mixed with { Name = "mixed, no disputes", About = "The same with reputation alone.", Disputes = false },
        Mixed with { Name = "mixed, settled at opening", About = "The same, if doctors settle as soon as they have opened.", SettleAtOpening = true },
        One("absent", "One third does not answer seven jobs in ten.", Conduct.Absent),
        One("absent, settled at opening", "The same, if doctors settle as soon as they have opened.", Conduct.Absent) with { SettleAtOpening = true },
        One("slow", "One third is late for seven jobs in ten.", Conduct.Slow),
        One("wrong", "One third delivers falsely seven times in ten; each is disputed, and posts a new bond after 30 days.", Conduct.Wrong),
        One("wrong, no disputes", "The same, punished by ratings alone.", Conduct.Wrong) with { Disputes = false },
        One("turncoat", "One third is honest for half a year, and wrong from then on.", Conduct.Turncoat),
        One("turncoat, no disputes", "The same, punished by ratings alone.", Conduct.Turncoat) with { Disputes = false },
        One("whitewash", "One third is wrong, and comes back under a new name 30 days after its record became worse than a newcomer's.", Conduct.Whitewasher),
        One("whitewash at once", "The same, if an agency admitted a new name within the hour.", Conduct.Whitewasher) with { Return = TimeSpan.FromHours(1) },
        One("clique", "One third serves the twentieth of the doctors who praise it, and leaves seven jobs in ten of the others undone.", Conduct.Clique),
    ];

    private static Settings One(string name, string about, Conduct conduct) => new() { Name = name, About = about, Bad = [conduct] };
}
