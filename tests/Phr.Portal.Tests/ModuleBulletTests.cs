using System.Reflection;

namespace Phr.Portal.Tests;

/// <summary>Every point of the modules has its browser test, and its row in the manual.</summary>
public sealed class ModuleBulletTests
{
    [Fact]
    public async Task Bullets_Each_HasOneBrowserTestAndItsRowInTheManual()
    {
        string[] manual = await File.ReadAllLinesAsync(RepositoryRoot.Combine("docs", "portal.md"));
        MethodInfo[] tests = [.. typeof(ModuleBulletTests).Assembly.GetTypes().SelectMany(type => type.GetMethods()).Where(method => method.GetCustomAttribute<FactAttribute>() is not null)];
        var faults = new List<string>();
        foreach ((string id, string words) in ModuleBullets.All)
        {
            MethodInfo[] mine = [.. tests.Where(method => method.Name.StartsWith($"{id}_", StringComparison.Ordinal))];
            if (mine.Length != 1)
            {
                faults.Add($"{id} has {mine.Length} tests.");
                continue;
            }

            string row = $"| {id} | {words} | `{mine[0].DeclaringType!.Name}.{mine[0].Name}` |";
            if (!manual.Contains(row))
            {
                faults.Add($"docs/portal.md lacks: {row}");
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }
}
