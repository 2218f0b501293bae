using System.Text.Json;
using System.Text.Json.Serialization;
using Phr.Benchmarks.Measuring;

namespace Phr.Benchmarks.Sections;

/// <summary>Where a section's results go: a JSON file each below <c>raw</c>, which the report reads.</summary>
internal sealed class ResultFolder(string path)
{
    private static readonly JsonSerializerOptions _options = new() { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    public string Path => path;

    public void Write<T>(string section, T results)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(FileOf(section))!);
        File.WriteAllText(FileOf(section), JsonSerializer.Serialize(results, _options) + "\n");
    }

    /// <summary>What a section has left, or null.</summary>
    public T? Read<T>(string section)
        where T : class => File.Exists(FileOf(section)) ? JsonSerializer.Deserialize<T>(File.ReadAllText(FileOf(section)), _options) : null;

    private string FileOf(string section) => System.IO.Path.Combine(path, "raw", section + ".json");
}

/// <summary>What the sections of one run share.</summary>
internal sealed record RunContext(Effort Effort, ResultFolder Results, string? Peers, string Only = "")
{
    public static void Progress(string line) => Console.Error.WriteLine($"[{DateTime.UtcNow:HH:mm:ss}] {line}");
}
