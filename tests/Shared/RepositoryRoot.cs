namespace Phr.TestSupport;

/// <summary>Finds the working copy that the running tests were built from.</summary>
internal static class RepositoryRoot
{
    private const string Marker = "Phr.Crypto.sln";

    private static readonly Lazy<string> _path = new(Find);

    /// <summary>The folder that holds <c>Phr.Crypto.sln</c>, as a full path.</summary>
    public static string Path => _path.Value;

    /// <summary>A full path to <paramref name="parts"/> below the root.</summary>
    public static string Combine(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    private static string Find()
    {
        foreach (string start in (string[])[AppContext.BaseDirectory, Directory.GetCurrentDirectory()])
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(System.IO.Path.Combine(folder.FullName, Marker)))
                {
                    return folder.FullName;
                }
            }
        }

        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds {Marker}; run the tests from a working copy.");
    }
}
