using System.Text.Json;

namespace Phr.Samples.FullFlow;

internal sealed record DocumentLine(string File, long Bytes, string Sha256, bool Equal);

internal sealed record TrailLine(ulong Entry, DateTimeOffset Time, IReadOnlyList<string> Events);

/// <summary>What a scenario gave, also as JSON.</summary>
internal sealed record ScenarioResult
{
    public static JsonSerializerOptions JsonOptions { get; } = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    public required string Scenario { get; init; }

    public required bool Ok { get; init; }

    public string? Failure { get; init; }

    public required double Seconds { get; init; }

    public required IReadOnlyList<string> Findings { get; init; }

    public required IReadOnlyList<DocumentLine> Documents { get; init; }

    public required IReadOnlyList<TrailLine> Trail { get; init; }

    public required IReadOnlyDictionary<string, long> Sizes { get; init; }

    public required IReadOnlyDictionary<string, double> Timings { get; init; }

    /// <summary>Gas by kind of command: how often, and the least, median and most. Null on the embedded ledger.</summary>
    public IReadOnlyDictionary<string, GasLine>? Gas { get; init; }

    public string? OpenedFolder { get; init; }
}
