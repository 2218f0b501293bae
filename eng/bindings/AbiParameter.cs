using System.Text;
using System.Text.Json.Nodes;

namespace Phr.Bindings;

/// <summary>A parameter of the ABI: its canonical type, the C# type for it, and the expressions that convert between the two.</summary>
internal sealed class AbiParameter
{
    private readonly string _type;
    private readonly JsonArray _components;
    private readonly string? _internalType;

    public AbiParameter(JsonNode json)
    {
        Name = (string?)json["name"] ?? "";
        IsIndexed = (bool?)json["indexed"] ?? false;
        _type = (string)json["type"]!;
        _components = json["components"]?.AsArray() ?? [];
        _internalType = (string?)json["internalType"];
    }

    private AbiParameter(string name, string type, JsonArray components, string? internalType)
    {
        Name = name;
        _type = type;
        _components = components;
        _internalType = internalType;
    }

    public string Name { get; }

    public bool IsIndexed { get; }

    public bool IsArray => _type.EndsWith(']');

    public bool IsTuple => _type == "tuple";

    /// <summary>Whether a topic holds only the hash when the parameter is indexed.</summary>
    public bool IsHashedWhenIndexed => IsArray || IsTuple || _type is "bytes" or "string";

    public AbiParameter Element => new(Name, _type[.._type.LastIndexOf('[')], _components, _internalType is { } i && i.EndsWith(']') ? i[..i.LastIndexOf('[')] : null);

    public IEnumerable<AbiParameter> Components => _components.Select(c => new AbiParameter(c!));

    /// <summary>The type as signatures write it: <c>(uint64,bytes)[]</c>.</summary>
    public string CanonicalType => IsArray ? Element.CanonicalType + _type[_type.LastIndexOf('[')..] : IsTuple ? "(" + string.Join(',', Components.Select(c => c.CanonicalType)) + ")" : _type;

    /// <summary>The name of the record for a struct: <c>struct Types.Facts</c> is FactsStruct.</summary>
    public string StructName => _internalType is { } i && i.StartsWith("struct ", StringComparison.Ordinal)
        ? Names.Pascal(i[(Math.Max(i.LastIndexOf('.'), i.LastIndexOf(' ')) + 1)..]) + "Struct"
        : throw new InvalidDataException($"The tuple '{Name}' has no struct type to be named after.");

    public string CSharpType =>
        IsArray ? $"AbiArray<{Element.CSharpType}>"
        : IsTuple ? StructName
        : Number(out bool isSigned, out int bits) ? bits switch
        {
            <= 8 => isSigned ? "sbyte" : "byte",
            <= 16 => isSigned ? "short" : "ushort",
            <= 32 => isSigned ? "int" : "uint",
            <= 64 => isSigned ? "long" : "ulong",
            _ => "BigInteger",
        }
        : _type switch { "bool" => "bool", "address" => "ActorId", "string" => "string", "bytes32" => "Digest", _ => "AbiBytes" };

    /// <summary>An expression of type AbiValue.</summary>
    public string ToAbi(string expression) =>
        IsArray ? $"AbiValue.List({expression}, static v => {Element.ToAbi("v")})"
        : IsTuple ? $"{expression}.ToAbi()"
        : Number(out bool isSigned, out int bits) && bits <= 64 ? $"AbiValue.Of({(isSigned ? "(long)" : "(ulong)")}{expression})"
        : $"AbiValue.Of({expression})";

    /// <summary>An expression of the C# type, from one of type AbiValue.</summary>
    public string FromAbi(string expression)
    {
        if (IsArray)
        {
            return $"{expression}.ToArray(static v => {Element.FromAbi("v")})";
        }

        if (IsTuple)
        {
            return $"{StructName}.FromAbi({expression})";
        }

        return expression + CSharpType switch
        {
            "byte" => ".UInt8()",
            "ushort" => ".UInt16()",
            "uint" => ".UInt32()",
            "ulong" => ".UInt64()",
            "sbyte" => ".Int8()",
            "short" => ".Int16()",
            "int" => ".Int32()",
            "long" => ".Int64()",
            "BigInteger" => ".Number",
            "bool" => ".Boolean",
            "ActorId" => ".Address",
            "string" => ".Text",
            "Digest" => ".Bytes32",
            _ => ".Bytes",
        };
    }

    private bool Number(out bool isSigned, out int bits)
    {
        isSigned = _type.StartsWith("int", StringComparison.Ordinal);
        bits = 0;
        return (isSigned || _type.StartsWith("uint", StringComparison.Ordinal)) && int.TryParse(_type[(isSigned ? 3 : 4)..], out bits);
    }
}

/// <summary>Names as C# writes them.</summary>
internal static class Names
{
    public static string Pascal(string name)
    {
        var text = new StringBuilder();
        bool upper = true;
        foreach (char c in name)
        {
            if (c is '_' or '$')
            {
                upper = true;
                continue;
            }

            text.Append(upper ? char.ToUpperInvariant(c) : c);
            upper = false;
        }

        string pascal = text.ToString();
        return IsShouted(name) ? pascal[..1] + pascal[1..].ToLowerInvariant() : pascal;
    }

    // DOMAIN is a constant of one word; DOMAIN_SEPARATOR is handled word by word.
    private static bool IsShouted(string name) => name.Length > 1 && !name.Contains('_', StringComparison.Ordinal) && name.All(c => char.IsUpper(c) || char.IsDigit(c));
}
