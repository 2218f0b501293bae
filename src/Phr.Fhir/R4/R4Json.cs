using System.Text.Json;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Hl7.Fhir.Utility;
using Hl7.Fhir.Validation;
using Phr.Fhir.Faults;

namespace Phr.Fhir.R4;

/// <summary>The one place where the FHIR library reads and writes JSON, with one set of options.</summary>
internal static class R4Json
{
    private static readonly JsonSerializerOptions Options = new JsonSerializerOptions { MaxDepth = JsonGate.MaxDepth * 2 }.ForFhir(ModelInfo.ModelInspector);

    public static byte[] Write(Resource resource) => JsonSerializer.SerializeToUtf8Bytes(resource, Options);

    /// <summary>Reads a resource strictly.</summary>
    /// <returns>The resource; null, with faults, when anything is wrong with it.</returns>
    public static T? Read<T>(ReadOnlySpan<byte> json, int maxLength, FaultList faults)
        where T : Resource
    {
        string type = ModelInfo.GetFhirTypeNameForType(typeof(T))!;
        if (!JsonGate.Check(json, type, maxLength, faults))
        {
            return null;
        }

        try
        {
            T? resource = JsonSerializer.Deserialize<T>(json, Options);
            if (resource is null)
            {
                faults.Add("json-object", type, "A resource is a JSON object.");
                return null;
            }

            Validate(resource, faults);
            return faults.IsEmpty ? resource : null;
        }
        catch (DeserializationFailedException e)
        {
            AddAll(e.Exceptions, type, faults);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The library fails on some texts in ways that it does not promise (an empty name was an index out of range). Its messages repeat the text.
            faults.Add("json-fhir", type, "The text is JSON, but not a resource.");
        }

        return null;
    }

    /// <summary>Adds what the library's own checks say: cardinalities, codes of required value sets, literals.</summary>
    public static void Validate(Resource resource, FaultList faults) =>
        AddAll(resource.Validate(ModelInfo.ModelInspector, NarrativeValidationKind.FhirXhtml, null, true), resource.TypeName, faults);

    private static void AddAll(IEnumerable<CodedException> exceptions, string type, FaultList faults)
    {
        foreach (CodedException exception in exceptions)
        {
            var extended = exception as ExtendedCodedException;
            faults.Add(exception.ErrorCode, FhirPaths.Whole(extended?.InstancePath, type), Sentence(exception.ErrorCode), line: extended?.LineNumber);
        }

        if (faults.IsEmpty && exceptions.Any())
        {
            faults.Add("json-fhir", type, "The text is JSON, but not a resource.");
        }
    }

    // Own sentences, because the library's repeat the values.
    private static string Sentence(string code) => code switch
    {
        "PVAL101" or "JSON115" => "A value of this type is not allowed here.",
        "PVAL102" or "PVAL105" => "An element that must be there is missing.",
        "PVAL103" => "The element occurs too often.",
        "PVAL104" or "JSON109" or "JSON125" => "A null stands where a value must.",
        "PVAL114" or "PVAL115" => "The narrative is not what FHIR allows as XHTML.",
        "PVAL116" => "The code is not in the value set that is required here.",
        "PVAL118" => "Contained resources hold none themselves.",
        "PVAL119" or "PVAL129" or "JSON120" or "JSON121" or "JSON127" => "It is empty; what has no value is left out.",
        "PVAL120" => "It is not base64.",
        "PVAL123" or "PVAL127" or "JSON104" or "JSON105" or "JSON111" or "JSON128" or "JSON130" => "The value has the wrong JSON type.",
        "PVAL124" => "The text is not a value of the element's type.",
        "PVAL125" => "The number must be at least 1.",
        "PVAL126" => "The number must not be negative.",
        "PVAL128" => "R4 has no such element here.",
        "PVAL130" or "JSON102" or "JSON103" or "JSON116" or "JSON117" => "The resource does not say what it is.",
        _ => "The FHIR library refuses it.",
    };
}
