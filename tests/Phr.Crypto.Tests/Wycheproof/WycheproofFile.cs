using System.IO.Compression;
using System.Text.Json;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Wycheproof;

/// <summary>Project Wycheproof's cases; <c>tests/vectors/wycheproof/README.md</c> says where they come from.</summary>
internal static class WycheproofFile
{
    /// <summary>Every case of a file with its group. Fails when the file has another number of cases than it claims.</summary>
    public static IReadOnlyList<(JsonElement Group, JsonElement Test)> Cases(string file)
    {
        using var stream = new GZipStream(File.OpenRead(RepositoryRoot.Combine("tests", "vectors", "wycheproof", file)), CompressionMode.Decompress);
        JsonElement root = JsonDocument.Parse(stream).RootElement;
        List<(JsonElement Group, JsonElement Test)> cases = [];
        foreach (JsonElement group in root.GetProperty("testGroups").EnumerateArray())
        {
            cases.AddRange(group.GetProperty("tests").EnumerateArray().Select(test => (group, test)));
        }

        Assert.Equal(root.GetProperty("numberOfTests").GetInt32(), cases.Count);
        return cases;
    }

    public static byte[] Bytes(this JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);

    public static int Number(this JsonElement element, string name) => element.GetProperty(name).GetInt32();

    /// <summary><c>valid</c>, <c>invalid</c> or <c>acceptable</c>.</summary>
    public static string Result(this JsonElement test) => test.GetProperty("result").GetString()!;

    public static bool HasFlag(this JsonElement test, string flag) => test.GetProperty("flags").EnumerateArray().Any(f => f.GetString() == flag);

    public static string Name(this JsonElement test) => $"case {test.GetProperty("tcId")}: {test.GetProperty("comment").GetString()}";
}
