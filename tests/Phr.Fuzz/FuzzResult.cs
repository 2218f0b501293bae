namespace Phr.Fuzz;

/// <summary>What came of fuzzing one target.</summary>
internal sealed record FuzzResult
{
    public required string Target { get; init; }

    public required long Executions { get; init; }

    public required double Seconds { get; init; }

    public required int Edges { get; init; }

    public required int SeedEdges { get; init; }

    public required int CorpusInputs { get; init; }

    public required int KeptInputs { get; init; }

    public required long Accepted { get; init; }

    public required double SlowestMilliseconds { get; init; }

    public required int Crashes { get; init; }

    /// <summary>What came of several runs of one target, in their order, each of which began with the inputs that the one before kept.</summary>
    public static FuzzResult Sum(IReadOnlyList<FuzzResult> runs) => runs[^1] with
    {
        Executions = runs.Sum(r => r.Executions),
        Seconds = runs.Sum(r => r.Seconds),
        Edges = runs.Max(r => r.Edges),
        SeedEdges = runs[0].SeedEdges,
        Accepted = runs.Sum(r => r.Accepted),
        SlowestMilliseconds = runs.Max(r => r.SlowestMilliseconds),
        Crashes = runs.Sum(r => r.Crashes),
    };
}
