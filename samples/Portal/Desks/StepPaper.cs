using System.Text.Json;
using System.Text.Json.Serialization;

namespace Phr.Samples.Portal;

/// <summary>What a step says. Each names the one before by its digest, so that none can be left out between two others, exchanged or moved to another prescription.</summary>
/// <param name="Version">1.</param>
/// <param name="Prescription">The digest of the prescription's signed bytes, hexadecimal.</param>
/// <param name="Number">The step's place, from 1.</param>
/// <param name="Previous">The digest of the step before; of the prescription for the first.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Note">Words for the other; null for none.</param>
/// <param name="Renewal">The digest of the prescription that takes its place; null for every other step.</param>
internal sealed record StepPaper(int Version, string Prescription, int Number, string Previous, PrescriptionStepKind Kind, string? Note, string? Renewal)
{
    private static readonly JsonSerializerOptions _json = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, MaxDepth = 4, Converters = { new JsonStringEnumConverter(null, allowIntegerValues: false) } };

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, _json);

    /// <exception cref="PhrDataException">It is no step.</exception>
    public static StepPaper FromBytes(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<StepPaper>(bytes, _json) is { Version: 1 } paper && Enum.IsDefined(paper.Kind)
                ? paper
                : throw new PhrDataException(SignedPaper.Step, PhrDataReason.UnknownVersion, "it has another version.");
        }
        catch (JsonException e)
        {
            throw new PhrDataException(SignedPaper.Step, PhrDataReason.Malformed, "its JSON is damaged.", e);
        }
    }
}
