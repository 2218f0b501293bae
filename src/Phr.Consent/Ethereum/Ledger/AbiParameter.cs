using System.Collections.Immutable;
using System.Text.Json;

namespace Phr.Consent.Ethereum;

/// <summary>A parameter of a function or an event, or a member of a struct, with the names that the ABI alone does not carry.</summary>
/// <param name="Name">The name in Solidity.</param>
/// <param name="Type">The canonical type.</param>
/// <param name="Struct">The struct's name in Solidity, also of an array of structs; null for anything else.</param>
/// <param name="Components">The struct's members; else empty.</param>
/// <param name="IsIndexed">Whether an event's log has it as a topic.</param>
internal sealed record AbiParameter(string Name, AbiType Type, string? Struct, ImmutableArray<AbiParameter> Components, bool IsIndexed)
{
    public static ImmutableArray<AbiParameter> ReadAll(JsonElement parameters) => [.. parameters.EnumerateArray().Select(Read)];

    /// <summary>The tuple that the parameters are.</summary>
    public static string NameOf(ImmutableArray<AbiParameter> parameters) => "(" + string.Join(',', parameters.Select(p => p.Type.Name)) + ")";

    private static AbiParameter Read(JsonElement json)
    {
        string type = json.GetProperty("type").GetString()!;
        ImmutableArray<AbiParameter> components = json.TryGetProperty("components", out JsonElement members) ? ReadAll(members) : [];
        if (type.StartsWith("tuple", StringComparison.Ordinal))
        {
            type = NameOf(components) + type["tuple".Length..];
        }

        string? internalType = json.TryGetProperty("internalType", out JsonElement text) ? text.GetString() : null;
        string? name = internalType is not null && internalType.StartsWith("struct ", StringComparison.Ordinal) ? internalType["struct ".Length..].Split('[')[0].Split('.')[^1] : null;
        return new AbiParameter(
            json.GetProperty("name").GetString()!, AbiType.Parse(type), name, components, json.TryGetProperty("indexed", out JsonElement indexed) && indexed.GetBoolean());
    }
}
