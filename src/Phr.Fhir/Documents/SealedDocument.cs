using Phr.Crypto;

namespace Phr.Fhir;

/// <summary>A sealed document, as a directory of documents may know it: where its ciphertext is and whose it is, and nothing of what is in it.</summary>
/// <remarks><see cref="FhirR4"/> writes and reads it as R4 <c>DocumentReference</c>. Title and media type are sealed with the document and stay there. Immutable and thread safe.</remarks>
public sealed record SealedDocument
{
    /// <summary>The media type of the ciphertext: <c>application/octet-stream</c>.</summary>
    public const string MediaType = "application/octet-stream";

    /// <summary>The format code of the sealed form, in the system <see cref="FormatSystem"/>: <c>sealed-document-1</c>.</summary>
    public const string Format = "sealed-document-1";

    /// <summary>The system of <see cref="Format"/>: <c>urn:phr:fhir:format</c>.</summary>
    public const string FormatSystem = "urn:phr:fhir:format";

    /// <summary>The resource's id on its server, 1 to 64 of letters, digits, <c>-</c> and <c>.</c>; null for none.</summary>
    public string? Id { get; init; }

    /// <summary>What it is called: <see cref="LedgerUrn.ForDocument"/>.</summary>
    public required FhirIdentifier Identifier { get; init; }

    /// <summary>Whether a newer one took its place.</summary>
    public bool IsSuperseded { get; init; }

    /// <summary>Whose it is, a <c>Patient</c>.</summary>
    public required FhirReference Patient { get; init; }

    /// <summary>Who keeps it; null when that is not said.</summary>
    public FhirReference? Custodian { get; init; }

    /// <summary>When it was registered; null when that is not said.</summary>
    public DateTimeOffset? RegisteredAt { get; init; }

    /// <summary>The content id of its ciphertext, written as the address <c>ipfs://…</c>.</summary>
    public required Cid Ciphertext { get; init; }

    /// <summary>How many bytes the ciphertext has, 0 to 2,147,483,647; null when it is longer, which R4 cannot say, or unknown.</summary>
    public int? Length { get; init; }

    /// <summary>Describes a document of a bundle.</summary>
    /// <param name="document">The document's entry in the header.</param>
    /// <param name="header">The header.</param>
    /// <param name="names">The ledger, and what its actors are called in the FHIR system.</param>
    /// <returns>The description.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The document is not in the header, or the header is of another ledger.</exception>
    public static SealedDocument FromBundle(BundleDocument document, BundleHeader header, LedgerNames names)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(names);
        if (header.LedgerId != names.Ledger || !header.Documents.Contains(document))
        {
            throw Error.DocumentOfAnotherBundle(nameof(document));
        }

        return new SealedDocument
        {
            Identifier = FhirIdentifier.Of(LedgerUrn.ForDocument(names.Ledger, header.BundleId, document.Id)),
            Patient = names.Of(header.PatientId, "Patient"),
            Custodian = names.Custodian,
            Ciphertext = document.CiphertextCid,
            Length = document.CiphertextLength <= int.MaxValue ? (int)document.CiphertextLength : null,
        };
    }
}
