using Hl7.Fhir.Model;

namespace Phr.Fhir.R4;

/// <summary>Writes the parts that resources share.</summary>
internal static class R4Writer
{
    public const string LoincSystem = "http://loinc.org";
    public const string UcumSystem = "http://unitsofmeasure.org";

    /// <summary>The extension of an attachment with the SHA-256 digest of its bytes, base64.</summary>
    public const string Sha256Extension = "urn:phr:fhir:attachment-sha256";

    public static FhirDateTime Time(DateTimeOffset time) => new(FhirTime.Write(time));

    public static Period? Period(DateTimeOffset? from, DateTimeOffset? until) =>
        from is null && until is null ? null : new Period { Start = from is { } f ? FhirTime.Write(f) : null, End = until is { } u ? FhirTime.Write(u) : null };

    public static CodeableConcept Concept(string system, string code) => new() { Coding = [new Coding { System = system, Code = code }] };

    public static CodeableConcept Concept(FhirConcept concept) => new()
    {
        Text = concept.Text,
        Coding = concept.Code is null ? [] : [new Coding { System = concept.System, Code = concept.Code, Display = concept.Display }],
    };

    public static Identifier? Identifier(FhirIdentifier? identifier) => identifier is null ? null : new Identifier { System = identifier.System, Value = identifier.Value };

    public static ResourceReference Reference(FhirReference reference) => new()
    {
        Reference = reference.Address,
        Type = reference.Type,
        Identifier = Identifier(reference.Identifier),
        Display = reference.Display,
    };

    public static Attachment Attachment(FhirAttachment attachment)
    {
        var written = new Attachment { ContentType = attachment.MediaType, Url = attachment.Address, Title = attachment.Title };
        if (attachment.Length is { } length)
        {
            // Attachment.Size writes what only R5 allows.
            written.SizeElement = new UnsignedInt(checked((int)length));
        }

        if (attachment.Digest is { } digest)
        {
            written.Extension.Add(new Extension(Sha256Extension, new Base64Binary(digest.ToBytes())));
        }

        return written;
    }
}
