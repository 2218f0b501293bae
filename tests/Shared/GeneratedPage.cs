namespace Phr.TestSupport;

/// <summary>Pages of which a part is what a test measured.</summary>
internal static class GeneratedPage
{
    private const string End = "<!-- end -->";

    /// <summary>Compares a part of a page with what was measured; with <c>PHR_UPDATE_DOCS=1</c> puts that in its place.</summary>
    /// <param name="file">The page. It says where a part is: between a line with its name in a comment and one with "end".</param>
    /// <param name="name">The part's name.</param>
    /// <param name="measured">What should stand there, with a line feed at its end.</param>
    public static void Compare(string file, string name, string measured)
    {
        string page = File.ReadAllText(file);
        string begin = $"<!-- {name} -->\n";
        int from = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        int to = from < begin.Length ? -1 : page.IndexOf(End, from, StringComparison.Ordinal);
        Assert.True(to > 0, $"{file} has no place for \"{name}\".");
        if (Environment.GetEnvironmentVariable("PHR_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(file, page[..from] + measured + page[to..]);
        }
        else
        {
            Assert.Equal(page[from..to], measured);
        }
    }
}
