using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Phr.Crypto;
using Phr.Fhir.Faults;

namespace Phr.Fhir.R4;

/// <summary>
/// Looks through a text before the FHIR library sees it: size, depth, UTF-8, names that occur twice, numbers that no decimal holds, and elements that change the
/// meaning of others in ways that nobody here knows.
/// </summary>
internal static class JsonGate
{
    /// <summary>The deepest nesting that is taken.</summary>
    public const int MaxDepth = 32;

    // FHIR asks for 18 digits; more than these a decimal does not keep.
    private const int MaxNumberLength = 32;
    private const int MaxExponent = 24;
    private const int MaxFaults = 16;

    /// <summary>Adds what is wrong to <paramref name="faults"/>.</summary>
    /// <returns>Whether the text may go on: the FHIR library is never given one with a fault.</returns>
    public static bool Check(ReadOnlySpan<byte> json, string resourceType, int maxLength, FaultList faults)
    {
        int before = faults.Count;
        if (json.Length > maxLength)
        {
            faults.Add("json-size", resourceType, $"The text has {json.Length} bytes where at most {maxLength} are taken.", PhrDataReason.TooLarge);
        }
        else if (!Utf8.IsValid(json))
        {
            faults.Add("json-utf8", resourceType, "The text is not UTF-8.");
        }
        else
        {
            Walk(json, resourceType, faults, before);
        }

        return faults.Count == before;
    }

    private static void Walk(ReadOnlySpan<byte> json, string resourceType, FaultList faults, int before)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        var places = new Stack<Place>();
        string? type = null;
        try
        {
            while (reader.Read() && faults.Count - before < MaxFaults)
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject or JsonTokenType.StartArray:
                        if (places.Count == 0 && reader.TokenType == JsonTokenType.StartArray)
                        {
                            faults.Add("json-object", resourceType, "A resource is a JSON object.");
                            return;
                        }

                        places.TryPeek(out Place? above);
                        above?.BeginItem();
                        places.Push(new Place(above is null ? resourceType : above.PathOfValue(), reader.TokenType == JsonTokenType.StartArray));
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        places.Pop();
                        break;
                    case JsonTokenType.PropertyName:
                        string name = reader.GetString()!;
                        if (!places.Peek().BeginProperty(name))
                        {
                            faults.Add("json-duplicate", places.Peek().PathOfValue(), "The name occurs twice in one object.", PhrDataReason.Duplicate, LineOf(json, reader.TokenStartIndex));
                        }

                        if (!FhirPaths.IsName(name))
                        {
                            faults.Add("json-name", places.Peek().PathOfValue(), "It is no name of an element.", line: LineOf(json, reader.TokenStartIndex));
                        }

                        if (name is "modifierExtension" or "implicitRules")
                        {
                            faults.Add("phr-modifier", places.Peek().PathOfValue(), "It can change the meaning of what is around it in a way that this reader does not know.", line: LineOf(json, reader.TokenStartIndex));
                        }

                        break;
                    default:
                        if (places.Count == 0)
                        {
                            faults.Add("json-object", resourceType, "A resource is a JSON object.");
                            return;
                        }

                        Place place = places.Peek();
                        place.BeginItem();
                        CheckValue(ref reader, json, place, faults);
                        if (places.Count == 1 && place.Name == "resourceType")
                        {
                            type = reader.TokenType == JsonTokenType.String ? reader.GetString() : string.Empty;
                        }

                        break;
                }
            }
        }
        catch (JsonException e)
        {
            // The reader's own message repeats characters of the text.
            faults.Add("json-syntax", places.TryPeek(out Place? place) ? place.PathOfValue() : resourceType,
                places.Count >= MaxDepth ? $"It is nested more than {MaxDepth} deep." : "The text is not JSON from here on, or ends too early.",
                places.Count >= MaxDepth ? PhrDataReason.TooLarge : PhrDataReason.Malformed, e.LineNumber + 1);
            return;
        }
        catch (InvalidOperationException)
        {
            faults.Add("json-utf8", places.Peek().PathOfValue(), "A text has half of a character: a surrogate without its other one.", line: LineOf(json, reader.TokenStartIndex));
            return;
        }

        if (faults.Count == before && type != resourceType)
        {
            faults.Add("json-type", $"{resourceType}.resourceType", $"A {resourceType} is expected here; the resource does not say that it is one.");
        }
    }

    private static void CheckValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, Place place, FaultList faults)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            reader.GetString();
        }
        else if (reader.TokenType == JsonTokenType.Number && !IsPlainNumber(ref reader))
        {
            faults.Add("json-number", place.PathOfValue(), "The number has more digits, or a larger exponent, than are taken.", PhrDataReason.OutOfRange, LineOf(json, reader.TokenStartIndex));
        }
    }

    private static bool IsPlainNumber(ref Utf8JsonReader reader)
    {
        ReadOnlySpan<byte> digits = reader.ValueSpan;
        int e = digits.IndexOfAny((byte)'e', (byte)'E');
        return digits.Length <= MaxNumberLength
            && (e < 0 || (int.TryParse(digits[(e + 1)..], System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out int exponent) && int.Abs(exponent) <= MaxExponent))
            && reader.TryGetDecimal(out _);
    }

    private static long LineOf(ReadOnlySpan<byte> json, long at) => 1 + json[..(int)at].Count((byte)'\n');

    /// <summary>An object or a list that is open.</summary>
    private sealed class Place(string path, bool isList)
    {
        private readonly HashSet<string>? _names = isList ? null : new HashSet<string>(StringComparer.Ordinal);
        private int _index = -1;

        public string Name { get; private set; } = "";

        public bool BeginProperty(string name)
        {
            Name = name;
            return _names!.Add(name);
        }

        public void BeginItem() => _index += isList ? 1 : 0;

        // Names come from the text: what is no name of FHIR's kind is not repeated.
        public string PathOfValue() => isList ? $"{path}[{int.Max(_index, 0)}]" : Name.Length == 0 ? path : $"{path}.{FhirPaths.Plain(Name)}";
    }
}
