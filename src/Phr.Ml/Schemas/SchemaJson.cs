using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Phr.Ml.Schemas;

/// <summary>The JSON description of a schema.</summary>
internal static class SchemaJson
{
    private const int MaximumLength = 64 << 20;

    private static readonly JsonWriterOptions _writing = new() { Indented = true, IndentCharacter = ' ', IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] _schemaMembers = ["name", "version", "columns"];
    private static readonly string[] _columnMembers = ["name", "kind", "role", "unit", "minimum", "maximum", "missing", "levels", "levelNames", "description", "reportBy", "codes"];
    private static readonly string[] _codeMembers = ["system", "code", "unit", "factor"];

    public static byte[] Write(FeatureSchema schema)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, _writing))
        {
            json.WriteStartObject();
            json.WriteString("name", schema.Name);
            json.WriteNumber("version", schema.Version);
            json.WriteStartArray("columns");
            foreach (FeatureDefinition column in schema.Columns)
            {
                WriteColumn(json, column);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    public static FeatureSchema Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaximumLength)
        {
            throw SchemaError.SchemaFile($"it has {bytes.Length} bytes, more than {MaximumLength}.");
        }

        try
        {
            var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 8 });
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            if (bytes[(int)reader.BytesConsumed..].Trim(" \t\r\n"u8) is not [])
            {
                throw SchemaError.SchemaFile("something follows it.");
            }

            JsonElement root = document.RootElement;
            Check(root, _schemaMembers, "the schema");
            JsonElement columns = Member(root, "columns", JsonValueKind.Array, "the schema");
            if (columns.GetArrayLength() > FeatureSchema.MaximumColumns)
            {
                throw SchemaError.SchemaFile($"it has more than {FeatureSchema.MaximumColumns} columns.");
            }

            return FeatureSchema.Create(
                Member(root, "name", JsonValueKind.String, "the schema").GetString()!,
                Member(root, "version", JsonValueKind.Number, "the schema").GetInt32(),
                [.. columns.EnumerateArray().Select(ReadColumn)]);
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidOperationException or DecoderFallbackException)
        {
            throw SchemaError.SchemaFile(e.Message, e);
        }
    }

    private static void WriteColumn(Utf8JsonWriter json, FeatureDefinition column)
    {
        json.WriteStartObject();
        json.WriteString("name", column.Name);
        json.WriteString("kind", Word(column.Kind));
        json.WriteString("role", Word(column.Role));
        if (column.Unit.Length > 0)
        {
            json.WriteString("unit", column.Unit);
        }

        if (double.IsFinite(column.Minimum))
        {
            json.WriteNumber("minimum", column.Minimum);
        }

        if (double.IsFinite(column.Maximum))
        {
            json.WriteNumber("maximum", column.Maximum);
        }

        if (column.Missing == MissingValues.Allowed)
        {
            json.WriteString("missing", Word(column.Missing));
        }

        WriteList(json, "levels", column.Levels);
        WriteList(json, "levelNames", column.LevelNames);
        if (column.Description.Length > 0)
        {
            json.WriteString("description", column.Description);
        }

        if (column.ReportBy != SubgroupReport.None)
        {
            json.WriteString("reportBy", Word(column.ReportBy));
        }

        if (column.Codes.Count > 0)
        {
            json.WriteStartArray("codes");
            foreach (FeatureCode code in column.Codes)
            {
                WriteCode(json, code);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteCode(Utf8JsonWriter json, FeatureCode code)
    {
        json.WriteStartObject();
        json.WriteString("system", code.System);
        json.WriteString("code", code.Code);
        if (code.Unit.Length > 0)
        {
            json.WriteString("unit", code.Unit);
        }

        if (code.Factor != 1)
        {
            json.WriteNumber("factor", code.Factor);
        }

        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IReadOnlyList<string> list)
    {
        if (list.Count > 0)
        {
            json.WriteStartArray(name);
            foreach (string text in list)
            {
                json.WriteStringValue(text);
            }

            json.WriteEndArray();
        }
    }

    private static FeatureDefinition ReadColumn(JsonElement column)
    {
        Check(column, _columnMembers, "a column");
        string name = Member(column, "name", JsonValueKind.String, "a column").GetString()!;
        return new FeatureDefinition
        {
            Name = name,
            Kind = Word(column, "kind", FeatureKind.Number, name),
            Role = Word(column, "role", FeatureRole.Feature, name),
            Unit = Text(column, "unit"),
            Minimum = column.TryGetProperty("minimum", out JsonElement minimum) ? minimum.GetDouble() : double.NegativeInfinity,
            Maximum = column.TryGetProperty("maximum", out JsonElement maximum) ? maximum.GetDouble() : double.PositiveInfinity,
            Missing = Word(column, "missing", MissingValues.Refused, name),
            Levels = List(column, "levels", name),
            LevelNames = List(column, "levelNames", name),
            Description = Text(column, "description"),
            ReportBy = Word(column, "reportBy", SubgroupReport.None, name),
            Codes = Codes(column, name),
        };
    }

    private static FeatureCode[] Codes(JsonElement column, string name)
    {
        if (!column.TryGetProperty("codes", out JsonElement value))
        {
            return [];
        }

        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= FeatureSchema.MaximumCodes
            ? [.. value.EnumerateArray().Select(ReadCode)]
            : throw SchemaError.SchemaFile($"\"codes\" of column \"{name}\" is not a list of at most {FeatureSchema.MaximumCodes} codes.");
    }

    private static FeatureCode ReadCode(JsonElement code)
    {
        Check(code, _codeMembers, "a code");
        return new FeatureCode
        {
            System = Member(code, "system", JsonValueKind.String, "a code").GetString()!,
            Code = Member(code, "code", JsonValueKind.String, "a code").GetString()!,
            Unit = Text(code, "unit"),
            Factor = code.TryGetProperty("factor", out JsonElement factor) ? factor.GetDouble() : 1,
        };
    }

    private static string Text(JsonElement column, string member) => column.TryGetProperty(member, out JsonElement value) ? value.GetString() ?? "" : "";

    private static string[] List(JsonElement column, string member, string name)
    {
        if (!column.TryGetProperty(member, out JsonElement value))
        {
            return [];
        }

        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= FeatureSchema.MaximumLevels
            ? [.. value.EnumerateArray().Select(v => v.GetString() ?? "")]
            : throw SchemaError.SchemaFile($"\"{member}\" of column \"{name}\" is not a list of at most {FeatureSchema.MaximumLevels} texts.");
    }

    // Values of enumerations are their names with a small first letter.
    private static string Word<T>(T value) where T : struct, Enum => char.ToLowerInvariant(value.ToString()[0]) + value.ToString()[1..];

    private static T Word<T>(JsonElement column, string member, T otherwise, string name) where T : struct, Enum
    {
        if (!column.TryGetProperty(member, out JsonElement value))
        {
            return otherwise;
        }

        string? text = value.GetString();
        foreach (T known in Enum.GetValues<T>())
        {
            if (Word(known) == text)
            {
                return known;
            }
        }

        throw SchemaError.SchemaFile($"\"{member}\" of column \"{name}\" is none of {string.Join(", ", Enum.GetValues<T>().Select(Word))}.");
    }

    private static void Check(JsonElement element, string[] known, string where)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw SchemaError.SchemaFile($"{where} is not an object.");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty member in element.EnumerateObject())
        {
            if (Array.IndexOf(known, member.Name) < 0)
            {
                throw SchemaError.SchemaFile($"{where} has a member that is none of {string.Join(", ", known)}.");
            }

            if (!seen.Add(member.Name))
            {
                throw SchemaError.SchemaFile($"{where} has \"{member.Name}\" twice.");
            }
        }
    }

    private static JsonElement Member(JsonElement element, string name, JsonValueKind kind, string where) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == kind ? value : throw SchemaError.SchemaFile($"{where} has no \"{name}\", or not as a {kind}.");
}
