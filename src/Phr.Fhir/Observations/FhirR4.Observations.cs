using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hl7.Fhir.Model;
using Phr.Crypto;
using Phr.Fhir.Faults;
using Phr.Fhir.R4;

namespace Phr.Fhir;

/// <content>Laboratory observations.</content>
public static partial class FhirR4
{
    /// <summary>The longest list of resources that is read, in bytes: 16 MiB.</summary>
    public const int MaxListLength = 16 << 20;

    /// <summary>The most resources in a list: 50,000.</summary>
    public const int MaxListCount = 50_000;

    private const string LaboratoryStage = "FHIR laboratory observations";
    private const string CategorySystem = "http://terminology.hl7.org/CodeSystem/observation-category";

    /// <summary>
    /// Reads the laboratory values in an R4 <c>Bundle</c>, in one <c>Observation</c>, or in NDJSON with a resource in each line, as bulk exports have. One bad resource does not stop the others: it
    /// is left out, and said why.
    /// </summary>
    /// <param name="json">JSON in UTF-8, at most <see cref="MaxListLength"/> bytes and <see cref="MaxListCount"/> resources; each resource at most <see cref="MaxResourceLength"/> bytes.</param>
    /// <returns>
    /// The observations that have a LOINC code, a number with a UCUM unit, and a time, and the faults of the others; and the encounters whose period has a begin. Observations of a category that is not <c>laboratory</c>, and other
    /// resources, are counted only.
    /// </returns>
    /// <exception cref="PhrDataException">The text is neither a Bundle nor resources at all, or too large.</exception>
    public static LaboratoryReading ReadLaboratory(ReadOnlySpan<byte> json)
    {
        var faults = new FaultList();
        return Required(LaboratoryStage, ReadList(json, faults), faults);
    }

    /// <summary>Reads the laboratory values in a list of resources, without an exception.</summary>
    /// <param name="json">JSON in UTF-8.</param>
    /// <param name="reading">The values and the faults of those that were left out, or null.</param>
    /// <param name="faults">Why nothing could be read; empty when it was.</param>
    /// <returns>Whether the text was a list of resources.</returns>
    public static bool TryReadLaboratory(ReadOnlySpan<byte> json, [NotNullWhen(true)] out LaboratoryReading? reading, out IReadOnlyList<FhirFault> faults)
    {
        var list = new FaultList();
        reading = ReadList(json, list);
        return Succeeded(reading, list, out faults);
    }

    private static LaboratoryReading? ReadList(ReadOnlySpan<byte> json, FaultList faults)
    {
        if (json.Length > MaxListLength)
        {
            faults.Add("json-size", "Bundle", $"The text has {json.Length} bytes where at most {MaxListLength} are taken.", PhrDataReason.TooLarge);
            return null;
        }

        var list = new ListReader();
        int line = 0;
        ReadOnlySpan<byte> rest = json;
        bool several = IsSeveral(json);
        while (several && !rest.IsEmpty)
        {
            line++;
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> one = (end < 0 ? rest : rest[..end]).Trim(" \t\r"u8);
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (!one.IsEmpty && !list.Add(one, string.Create(CultureInfo.InvariantCulture, $"line[{line}]"), faults))
            {
                return null;
            }
        }

        if (!several && !list.AddDocument(json, faults))
        {
            return null;
        }

        return list.ToReading();
    }

