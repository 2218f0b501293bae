namespace Phr.Crypto.Tests.Keys;

/// <summary>A folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("phr-keys-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string[] Files => [.. Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
