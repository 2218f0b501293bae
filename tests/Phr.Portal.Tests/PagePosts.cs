using System.Text.RegularExpressions;

namespace Phr.Portal.Tests;

/// <summary>Every form that a page takes, as the components have them: the page's route and the form's name, with # where an id stands.</summary>
internal static partial class PagePosts
{
    /// <summary>Route and name of every form of every page, those of the components in it among them.</summary>
    public static IReadOnlyList<(string Route, string Handler)> ReadAll()
    {
        Dictionary<string, string> sources = Directory.GetFiles(RepositoryRoot.Combine("samples", "Portal", "Components"), "*.razor", SearchOption.AllDirectories)
            .Where(file => !Path.GetFileName(file).StartsWith('_')).ToDictionary(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);
        var posts = new List<(string, string)>();
        foreach ((string name, string source) in sources)
        {
            foreach (string route in RoutePattern().Matches(source).Select(m => m.Groups[1].Value))
            {
                posts.AddRange(HandlersOf(name, sources, []).Select(handler => (route, handler)));
            }
        }

        return [.. posts.Distinct().OrderBy(p => p.Item1, StringComparer.Ordinal).ThenBy(p => p.Item2, StringComparer.Ordinal)];
    }

    /// <summary>A form's name without ids.</summary>
    public static string Plain(string handler) => IdPattern().Replace(handler, "-#");

    private static HashSet<string> HandlersOf(string name, IReadOnlyDictionary<string, string> sources, HashSet<string> seen)
    {
        var handlers = new HashSet<string>(StringComparer.Ordinal);
        if (!seen.Add(name))
        {
            return handlers;
        }

        string source = sources[name];
        foreach (Match match in HandlerPattern().Matches(source))
        {
            // A name that a component is given stands where it is used.
            if (match.Groups[1].Value is not "@Name")
            {
                handlers.Add(ExpressionPattern().Replace(match.Groups[1].Value.Replace("@($\"", string.Empty, StringComparison.Ordinal).Replace("\")", string.Empty, StringComparison.Ordinal), "#"));
            }
        }

        foreach (string used in TagPattern().Matches(source).Select(m => m.Groups[1].Value).Where(sources.ContainsKey).Distinct())
        {
            handlers.UnionWith(HandlersOf(used, sources, seen));
        }

        return handlers;
    }

    [GeneratedRegex("^@page \"([^\"]+)\"", RegexOptions.Multiline)]
    private static partial Regex RoutePattern();

    [GeneratedRegex("(?:@formname|FormName|<(?:ActionButton|ReviewForm) Name)=\"(@\\(\\$\"[^\"]*\"\\)|[^\"]+)\"")]
    private static partial Regex HandlerPattern();

    [GeneratedRegex("\\{[^}]*\\}")]
    private static partial Regex ExpressionPattern();

    [GeneratedRegex("<([A-Z][A-Za-z]+)")]
    private static partial Regex TagPattern();

    [GeneratedRegex("-(?:[0-9a-f]{32,}|[0-9]+|[A-Z]{3})$")]
    private static partial Regex IdPattern();
}