    // Of several lines each is a resource; a text that is laid out in lines has a first line that is none.
    private static bool IsSeveral(ReadOnlySpan<byte> json)
    {
        ReadOnlySpan<byte> text = json.TrimEnd(" \t\r\n"u8).TrimStart(" \t\r\n"u8);
        int end = text.IndexOf((byte)'\n');
        if (end < 0)
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(text[..end], new JsonReaderOptions { MaxDepth = JsonGate.MaxDepth });
            reader.Read();
            reader.Skip();
            return reader.CurrentDepth == 0 && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static LaboratoryObservation ToObservation(Observation observation, R4Reader reader)
    {
        const string Root = nameof(Observation);
        Coding? loinc = observation.Code?.Coding.FirstOrDefault(c => c.System == R4Writer.LoincSystem);
        if (loinc?.Code is null || !IsLoinc(loinc.Code))
        {
            reader.Add("phr-loinc", Root + ".code", "A code of LOINC must be there, with its check digit.");
        }

        var quantity = observation.Value as Quantity;
        if (quantity?.Value is null)
        {
            reader.Add("phr-value", Root + ".value", "The value must be a number with a unit.");
        }
        else if (quantity.System != R4Writer.UcumSystem || !IsUcum(quantity.Code))
        {
            reader.Add("phr-unit", Root + ".valueQuantity.code", "The unit must be a code of UCUM.");
        }

        string? effective = observation.Effective switch
        {
            FhirDateTime time => time.Value,
            Instant instant => instant.Value is { } value ? FhirTime.Write(value) : null,
            _ => null,
        };
        if (!FhirTime.TryRead(effective, FhirTime.Edge.Begin, out DateTimeOffset effectiveAt, out bool isDate) || (isDate && effective!.Length < 10))
        {
            reader.Add("phr-time", Root + ".effective", "A date, or a time with its zone, must be there.");
        }

        if (observation.Status == ObservationStatus.Unknown)
        {
            reader.Add("phr-status", Root + ".status", "The status must be known.");
        }

        (decimal? low, decimal? high) = ReferenceRange(observation, quantity, reader);
        return new LaboratoryObservation
        {
            Id = reader.Id(Root + ".id", observation.Id),
            Status = observation.Status switch
            {
                ObservationStatus.Registered => ObservationState.Registered,
                ObservationStatus.Preliminary => ObservationState.Preliminary,
                ObservationStatus.Final => ObservationState.Final,
                ObservationStatus.Amended => ObservationState.Amended,
                ObservationStatus.Corrected => ObservationState.Corrected,
                ObservationStatus.Cancelled => ObservationState.Cancelled,
                _ => ObservationState.EnteredInError,
            },
            Loinc = loinc?.Code ?? string.Empty,
            Name = reader.Text(Root + ".code", observation.Code?.Text ?? loinc?.Display, 1000),
            Value = quantity?.Value ?? 0,
            Comparator = quantity?.Comparator switch
            {
                Quantity.QuantityComparator.LessThan => ObservationComparator.Less,
                Quantity.QuantityComparator.LessOrEqual => ObservationComparator.LessOrEqual,
                Quantity.QuantityComparator.GreaterOrEqual => ObservationComparator.GreaterOrEqual,
                Quantity.QuantityComparator.GreaterThan => ObservationComparator.Greater,
                _ => ObservationComparator.Equal,
            },
            Unit = quantity?.Code ?? string.Empty,
            EffectiveAt = effectiveAt,
            IsDateOnly = isDate,
            Patient = observation.Subject is { } subject ? reader.Reference(Root + ".subject", subject, "Patient") : null,
            ReferenceLow = low,
            ReferenceHigh = high,
        };
    }

    // One range in the value's own unit, for everybody; anything else a table of values could not show.
    private static (decimal? Low, decimal? High) ReferenceRange(Observation observation, Quantity? value, R4Reader reader)
    {
        if (observation.ReferenceRange is not [{ Age: null, AppliesTo.Count: 0 } range])
        {
            return default;
        }

        if ((range.Low is { } low && low.Code != value?.Code) || (range.High is { } high && high.Code != value?.Code))
        {
            return default;
        }

        if (range.Low?.Value > range.High?.Value)
        {
            reader.Add("phr-range", "Observation.referenceRange[0]", "The range ends below its begin.");
        }

        return (range.Low?.Value, range.High?.Value);
    }

    // The last digit is a checksum by Luhn's method.
    private static bool IsLoinc(string code)
    {
        if (!LoincForm().IsMatch(code))
        {
            return false;
        }

        int sum = 0;
        for (int i = code.Length - 3, place = 0; i >= 0; i--, place++)
        {
            int digit = (code[i] - '0') * (place % 2 == 0 ? 2 : 1);
            sum += digit > 9 ? digit - 9 : digit;
        }

        return (10 - (sum % 10)) % 10 == code[^1] - '0';
    }

    private static bool IsUcum(string? code) => code is { Length: > 0 and <= 64 } && code.All(c => c is > ' ' and <= '~');

    [GeneratedRegex("^[0-9]{1,7}-[0-9]$")]
    private static partial Regex LoincForm();

    /// <summary>Takes resources one by one.</summary>
    private sealed class ListReader
    {
        private readonly List<LaboratoryObservation> _observations = [];
        private readonly List<PatientEncounter> _encounters = [];
        private readonly FaultList _faults = new();
        private int _refused, _refusedEncounters, _others, _count;

        public LaboratoryReading ToReading() => new()
        {
            Observations = _observations,
            Encounters = _encounters,
            Faults = _faults.ToList(),
            RefusedCount = _refused,
            RefusedEncounterCount = _refusedEncounters,
            OtherCount = _others,
        };

        public bool AddDocument(ReadOnlySpan<byte> json, FaultList faults)
        {
            int before = faults.Count;
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonGate.MaxDepth + 4 });
            try
            {
                if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                {
                    faults.Add("json-object", "Bundle", "A Bundle or a resource is a JSON object.");
                    return false;
                }

                if (TypeOf(json) != "Bundle")
                {
                    return Add(json, string.Empty, faults);
                }

                int entries = 0;
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    bool isEntry = reader.ValueTextEquals("entry"u8);
                    reader.Read();
                    if (!isEntry)
                    {
                        reader.Skip();
                        continue;
                    }

                    if (++entries > 1 || reader.TokenType != JsonTokenType.StartArray)
                    {
                        faults.Add(entries > 1 ? "json-duplicate" : "json-type", "Bundle.entry", "The entries of a Bundle are one list.", PhrDataReason.Duplicate);
                        return false;
                    }

                    for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
                    {
                        if (!AddEntry(ref reader, json, string.Create(CultureInfo.InvariantCulture, $"Bundle.entry[{i}]"), faults))
                        {
                            return false;
                        }
                    }
                }

                if (reader.Read())
                {
                    faults.Add("json-syntax", "Bundle", "Something follows after the Bundle.");
                }
            }
            catch (JsonException e)
            {
                faults.Add("json-syntax", "Bundle", "The text is not JSON from here on, is nested too deep, or ends too early.", line: e.LineNumber + 1);
            }
            catch (InvalidOperationException)
            {
                faults.Add("json-utf8", "Bundle", "A name is not UTF-8, or has half of a character.");
            }

