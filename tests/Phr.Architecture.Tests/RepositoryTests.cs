using System.Text;
using Phr.TestSupport;

namespace Phr.Architecture.Tests;

/// <summary>Rules about the files themselves.</summary>
public sealed class RepositoryTests
{
    // Put together here, so that this file does not hold what it looks for. Folders of one machine, and the address of a
    // package source, which belongs to the machine's configuration and not to the project.
    private static readonly string[] _foreign =
    [
        "/wor" + "k/", "/tmp" + "/wt", "/tmp" + "/phr/", ".lib" + "rary/", "far" + "m-", "/ho" + "me/", "C:\\Use" + "rs", "api.nu" + "get.org",
    ];

    [Fact]
    public void Files_Text_SpeaksOfNoMachine()
    {
        string[] offenders =
        [
            .. from file in RepositoryFiles.All
               where !IsBinary(file)
               let text = RepositoryFiles.Read(file)
               from word in _foreign
               where text.Contains(word, StringComparison.Ordinal)
               select $"{file}: {word}",
        ];

        Assert.Empty(offenders);
    }

    [Fact]
    public void ApiFiles_EveryLibrary_AreCommitted() =>
        Assert.All(Libraries.Names, name =>
        {
            Assert.Contains($"src/{name}/PublicAPI.Shipped.txt", RepositoryFiles.All);
            Assert.Contains($"src/{name}/PublicAPI.Unshipped.txt", RepositoryFiles.All);
            Assert.Contains($"src/{name}/README.md", RepositoryFiles.All);
        });

    [Fact]
    public void Decisions_Records_AreNumberedAndHaveTheirParts()
    {
        string[] records = [.. RepositoryFiles.All.Where(f => f.StartsWith("docs/adr/0", StringComparison.Ordinal))];
        Assert.NotEmpty(records);
        Assert.Distinct(records.Select(r => Path.GetFileName(r)[..4]));
        string index = RepositoryFiles.Read("docs/adr/README.md");
        Assert.All(records, record =>
        {
            string text = RepositoryFiles.Read(record);
            Assert.All((string[])["Status:", "Date:", "## Context", "## Decision", "## Consequences", "## What would change our mind"], part => Assert.Contains(part, text, StringComparison.Ordinal));
            Assert.Contains($"({Path.GetFileName(record)})", index, StringComparison.Ordinal);
        });
    }

    private static bool IsBinary(string file)
    {
        using FileStream stream = File.OpenRead(RepositoryRoot.Combine(file));
        Span<byte> head = stackalloc byte[8000];
        int read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        return head[..read].Contains((byte)0);
    }
}
