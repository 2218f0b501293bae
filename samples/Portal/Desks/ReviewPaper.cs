using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Phr.Samples.Portal;

/// <summary>
/// What a reviewer of an emergency wrote, sealed to each who may read it: the package whose digest stands in the reviewer's signed entry of the ledger. A reader who finds it by that digest knows who wrote it.
/// </summary>
internal static class ReviewPaper
{
    /// <summary>The most characters.</summary>
    public const int MaxLength = 2000;

    private const int MaxReaders = 16;
    private const string Stage = "review";

    private static readonly JsonSerializerOptions _json = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, MaxDepth = 4 };

    /// <summary>Seals a text to its readers.</summary>
    public static byte[] Seal(string text, RequestId request, IdentityKeys reviewer, LedgerId ledger, IReadOnlyList<(ActorId Id, PublicKey EnvelopeKey)> readers)
    {
        byte[] content = Encoding.UTF8.GetBytes(text);
        Part[] parts =
        [
            .. readers.Select(reader => new Part(
                reader.Id.ToString(), Envelope.Seal(reader.EnvelopeKey, reviewer.Id, reviewer.PublicKeys.ObjectKey, ContextOf(ledger, request, reader.Id), content))),
        ];
        return JsonSerializer.SerializeToUtf8Bytes(new Package(1, parts), _json);
    }

    /// <summary>Opens the part that is sealed to one reader.</summary>
    /// <returns>The text; null when nothing of it is for this reader.</returns>
    /// <exception cref="PhrDataException">It is damaged, or of another reviewer or request.</exception>
    public static string? Open(ReadOnlySpan<byte> package, RequestId request, IdentityPublicKeys reviewer, LedgerId ledger, IdentityKeys reader)
    {
        Package parts;
        try
        {
            parts = JsonSerializer.Deserialize<Package>(package, _json) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new PhrDataException(Stage, PhrDataReason.Malformed, "its JSON is damaged.", e);
        }

        if (parts is not { Version: 1, Parts: { Count: <= MaxReaders } all })
        {
            throw new PhrDataException(Stage, PhrDataReason.UnknownVersion, "it has another version, or too many readers.");
        }

        string me = reader.Id.ToString();
        if (all.FirstOrDefault(part => part?.Reader == me) is not { Bytes: { } sealedText })
        {
            return null;
        }

        using EnvelopeContent opened = Envelope.Open(reader.EnvelopeKey, reviewer.Id, reviewer.ObjectKey, ContextOf(ledger, request, reader.Id), sealedText);
        string text = Encoding.UTF8.GetString(opened.Bytes);
        return text.Length <= MaxLength ? text : throw new PhrDataException(Stage, PhrDataReason.OutOfRange, "it is longer than a review may be.");
    }

    private static byte[] ContextOf(LedgerId ledger, RequestId request, ActorId reader) => Encoding.ASCII.GetBytes($"phr/portal/emergency-review/v1 {ledger} {request} {reader}");

    private sealed record Package(int Version, IReadOnlyList<Part?> Parts);

    private sealed record Part(string Reader, byte[] Bytes);
}