            return faults.Count == before;
        }

        private bool AddEntry(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string path, FaultList faults)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                faults.Add("json-type", path, "An entry is a JSON object.");
                return false;
            }

            bool found = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isResource = reader.ValueTextEquals("resource"u8);
                reader.Read();
                int begin = (int)reader.TokenStartIndex;
                reader.Skip();
                if (isResource && found)
                {
                    faults.Add("json-duplicate", path + ".resource", "The name occurs twice in one object.", PhrDataReason.Duplicate);
                    return false;
                }

                if (isResource)
                {
                    found = true;
                    if (!Add(json[begin..(int)reader.BytesConsumed], path + ".resource", faults))
                    {
                        return false;
                    }
                }
            }

            return true;
        }

        /// <summary>Takes one resource.</summary>
        /// <returns>False when the whole reading must end.</returns>
        public bool Add(ReadOnlySpan<byte> json, string path, FaultList faults)
        {
            if (++_count > MaxListCount)
            {
                faults.Add("json-size", "Bundle.entry", $"There are more than {MaxListCount} resources.", PhrDataReason.TooLarge);
                return false;
            }

            if (TypeOf(json) is { } type && type != nameof(Observation))
            {
                _others++;
                if (type == nameof(Encounter))
                {
                    AddEncounter(json);
                }

                return true;
            }

            var own = new FaultList();
            Observation? resource = R4Json.Read<Observation>(json, MaxResourceLength, own);
            if (resource is { Category.Count: > 0 } && !resource.Category.Any(c => R4Reader.Has(c, CategorySystem, "laboratory")))
            {
                _others++;
                return true;
            }

            if (resource is not null && Map(resource, own, ToObservation) is { } observation)
            {
                _observations.Add(observation);
                return true;
            }

            _refused++;
            foreach (FhirFault fault in own.ToList())
            {
                _faults.Add(fault.Rule, path.Length == 0 ? fault.Path : fault.Path.StartsWith(nameof(Observation), StringComparison.Ordinal) ? path + fault.Path[nameof(Observation).Length..] : path, fault.Message, line: path.Length == 0 ? fault.Line : null);
            }

            return true;
        }

        // Who reads laboratory values is not told what is wrong with a visit; who wants the visits sees how many are missing.
        private void AddEncounter(ReadOnlySpan<byte> json)
        {
            var own = new FaultList();
            if (R4Json.Read<Encounter>(json, MaxResourceLength, own) is { } resource && Map(resource, own, ToEncounter) is { } encounter)
            {
                _encounters.Add(encounter);
            }
            else
            {
                _refusedEncounters++;
            }
        }

        /// <summary>What a resource says that it is; null when it does not say so in a way that can be read.</summary>
        private static string? TypeOf(ReadOnlySpan<byte> json)
        {
            try
            {
                var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonGate.MaxDepth + 4 });
                if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                {
                    return null;
                }

                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    bool isType = reader.ValueTextEquals("resourceType"u8);
                    reader.Read();
                    if (isType)
                    {
                        return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                    }

                    reader.Skip();
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
            }

            return null;
        }
    }
}
