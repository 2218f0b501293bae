using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Envelopes;

/// <summary>The file <c>tests/vectors/envelopes/open.json</c>.</summary>
internal sealed record EnvelopeVectorFile(string About, IReadOnlyList<EnvelopeVector> Cases)
{
    private static readonly JsonSerializerOptions _json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Path => RepositoryRoot.Combine("tests", "vectors", "envelopes", "open.json");

    public static EnvelopeVectorFile Read() => JsonSerializer.Deserialize<EnvelopeVectorFile>(File.ReadAllText(Path), _json)!;

    public string ToJson() => JsonSerializer.Serialize(this, _json) + "\n";
}

/// <summary>One scenario: what an opener is given, and how it must end. Byte strings are in hexadecimal.</summary>
internal sealed record EnvelopeVector
{
    public required string Name { get; init; }

    public required string About { get; init; }

    /// <summary><c>ok</c>, or the reason of the refusal.</summary>
    public required string Expect { get; init; }

    /// <summary>Which check refuses: length, capsule, commitment, tag or padding.</summary>
    public string? Stage { get; init; }

    public required string RecipientSecret { get; init; }

    public required string SenderId { get; init; }

    public required string SenderKey { get; init; }

    public required string Context { get; init; }

    public required string Envelope { get; init; }

    /// <summary>What must come out.</summary>
    public string? Plaintext { get; init; }

    /// <summary>Values on the way, for someone who looks for a mistake.</summary>
    public SortedDictionary<string, string>? Inner { get; init; }
}
