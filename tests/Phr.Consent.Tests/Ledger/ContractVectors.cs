using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Phr.TestSupport;

namespace Phr.Consent.Tests.Ledger;

/// <summary>Files below <c>contracts/test/vectors</c> that the model writes and forge replays.</summary>
internal static class ContractVectors
{
    private static readonly JsonSerializerOptions _options = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Compares what the model says now with the committed file; with <c>PHR_WRITE_VECTORS=1</c> writes that first.</summary>
    public static void Compare(string file, string expected)
    {
        string path = RepositoryRoot.Combine("contracts", "test", "vectors", file);
        if (Environment.GetEnvironmentVariable("PHR_WRITE_VECTORS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, expected);
        }

        Assert.Equal(File.ReadAllText(path), expected);
    }

    public static string ToJson<T>(T vectors) => (vectors is JsonNode node ? node.ToJsonString(_options) : JsonSerializer.Serialize(vectors, _options)) + "\n";

    /// <summary>Numbers as the contract's words, one after the other.</summary>
    public static string Words(params BigInteger[] words) =>
        words.Aggregate(new StringBuilder("0x"), (text, word) => text.Append(word.ToString("x64", CultureInfo.InvariantCulture)[^64..])).ToString();

    /// <summary>Lehmer's generator: the same numbers on every machine.</summary>
    /// <param name="seed">The first state.</param>
    /// <param name="divisor">What the state is divided by before it is taken below a bound.</param>
    public sealed class Lehmer(ulong seed, ulong divisor = 1)
    {
        private ulong _state = seed;

        public int Below(int bound)
        {
            _state = _state * 48_271 % 2_147_483_647;
            return (int)(_state / divisor % (ulong)bound);
        }
    }
}
