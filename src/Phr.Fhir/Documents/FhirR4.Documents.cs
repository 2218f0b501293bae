using System.Diagnostics.CodeAnalysis;
using Hl7.Fhir.Model;
using Phr.Crypto;
using Phr.Fhir.Faults;
using Phr.Fhir.R4;

namespace Phr.Fhir;

/// <content>Sealed documents.</content>
public static partial class FhirR4
{
    private const string DocumentStage = "FHIR DocumentReference";
    private const string AddressPrefix = "ipfs://";

    /// <summary>Writes a sealed document as R4 <c>DocumentReference</c>.</summary>
    /// <param name="document">The document.</param>
    /// <returns>Compact JSON in UTF-8.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="document"/> is null.</exception>
    /// <exception cref="ArgumentException">It has a fault; the message names each.</exception>
    public static byte[] WriteDocument(SealedDocument document) => R4Json.Write(ToResource(document));

    /// <summary>Reads an R4 <c>DocumentReference</c> of a sealed document.</summary>
    /// <param name="json">JSON in UTF-8, at most <see cref="MaxResourceLength"/> bytes.</param>
    /// <returns>The document.</returns>
    /// <exception cref="PhrDataException">It is no such document; the message names every fault.</exception>
    public static SealedDocument ReadDocument(ReadOnlySpan<byte> json)
    {
        var faults = new FaultList();
        return Required(DocumentStage, Read<DocumentReference, SealedDocument>(json, faults, ToDocument), faults);
    }

    /// <summary>Reads an R4 <c>DocumentReference</c>, without an exception.</summary>
    /// <param name="json">JSON in UTF-8.</param>
    /// <param name="document">The document, or null.</param>
    /// <param name="faults">Everything that is wrong with it, at most 64; empty when it was read.</param>
    /// <returns>Whether it was read.</returns>
    public static bool TryReadDocument(ReadOnlySpan<byte> json, [NotNullWhen(true)] out SealedDocument? document, out IReadOnlyList<FhirFault> faults)
    {
        var list = new FaultList();
        document = Read<DocumentReference, SealedDocument>(json, list, ToDocument);
        return Succeeded(document, list, out faults);
    }

    /// <summary>Makes a resource of a sealed document, for systems that work with the Firely SDK.</summary>
    /// <param name="document">The document.</param>
    /// <returns>A new resource.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="document"/> is null.</exception>
    /// <exception cref="ArgumentException">It has a fault; the message names each.</exception>
    public static DocumentReference ToResource(SealedDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var resource = new DocumentReference
        {
            Id = document.Id,
            Identifier = [R4Writer.Identifier(document.Identifier)!],
            Status = document.IsSuperseded ? DocumentReferenceStatus.Superseded : DocumentReferenceStatus.Current,
            Subject = R4Writer.Reference(document.Patient),
            Date = document.RegisteredAt,
            Custodian = document.Custodian is { } custodian ? R4Writer.Reference(custodian) : null,
            Content =
            [
                new DocumentReference.ContentComponent
                {
                    Attachment = R4Writer.Attachment(new FhirAttachment
                    {
                        MediaType = SealedDocument.MediaType,
                        Address = AddressPrefix + document.Ciphertext,
                        Length = document.Length is { } length ? checked((uint)length) : null,
                    }),
                    Format = new Coding { System = SealedDocument.FormatSystem, Code = SealedDocument.Format },
                },
            ],
        };
        return Checked(resource, nameof(document), (written, faults) => ToDocument(written, new R4Reader(faults)));
    }

    /// <summary>Reads a sealed document from a resource of the Firely SDK.</summary>
    /// <param name="document">The resource.</param>
    /// <returns>The document.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="document"/> is null.</exception>
    /// <exception cref="PhrDataException">It is no such document; the message names every fault.</exception>
    public static SealedDocument FromResource(DocumentReference document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var faults = new FaultList();
        R4Json.Validate(document, faults);
        return Required(DocumentStage, faults.IsEmpty ? Map<DocumentReference, SealedDocument>(document, faults, ToDocument) : null, faults);
    }

    private static SealedDocument ToDocument(DocumentReference document, R4Reader reader)
    {
        const string Root = nameof(DocumentReference);
        DocumentReference.ContentComponent? content = document.Content.Count == 1 ? document.Content[0] : null;
        FhirAttachment attachment = content?.Attachment is { } given ? reader.Attachment(Root + ".content[0].attachment", given) : new FhirAttachment { MediaType = string.Empty, Address = string.Empty };
        Cid ciphertext = default;
        if (content is null)
        {
            reader.Add("phr-once", Root + ".content", "A sealed document has one content.");
        }
        else if (attachment.MediaType != SealedDocument.MediaType || content.Format is not { System: SealedDocument.FormatSystem, Code: SealedDocument.Format })
        {
            reader.Add("phr-format", Root + ".content[0].format", "The format of a sealed document is sealed-document-1, as bytes.");
        }
        else if (!attachment.Address.StartsWith(AddressPrefix, StringComparison.Ordinal) || !Cid.TryParse(attachment.Address[AddressPrefix.Length..], out ciphertext))
        {
            reader.Add("phr-address", Root + ".content[0].attachment.url", "A sealed document is addressed by its content id: ipfs://…");
        }

        if (document.Status == DocumentReferenceStatus.EnteredInError)
        {
            reader.Add("phr-status", Root + ".status", "It says that it was never true.");
        }

        return new SealedDocument
        {
            Id = reader.Id(Root + ".id", document.Id),
            Identifier = reader.OneIdentifier(Root + ".identifier", document.Identifier) ?? Missing(Root + ".identifier", reader),
            IsSuperseded = document.Status == DocumentReferenceStatus.Superseded,
            Patient = reader.Reference(Root + ".subject", document.Subject, "Patient"),
            Custodian = document.Custodian is { } custodian ? reader.Reference(Root + ".custodian", custodian, "Organization") : null,
            RegisteredAt = document.Date,
            Ciphertext = ciphertext,
            Length = attachment.Length is <= int.MaxValue and { } length ? (int)length : null,
        };
    }
}
