using System.Reflection;
using Phr.TestSupport;

namespace Phr.Architecture.Tests;

/// <summary>The libraries, in the order in which they may see each other: each sees those before it and no other.</summary>
internal static class Libraries
{
    public static readonly string[] Names = ["Phr.Ml", "Phr.Crypto", "Phr.Records", "Phr.Storage", "Phr.Consent", "Phr.Fhir", "Phr.Oracle"];

    public static IEnumerable<Assembly> All => Names.Select(Assembly.Load);

    public static IEnumerable<Type> PublicTypes => All.SelectMany(a => a.GetExportedTypes());

    public static string AssemblyPath(string name) => Path.Combine(AppContext.BaseDirectory, name + ".dll");

    public static string SourceFolder(string name) => RepositoryRoot.Combine("src", name);

    public static IEnumerable<string> SourceFiles(string name, params string[] folder)
    {
        string root = Path.Combine([SourceFolder(name), .. folder]);
        return Directory.Exists(root)
            ? Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories).Where(f => !IsBuildOutput(Path.GetRelativePath(SourceFolder(name), f)))
            : [];
    }

    private static bool IsBuildOutput(string relative) =>
        relative.Split(Path.DirectorySeparatorChar) is ["bin", ..] or ["obj", ..];
}
