using System.Text.Json;
using System.Text.Json.Serialization;

namespace Phr.RunChecker;

/// <summary>All that a run is judged by: the chain as it was seen, the objects that the stores have, what lies in the doctors' folders, and what the driver says.</summary>
internal sealed record Recording
{
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = false, Converters = { new JsonStringEnumConverter() } };

    /// <summary>Blocks in the order in which they were seen, those without an event of interest left out unless one of them took another's place.</summary>
    public required IReadOnlyList<SeenBlock> Blocks { get; init; }

    /// <summary>The time of the last block.</summary>
    public required long EndTime { get; init; }

    /// <summary>Of each sealed delivery that the ledger names (SHA-256): whether a store has bytes with that digest.</summary>
    public required IReadOnlyDictionary<string, bool> Objects { get; init; }

    /// <summary>Files by the doctors' folders: name, and SHA-256 of the content.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Folders { get; init; }

    /// <summary>What the driver says.</summary>
    public required RunFacts Facts { get; init; }

    public static Recording Load(string path) =>
        JsonSerializer.Deserialize<Recording>(File.ReadAllText(path), _json) ?? throw new InvalidDataException($"{path} holds no recording.");

    public static RunFacts LoadFacts(string path) =>
        JsonSerializer.Deserialize<RunFacts>(File.ReadAllText(path), _json) ?? throw new InvalidDataException($"{path} holds no facts.");

    public void Save(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, _json));
}
