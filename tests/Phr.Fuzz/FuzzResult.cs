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
}
