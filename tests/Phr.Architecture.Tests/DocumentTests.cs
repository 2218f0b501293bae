using System.Text.RegularExpressions;
using Phr.TestSupport;

namespace Phr.Architecture.Tests;

/// <summary>The documents: links lead somewhere, code that is shown is code that runs, and every test that a page names exists.</summary>
public sealed partial class DocumentTests
{
    private static readonly Lazy<string[]> _tests = new(() =>
        [.. RepositoryFiles.All.Where(f => f.StartsWith("tests/", StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal)).Select(RepositoryFiles.Read)]);

    public static TheoryData<string> Pages => [.. RepositoryFiles.All.Where(f => f.EndsWith(".md", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_Relative_LeadToAFileAndAHeading(string page)
    {
        string folder = Path.GetDirectoryName(RepositoryRoot.Combine(page))!;
        foreach (Match link in Link().Matches(WithoutCode(RepositoryFiles.Read(page))))
        {
            string target = link.Groups[1].Value;
            if (Uri.TryCreate(target, UriKind.Absolute, out Uri? uri) && !uri.IsFile)
            {
                continue;
            }

            string[] parts = target.Split('#', 2);
            string path = parts[0].Length == 0 ? RepositoryRoot.Combine(page) : Path.GetFullPath(Path.Combine(folder, Uri.UnescapeDataString(parts[0])));
            Assert.True(path.StartsWith(RepositoryRoot.Path, StringComparison.Ordinal), $"{page}: {target} leaves the repository.");
            Assert.True(File.Exists(path) || Directory.Exists(path), $"{page}: {target} leads nowhere.");
            if (parts.Length == 2)
            {
                Assert.Contains(parts[1], Anchors(File.ReadAllText(path)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Snippets_Code_EqualsARegionOfATest(string page)
    {
        string text = RepositoryFiles.Read(page);
        foreach (Match snippet in Snippet().Matches(text))
        {
            string name = snippet.Groups["name"].Value;
            Match region = Assert.Single(_tests.Value.Select(t => Regex.Match(t, $@"^[ ]*#region {Regex.Escape(name)}\s*\n(?<code>.*?)^[ ]*#endregion", RegexOptions.Singleline | RegexOptions.Multiline)), m => m.Success);
            Assert.Equal(Normal(region.Groups["code"].Value), Normal(WithoutUsings(snippet.Groups["code"].Value)));
        }

        Assert.Equal(SnippetMarker().Count(text), Snippet().Count(text));
    }

    [Fact]
    public void Readme_TenLines_AreThere() =>
        Assert.Contains("<!-- snippet: ten-lines -->", RepositoryFiles.Read("README.md"), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Pages))]
    public void TestNames_OnPages_Exist(string page)
    {
        string[] missing = [.. TestName().Matches(RepositoryFiles.Read(page)).Where(m => !TestExists(m.Groups["type"].Value, m.Groups["method"].Value)).Select(m => m.Value).Distinct()];
        string[] strange = [.. Story().Matches(RepositoryFiles.Read(page)).Select(m => m.Groups["name"].Value).Where(n => n != "all" && !StoryExists(n)).Distinct()];

        Assert.True(missing.Length == 0 && strange.Length == 0, $"{page} names tests or stories that do not exist: {string.Join(", ", missing.Concat(strange))}");
    }

    [Fact]
    public void Claims_Rows_NameATestOrSayLater()
    {
        string[] rows = [.. RepositoryFiles.Read("docs/claims.md").Split('\n').Where(l => l.StartsWith("| T", StringComparison.Ordinal))];

        Assert.Equal(Enumerable.Range(1, 44).Select(i => $"T{i}"), rows.Select(r => Cells(r)[0]));
        Assert.All(rows, row =>
        {
            string[] cells = Cells(row);
            Assert.Equal(4, cells.Length);
            Assert.True(NamesATest(cells[3]) || cells[3].StartsWith("later", StringComparison.Ordinal), $"no test and no \"later\": {row}");
        });
    }

    [Fact]
    public void Protocol_Rules_NameATestOrSayNotBuiltYet()
    {
        string text = RepositoryFiles.Read("docs/protocol.md");
        for (int rule = 1; rule <= 22; rule++)
        {
            Match section = Regex.Match(text, $@"^### {rule}\. .*?(?=^##|\z)", RegexOptions.Singleline | RegexOptions.Multiline);
            Assert.True(section.Success, $"rule {rule} has no section.");
            Assert.True(NamesATest(section.Value) || section.Value.Contains("not built yet", StringComparison.OrdinalIgnoreCase), $"rule {rule} names no test.");
        }
    }

    [Fact]
    public void ThreatModel_CoalitionTable_NamesATestInEveryRow()
    {
        string text = RepositoryFiles.Read("docs/threat-model.md");
        string table = Regex.Match(text, @"^## What each coalition gets.*?(?=^## |\z)", RegexOptions.Singleline | RegexOptions.Multiline).Value;
        string[] rows = [.. table.Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Skip(2)];

        Assert.Equal(5, rows.Length);
        Assert.All(rows, row => Assert.True(NamesATest(row) || row.Contains("not built yet", StringComparison.OrdinalIgnoreCase), row));
    }

    [Fact]
    public void ThreatModel_AttackerTable_HasEveryAttackerWithATest()
    {
        string text = RepositoryFiles.Read("docs/threat-model.md");
        string table = Regex.Match(text, @"^## Attacker by attacker.*?(?=^## |\z)", RegexOptions.Singleline | RegexOptions.Multiline).Value;
        string[] rows = [.. table.Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Skip(2)];
        string[] attackers =
        [
            "network", "storage node", "one oracle", "fewer than `m` oracles", "`m` oracles", "below the policy", "satisfy the policy", "laptop",
            "malicious dealer", "malicious trustee", "ledger's database", "block producer", "insurer", "portal",
        ];

        Assert.All(attackers, attacker => Assert.Contains(rows, r => Cells(r)[0].Contains(attacker, StringComparison.Ordinal)));
        Assert.All(rows, row => Assert.True(NamesATest(row) || row.Contains("not built yet", StringComparison.Ordinal), row));
    }

    private static bool NamesATest(string text) => TestName().IsMatch(text) || Story().IsMatch(text);

    private static bool StoryExists(string name) =>
        Directory.GetFiles(RepositoryRoot.Combine("samples", "FullFlow"), "*.cs").Any(f => File.ReadAllText(f).Contains($"\"{name}\"", StringComparison.Ordinal));

    private static bool TestExists(string type, string method) =>
        _tests.Value.Any(t => Regex.IsMatch(t, $@"\bclass {Regex.Escape(type)}\b") && Regex.IsMatch(t, $@"\b{Regex.Escape(method)}\s*\("));

    private static string[] Cells(string row) => [.. row.Trim().Trim('|').Split('|').Select(c => c.Trim())];

    private static HashSet<string> Anchors(string markdown) =>
        [.. Heading().Matches(WithoutCode(markdown)).Select(m => Regex.Replace(m.Groups[1].Value.Trim().ToLowerInvariant(), @"[^\w\- ]", "").Replace(' ', '-'))];

    private static string WithoutCode(string markdown) => InlineCode().Replace(CodeBlock().Replace(markdown, ""), "");

    private static string WithoutUsings(string code) => UsingDirective().Replace(code, "");

    private static string Normal(string code)
    {
        string[] lines = [.. code.Replace("\r", "", StringComparison.Ordinal).Split('\n').Select(l => l.TrimEnd())];
        int indent = lines.Where(l => l.Length > 0).Select(l => l.Length - l.TrimStart().Length).DefaultIfEmpty(0).Min();
        return string.Join('\n', lines.Select(l => l.Length == 0 ? l : l[indent..])).Trim('\n');
    }

    [GeneratedRegex(@"(?<!!)\[[^\]]*\]\(([^)\s]+)(?:\s+""[^""]*"")?\)|!\[[^\]]*\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^<!-- snippet: (?<name>[\w-]+) -->\s*```csharp\n(?<code>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Snippet();

    [GeneratedRegex("^<!-- snippet: ", RegexOptions.Multiline)]
    private static partial Regex SnippetMarker();

    [GeneratedRegex(@"(?<type>\b[A-Z]\w*(Tests|Contract|Examples))\.(?<method>[A-Z]\w*_\w+)")]
    private static partial Regex TestName();

    [GeneratedRegex("`FullFlow --scenario (?<name>[a-z-]+)`")]
    private static partial Regex Story();

    [GeneratedRegex(@"^#{1,6} (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("`[^`\n]*`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"^using (static )?[\w.]+;[ ]*\n", RegexOptions.Multiline)]
    private static partial Regex UsingDirective();
}
