using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Bundles;

/// <summary>One file of tests/vectors/bundle: what it is about, and its cases.</summary>
internal sealed record BundleVectorFile(string About, string PatientRecoverySecret, IReadOnlyList<BundleVector> Cases)
{
    private static readonly JsonSerializerOptions _json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Folder => RepositoryRoot.Combine("tests", "vectors", "bundle");

    public static BundleVectorFile Read(string name) => Read(name, Folder);

    public static BundleVectorFile Read(string name, string folder) =>
        JsonSerializer.Deserialize<BundleVectorFile>(File.ReadAllText(Path.Combine(folder, name + ".json")), _json)!;

    public string ToJson() => JsonSerializer.Serialize(this, _json) + "\n";
}

/// <summary>One scenario. <see cref="Expect"/> is <c>ok</c>, or the reason for which the stage must refuse.</summary>
internal sealed record BundleVector
{
    public required string Name { get; init; }

    public required string About { get; init; }

    public required string Expect { get; init; }

    public string? Stage { get; init; }

    /// <summary>The input, in hexadecimal: a header, a proof, a source signature.</summary>
    public string? Input { get; init; }

    /// <summary>Or the input as part of a file, with changes.</summary>
    public BundleVectorPart? Base { get; init; }

    public IReadOnlyList<BundleVectorEdit>? Edits { get; init; }

    /// <summary>The header that goes with an object, in hexadecimal.</summary>
    public string? Header { get; init; }

    /// <summary>Which document of the header.</summary>
    public int? Document { get; init; }

    /// <summary>The root against which a proof is checked.</summary>
    public string? Root { get; init; }

    /// <summary>What must come out, by name; byte strings in hexadecimal.</summary>
    public SortedDictionary<string, string>? Result { get; init; }

    public byte[] Bytes(Func<string, byte[]> read)
    {
        byte[] bytes = Base is { } part ? part.Bytes(read) : Convert.FromHexString(Input!);
        foreach (BundleVectorEdit edit in Edits ?? [])
        {
            byte[] insert = edit.Copy is { } copy ? copy.Bytes(read) : Convert.FromHexString(edit.Insert ?? "");
            bytes = [.. bytes[..edit.At], .. insert, .. bytes[(edit.At + edit.Delete)..]];
        }

        return bytes;
    }
}

/// <summary>Bytes of a file in the vectors' folder; all of it when no length is given.</summary>
internal sealed record BundleVectorPart(string File, int Offset = 0, int? Length = null)
{
    public byte[] Bytes(Func<string, byte[]> read) => Length is { } length ? read(File)[Offset..(Offset + length)] : read(File)[Offset..];
}

/// <summary>Removes bytes and puts others in their place; edits are made one after the other.</summary>
internal sealed record BundleVectorEdit(int At, int Delete = 0, string? Insert = null, BundleVectorPart? Copy = null);
