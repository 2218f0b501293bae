using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Phr.Ml.Models;

/// <summary>The model card as JSON.</summary>
internal static class ModelCardJson
{
    public const string Format = "phr/model-card/v1";
    public const int MostBytes = 16 << 20;

    private static readonly JsonWriterOptions _writing = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions _reading = new() { MaxDepth = 8, AllowDuplicateProperties = false };

    public static byte[] Write(ModelCard card)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, _writing))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteString("title", card.Title);
            json.WriteString("intendedUse", card.IntendedUse);
            json.WriteString("population", card.Population);
            json.WriteStartArray("limits");
            foreach (string limit in card.Limits)
            {
                json.WriteStringValue(limit);
            }

            json.WriteEndArray();
            json.WriteString("schema", card.Schema);
            json.WriteString("schemaSha256", card.SchemaDigest.ToString());
            json.WriteString("dataOrigin", card.DataOrigin);
            json.WriteString("dataSha256", card.DataDigest.ToString());
            json.WriteStartArray("classes");
            foreach (CardClass one in card.Classes)
            {
                json.WriteStartObject();
                json.WriteString("name", one.Name);
                json.WriteNumber("rows", one.Rows);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("algorithm", card.Algorithm);
            json.WriteString("calibration", card.Calibration);
            Number(json, "threshold", card.Threshold);
            Number(json, "missedCaseCost", card.MissedCaseCost);
            json.WriteString("evaluation", card.Evaluation);
            json.WriteStartArray("metrics");
            foreach (CardMetric metric in card.Metrics)
            {
                json.WriteStartObject();
                json.WriteString("name", metric.Name);
                json.WriteString("subgroup", metric.Subgroup);
                json.WriteNumber("rows", metric.Rows);
                Interval(json, metric.Value);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("importance");
            foreach (FeatureImportance one in card.Importance)
            {
                json.WriteStartObject();
                json.WriteString("feature", one.Feature);
                Interval(json, one.Loss);
                json.WriteEndObject();
            }

            json.WriteEndArray();

            // A number of JSON loses digits beyond 2⁵³ in many readers.
            json.WriteString("seed", card.Seed.ToString(CultureInfo.InvariantCulture));
            json.WriteStartArray("packages");
            foreach (CardPackage package in card.Packages)
            {
                json.WriteStartObject();
                json.WriteString("name", package.Name);
                json.WriteString("version", package.Version);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (card.TrainedOn is { } day)
            {
                json.WriteString("trainedOn", day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static ModelCard Read(ReadOnlySpan<byte> json)
    {
        if (json.Length > MostBytes)
        {
            throw Error.Card($"it has {json.Length} bytes; at most {MostBytes} are read");
        }

        try
        {
            using var document = JsonDocument.Parse(json.ToArray(), _reading);
            return Read(document.RootElement);
        }
        catch (JsonException)
        {
            throw Error.Card("it is not JSON");
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or ArgumentException)
        {
            // A text that is no valid UTF-16, a number out of range.
            throw Error.Card("a member has an impossible value");
        }
    }

    private static ModelCard Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || Text(root, "format") is not { } format)
        {
            throw Error.Card("it does not name its format");
        }

        if (format != Format)
        {
            throw Error.Card($"its format is not {Format}");
        }

        string[] known =
        [
            "format", "title", "intendedUse", "population", "limits", "schema", "schemaSha256", "dataOrigin", "dataSha256", "classes", "algorithm",
            "calibration", "threshold", "missedCaseCost", "evaluation", "metrics", "importance", "seed", "packages", "trainedOn",
        ];
        foreach (JsonProperty member in root.EnumerateObject())
        {
            if (Array.IndexOf(known, member.Name) < 0)
            {
                throw Error.Card("it has a member that version 1 does not know");
            }
        }

        return new ModelCard
        {
            Title = Required(root, "title"),
            IntendedUse = Required(root, "intendedUse"),
            Population = Required(root, "population"),
            Limits = [.. List(root, "limits").Select(e => e.ValueKind == JsonValueKind.String ? e.GetString()! : throw Error.Card("a limit is not a text"))],
            Schema = Required(root, "schema"),
            SchemaDigest = Digest(root, "schemaSha256"),
            DataOrigin = Required(root, "dataOrigin"),
            DataDigest = Digest(root, "dataSha256"),
            Classes = [.. List(root, "classes").Select(e => new CardClass(Required(e, "name"), Whole(e, "rows")))],
            Algorithm = Required(root, "algorithm"),
            Calibration = Required(root, "calibration"),
            Threshold = Real(root, "threshold"),
            MissedCaseCost = Real(root, "missedCaseCost"),
            Evaluation = Required(root, "evaluation"),
            Metrics =
            [
                .. List(root, "metrics").Select(e => new CardMetric
                {
                    Name = Required(e, "name"),
                    Subgroup = Required(e, "subgroup"),
                    Rows = Whole(e, "rows"),
                    Value = Interval(e),
                }),
            ],
            Importance = [.. List(root, "importance").Select(e => new FeatureImportance(Required(e, "feature"), Interval(e)))],
            Seed = ulong.TryParse(Required(root, "seed"), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) ? seed : throw Error.Card("its seed is not a whole number"),
            Packages = [.. List(root, "packages").Select(e => new CardPackage(Required(e, "name"), Required(e, "version")))],
            TrainedOn = root.TryGetProperty("trainedOn", out _)
                ? DateOnly.TryParseExact(Required(root, "trainedOn"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date) ? date : throw Error.Card("its day is not a date")
                : null,
        };
    }

    private static void Interval(Utf8JsonWriter json, MetricInterval interval)
    {
        Number(json, "value", interval.Value);
        Number(json, "lower", interval.Lower);
        Number(json, "upper", interval.Upper);
        Number(json, "level", interval.Level);
    }

    private static MetricInterval Interval(JsonElement of) =>
        new() { Value = Real(of, "value"), Lower = Real(of, "lower"), Upper = Real(of, "upper"), Level = Real(of, "level") };

    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        // JSON has no NaN: a number that could not be measured is null.
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Required(JsonElement of, string name) =>
        (of.ValueKind == JsonValueKind.Object ? Text(of, name) : null) ?? throw Error.Card($"{name} is missing, or is not a text");

    private static ContentDigest Digest(JsonElement of, string name)
    {
        string text = Required(of, name);
        return text.Length == 64 && text.AsSpan().IndexOfAnyExcept("0123456789abcdef") < 0
            ? ContentDigest.FromBytes(Convert.FromHexString(text))
            : throw Error.Card($"{name} is not 64 hexadecimal digits");
    }

    private static long Whole(JsonElement of, string name) =>
        of.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= 0
            ? number
            : throw Error.Card($"{name} is missing, or is not a whole number");

    private static double Real(JsonElement of, string name)
    {
        if (of.TryGetProperty(name, out JsonElement value))
        {
            if (value.ValueKind == JsonValueKind.Null)
            {
                return double.NaN;
            }

            if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number))
            {
                return number;
            }
        }

        throw Error.Card($"{name} is missing, or is not a number");
    }

    private static IEnumerable<JsonElement> List(JsonElement of, string name) =>
        of.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().ToArray()
            : throw Error.Card($"{name} is missing, or is not a list");
}
