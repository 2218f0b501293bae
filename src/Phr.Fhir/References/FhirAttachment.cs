using Phr.Crypto;

namespace Phr.Fhir;

/// <summary>Content that lies elsewhere: what it is, where, and how to know it again.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record FhirAttachment
{
    /// <summary>The media type: <c>application/pdf</c>.</summary>
    public required string MediaType { get; init; }

    /// <summary>Where it is: <c>ipfs://…</c>, <c>https://…</c>; at most 512 characters.</summary>
    public required string Address { get; init; }

    /// <summary>How many bytes it has; null when that is not said.</summary>
    public uint? Length { get; init; }

    /// <summary>SHA-256 of the bytes; null when that is not said. FHIR's own <c>hash</c> is SHA-1, so this is an extension.</summary>
    public Digest? Digest { get; init; }

    /// <summary>A title for people, at most 256 characters; null for none.</summary>
    public string? Title { get; init; }
}
