namespace Phr.Simulation;

/// <summary>One simulated year: who takes part, and by which rules.</summary>
internal sealed record Settings
{
    public required string Name { get; init; }

    /// <summary>What it shows, in a sentence.</summary>
    public required string About { get; init; }

    /// <summary>The conducts among which the bad oracles are shared out evenly.</summary>
    public required IReadOnlyList<Conduct> Bad { get; init; }

    public int Oracles { get; init; } = 1000;

    public double BadShare { get; init; } = 1.0 / 3;

    public int Days { get; init; } = 365;

    public int RequestsPerDay { get; init; } = 200;

    public int Seats { get; init; } = 5;

    public int Threshold { get; init; } = 3;

    /// <summary>Whether draws go by reputation; otherwise every oracle weighs the same.</summary>
    public bool Weighted { get; init; } = true;

    /// <summary>Whether false deliveries are disputed: the bond is gone, and with it the seat, until it is posted anew.</summary>
    public bool Disputes { get; init; } = true;

    /// <summary>Whether requests are settled as soon as they are opened; otherwise when the deadline is over or everyone has answered.</summary>
    public bool SettleAtOpening { get; init; }

    /// <summary>How long it takes until a slashed oracle has a bond again, or a new name its admission.</summary>
    public TimeSpan Return { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The share of requests whose doctor belongs to the ring of the clique.</summary>
    public double Friends { get; init; } = 0.05;
}
