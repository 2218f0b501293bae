namespace Phr.RunChecker;

/// <summary>What is wrong with a run, and its numbers.</summary>
internal sealed record Verdict(IReadOnlyList<Finding> Findings, Tally Tally);

/// <summary>The numbers of a run, counted on the chain.</summary>
internal sealed record Tally
{
    public int Requests { get; init; }

    public int Approvals { get; init; }

    public int Grants { get; init; }

    public int TakenBack { get; init; }

    /// <summary>Requests whose time was over before they were granted.</summary>
    public int Expired { get; init; }

    public int Denied { get; init; }

    public int Deliveries { get; init; }

    public int Refusals { get; init; }

    public int Redraws { get; init; }

    public int Opened { get; init; }

    /// <summary>Times that blocks were replaced by others.</summary>
    public int Branches { get; init; }

    /// <summary>Deliveries in blocks that were replaced; each must have come again.</summary>
    public int DeliveriesTakenAway { get; init; }

    public required IReadOnlyDictionary<string, int> Faults { get; init; }

    /// <summary>Seconds from a final grant to a delivery, by the blocks' times.</summary>
    public long MedianDelay { get; init; }

    public long LongDelay { get; init; }

    public long LongestDelay { get; init; }

    public string Write()
    {
        (string Name, string Value)[] rows =
        [
            ("requests", $"{Requests}"),
            ("approvals and consents", $"{Approvals}"),
            ("grants", $"{Grants}"),
            ("taken back (revoked, vetoed, cancelled)", $"{TakenBack}"),
            ("denied", $"{Denied}"),
            ("expired without a grant", $"{Expired}"),
            ("deliveries", $"{Deliveries}"),
            ("refusals", $"{Refusals}"),
            ("committees drawn again", $"{Redraws}"),
            ("requests opened by their doctors", $"{Opened}"),
            .. Faults.Select(f => ($"fault: {f.Key}", $"{f.Value}")),
            ("times that blocks with events of requests were replaced", $"{Branches}"),
            ("deliveries in replaced blocks, made again", $"{DeliveriesTakenAway}"),
            ("from final grant to delivery: median", $"{MedianDelay} s"),
            ("from final grant to delivery: 99 %", $"{LongDelay} s"),
            ("from final grant to delivery: longest", $"{LongestDelay} s"),
        ];
        return "| what | count |\n| --- | ---: |\n" + string.Concat(rows.Select(row => $"| {row.Name} | {row.Value} |\n"));
    }
}
