namespace Phr.Storage.Tests;

/// <summary>A folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = System.IO.Directory.CreateTempSubdirectory("phr-storage-").FullName;

    public void Dispose() => System.IO.Directory.Delete(Path, recursive: true);
}
