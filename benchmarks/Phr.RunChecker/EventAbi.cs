using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Org.BouncyCastle.Crypto.Digests;

namespace Phr.RunChecker;

/// <summary>Reads the events that matter here out of logs, by the compiled contract's interface.</summary>
internal sealed class EventAbi
{
    private readonly Dictionary<string, (string Name, IReadOnlyList<(string Name, string Type, bool IsIndexed)> Inputs)> _events = [];

    private EventAbi()
    {
    }

    /// <summary>The first topics of the events that are read.</summary>
    public IEnumerable<string> Topics => _events.Keys;

    /// <summary>Reads a compiled contract's JSON.</summary>
    /// <param name="path">The file.</param>
    /// <param name="wanted">The events to read. All their arguments must be of plain types, or tuples of numbers.</param>
    public static EventAbi Load(string path, IReadOnlyCollection<string> wanted)
    {
        var abi = new EventAbi();
        using var contract = JsonDocument.Parse(File.ReadAllText(path));
        foreach (JsonElement entry in contract.RootElement.GetProperty("abi").EnumerateArray())
        {
            if (entry.GetProperty("type").GetString() != "event" || !wanted.Contains(entry.GetProperty("name").GetString()!))
            {
                continue;
            }

            string name = entry.GetProperty("name").GetString()!;
            JsonElement[] inputs = [.. entry.GetProperty("inputs").EnumerateArray()];
            abi._events.Add(TopicOf($"{name}({string.Join(',', inputs.Select(TypeOf))})"), (name, [.. inputs.SelectMany(Words)]));
        }

        string[] missing = [.. wanted.Except(abi._events.Values.Select(e => e.Name))];
        return missing.Length == 0 ? abi : throw new InvalidDataException($"{path} has no event {missing[0]}.");
    }

    /// <summary>Reads one log; null for an event of another kind.</summary>
    public SeenEvent? Read(IReadOnlyList<string> topics, string data)
    {
        if (topics.Count == 0 || !_events.TryGetValue(topics[0], out (string Name, IReadOnlyList<(string Name, string Type, bool IsIndexed)> Inputs) form))
        {
            return null;
        }

        byte[] bytes = Convert.FromHexString(data.AsSpan(2));
        var arguments = new Dictionary<string, string>();
        (int topic, int offset) = (1, 0);
        foreach ((string name, string type, bool isIndexed) in form.Inputs)
        {
            byte[] word = isIndexed ? Convert.FromHexString(topics[topic++].AsSpan(2)) : bytes[offset..(offset + 32)];
            offset += isIndexed ? 0 : 32;
            arguments.Add(name, type switch
            {
                "bytes" => Convert.ToHexStringLower(Tail(bytes, word)),
                "string" => Encoding.UTF8.GetString(Tail(bytes, word)),
                "bytes32" => Convert.ToHexStringLower(word),
                "address" => Convert.ToHexStringLower(word.AsSpan(12)),
                "bool" => word[31] == 1 ? "true" : "false",
                _ when type.StartsWith("uint", StringComparison.Ordinal) && !type.Contains('[', StringComparison.Ordinal) => new BigInteger(word, isUnsigned: true, isBigEndian: true).ToString(CultureInfo.InvariantCulture),
                _ => throw new InvalidDataException($"{form.Name} has an argument of type {type}, which is not read here."),
            });
        }

        return new SeenEvent(form.Name, arguments);
    }

    private static string TypeOf(JsonElement input) => input.GetProperty("type").GetString() switch
    {
        "tuple" => $"({string.Join(',', input.GetProperty("components").EnumerateArray().Select(TypeOf))})",
        var type => type!,
    };

    // A tuple of plain numbers lies in the data as its parts do, one after the other.
    private static IEnumerable<(string Name, string Type, bool IsIndexed)> Words(JsonElement input) => input.GetProperty("type").GetString() == "tuple"
        ? input.GetProperty("components").EnumerateArray().Select(part => ($"{input.GetProperty("name").GetString()}.{part.GetProperty("name").GetString()}", TypeOf(part), false))
        : [(input.GetProperty("name").GetString()!, TypeOf(input), input.GetProperty("indexed").GetBoolean())];

    private static byte[] Tail(byte[] data, byte[] offset)
    {
        int at = (int)new BigInteger(offset, isUnsigned: true, isBigEndian: true);
        int length = (int)new BigInteger(data.AsSpan(at, 32), isUnsigned: true, isBigEndian: true);
        return data[(at + 32)..(at + 32 + length)];
    }

    private static string TopicOf(string signature)
    {
        var digest = new KeccakDigest(256);
        byte[] hash = new byte[32];
        digest.BlockUpdate(Encoding.ASCII.GetBytes(signature));
        digest.DoFinal(hash, 0);
        return "0x" + Convert.ToHexStringLower(hash);
    }
}
