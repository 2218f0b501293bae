using System.Text.Json;

namespace Phr.Ml.Benchmarks;

/// <summary>What the sections share: where results go, where data are, and the peer, if there is one.</summary>
internal sealed record Run(Effort Effort, string Results, string? Data, Peer? Peer)
{
    /// <summary>The sets whose quality is measured; none for all.</summary>
    public IReadOnlyList<string> Sets { get; init; } = [];

    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public string RawFile(string name) => Path.Combine(Results, "ml", name);

    public void Save<T>(string name, T value) => File.WriteAllText(RawFile(name), JsonSerializer.Serialize(value, _json) + "\n");

    public T? Load<T>(string name) => File.Exists(RawFile(name)) ? JsonSerializer.Deserialize<T>(File.ReadAllText(RawFile(name)), _json) : default;

    public static void Progress(string text) => Console.Error.WriteLine(text);
}
