using System.Diagnostics;
using Phr.TestSupport;

namespace Phr.Architecture.Tests;

/// <summary>The files of the repository: what git tracks or would track, or everything but build output where there is no git.</summary>
internal static class RepositoryFiles
{
    private static readonly string[] _output = ["bin", "obj", "artifacts", "node_modules", "TestResults", ".git", ".vs", ".idea"];

    private static readonly Lazy<string[]> _all = new(List);

    /// <summary>Paths relative to the root, with forward slashes.</summary>
    public static IReadOnlyList<string> All => _all.Value;

    public static string Read(string path) => File.ReadAllText(RepositoryRoot.Combine(path)).Replace("\r\n", "\n", StringComparison.Ordinal);

    private static string[] List() =>
        [.. (FromGit() ?? FromDisk()).Where(f => File.Exists(RepositoryRoot.Combine(f))).Distinct().Order(StringComparer.Ordinal)];

    private static IEnumerable<string>? FromGit()
    {
        var start = new ProcessStartInfo("git", ["-c", "core.quotePath=false", "ls-files", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = RepositoryRoot.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process git = Process.Start(start)!;
            git.ErrorDataReceived += static (_, _) => { };
            git.BeginErrorReadLine();
            string output = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries) : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static IEnumerable<string> FromDisk() =>
        Directory.EnumerateFiles(RepositoryRoot.Path, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(RepositoryRoot.Path, f).Replace(Path.DirectorySeparatorChar, '/'))
            .Where(f => !f.Split('/').Intersect(_output).Any());
}
