using System.Net;
using System.Text.RegularExpressions;

namespace Phr.Portal.Tests;

/// <summary>Every page that somebody comes to by following links from their room, and what is wrong with the way.</summary>
/// <param name="Pages">The pages, by address.</param>
/// <param name="Files">The addresses of what is no page: documents, pictures, tables.</param>
/// <param name="Faults">What was wrong: dead links, pages without title or heading, errors.</param>
internal sealed partial record Crawl(IReadOnlyDictionary<string, string> Pages, IReadOnlyList<string> Files, IReadOnlyList<string> Faults)
{
    private const int MostOfAShape = 3;
    private const int MostPages = 200;

    /// <summary>The forms of all pages, each shape once.</summary>
    public IReadOnlyList<PageForm> Forms => [.. Pages.SelectMany(page => PageForm.ReadAll(page.Key, page.Value)).DistinctBy(form => form.Shape)];

    public static async Task<Crawl> RunAsync(Visitor visitor, params string[] starts)
    {
        var pages = new Dictionary<string, string>(StringComparer.Ordinal);
        var files = new List<string>();
        var faults = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var shapes = new Dictionary<string, int>(StringComparer.Ordinal);
        var waiting = new Queue<(string From, string To)>(starts.Select(start => ("the start", start)));
        while (waiting.TryDequeue(out (string From, string To) link) && seen.Count < MostPages)
        {
            string shape = IdPattern().Replace(link.To, "#");
            if (!seen.Add(link.To) || (shapes[shape] = shapes.GetValueOrDefault(shape) + 1) > MostOfAShape)
            {
                continue;
            }

            using HttpResponseMessage response = await visitor.GetAsync(link.To);
            if (response.StatusCode == HttpStatusCode.Found)
            {
                string there = response.Headers.Location!.IsAbsoluteUri ? response.Headers.Location.PathAndQuery : response.Headers.Location.OriginalString;
                waiting.Enqueue((link.To, there));
                continue;
            }

            if (response.StatusCode != HttpStatusCode.OK)
            {
                faults.Add($"{link.From} leads to {link.To}: {(int)response.StatusCode}");
                continue;
            }

            if (response.Content.Headers.ContentType?.MediaType != "text/html")
            {
                files.Add(link.To);
                continue;
            }

            string html = await response.Content.ReadAsStringAsync();
            pages[link.To] = html;
            if (FaultOf(html) is { } fault)
            {
                faults.Add($"{link.To}: {fault}");
            }

            string[] links = [.. LinkPattern().Matches(html).Select(found => WebUtility.HtmlDecode(found.Groups[1].Value)), .. ExportPattern().Matches(html).Select(found => WebUtility.HtmlDecode($"{found.Groups[1].Value}?{found.Groups[2].Value}={found.Groups[3].Value}"))];
            foreach (string to in links.Select(found => found.Split('#')[0]))
            {
                if (to.Length > 0 && to[0] == '/')
                {
                    waiting.Enqueue((link.To, to));
                }
                else if (to.Length > 0 && !to.StartsWith("otpauth:", StringComparison.Ordinal))
                {
                    faults.Add($"{link.To} leads elsewhere: {to}");
                }
            }
        }

        return new Crawl(pages, files, faults);
    }

    private static string? FaultOf(string html)
    {
        if (string.IsNullOrWhiteSpace(TitlePattern().Match(html).Groups[1].Value))
        {
            return "it has no title";
        }

        int headings = HeadingPattern().Count(html);
        if (headings != 1)
        {
            return $"it has {headings} first headings";
        }

        // A way on: something to press or follow in the page itself, or a menu.
        string main = MainPattern().Match(html).Value;
        return main.Length == 0 ? "it has no content"
            : !html.Contains("<nav class=\"menu\"", StringComparison.Ordinal) && !WayPattern().IsMatch(main) ? "there is no way on from it"
            : null;
    }

    [GeneratedRegex("[0-9a-f]{12,}|[0-9]+")]
    private static partial Regex IdPattern();

    [GeneratedRegex("\\s(?:href|src)=\"([^\"]*)\"")]
    private static partial Regex LinkPattern();

    // A button of a question, not of a form that changes something.
    [GeneratedRegex("<button\\b[^>]*\\sformaction=\"([^\"]*)\" name=\"([^\"]*)\" value=\"([^\"]*)\"")]
    private static partial Regex ExportPattern();

    [GeneratedRegex("<title>([^<]*)</title>")]
    private static partial Regex TitlePattern();

    [GeneratedRegex("<h1[\\s>]")]
    private static partial Regex HeadingPattern();

    [GeneratedRegex("<main.*</main>", RegexOptions.Singleline)]
    private static partial Regex MainPattern();

    [GeneratedRegex("<a\\s[^>]*href=|<button")]
    private static partial Regex WayPattern();
}
