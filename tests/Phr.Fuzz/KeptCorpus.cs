using Phr.TestSupport;

namespace Phr.Fuzz;

/// <summary>Where the inputs are that are kept and replayed by the tests.</summary>
internal static class KeptCorpus
{
    public static string Folder => RepositoryRoot.Combine("tests", "vectors", "fuzz");

    public static string PathOf(string target) => Path.Combine(Folder, target + ".br");
}
