using System.Text.Json;

namespace Phr.Samples.Portal;

/// <summary>What is known of an unfinished upload and nobody else may know: its name, and what each part must be. Kept among the patient's secrets.</summary>
/// <param name="Name">The file's name, as the browser said it.</param>
/// <param name="Digests">SHA-256 of each part, one after the other.</param>
public sealed record UploadPaper(string Name, ReadOnlyMemory<byte> Digests)
{
    /// <summary>The digest of one part.</summary>
    public ReadOnlySpan<byte> DigestOf(int part) => Digests.Span.Slice(part * UploadPlan.DigestLength, UploadPlan.DigestLength);

    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);

    internal static UploadPaper FromBytes(ReadOnlySpan<byte> bytes) =>
        JsonSerializer.Deserialize<UploadPaper>(bytes) ?? throw new PhrDataException("upload paper", PhrDataReason.Malformed, "it is empty.");
}
