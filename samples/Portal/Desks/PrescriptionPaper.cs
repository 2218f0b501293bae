using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Phr.Samples.Portal;

/// <summary>
/// A prescription as it is kept: its JSON, the doctor's signature over the JSON's digest and the patient (<see cref="SourceSignature"/>), and both in an <see cref="Envelope"/> to one reader.
/// </summary>
internal static class PrescriptionPaper
{
    private const string Stage = "prescription";

    private static readonly JsonSerializerOptions _json = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, MaxDepth = 4 };

    /// <summary>Signs and seals.</summary>
    public static byte[] Seal(PrescriptionText prescription, IdentityKeys doctor, ActorId patient, (ActorId Id, PublicKey EnvelopeKey) reader, LedgerId ledger, DateTimeOffset time)
    {
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(new Content(1, prescription.Text), _json);
        DateTimeOffset second = DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
        SourceSignature signature = SourceSignature.Create(doctor.ObjectSigner, doctor.Id, Digest.Of(content), patient, second);
        byte[] paper = JsonSerializer.SerializeToUtf8Bytes(new Paper(content, signature.ToBytes()), _json);
        return Envelope.Seal(reader.EnvelopeKey, doctor.Id, doctor.PublicKeys.ObjectKey, ContextOf(ledger, patient, reader.Id), paper);
    }

    /// <summary>Opens, and checks that this doctor signed it for this patient.</summary>
    /// <exception cref="PhrDataException">It is for another reader or patient, by another doctor, or damaged.</exception>
    public static (PrescriptionText Text, DateTimeOffset SignedAt) Open(ReadOnlySpan<byte> envelope, IdentityKeys reader, IdentityPublicKeys doctor, ActorId patient, LedgerId ledger)
    {
        using EnvelopeContent opened = Envelope.Open(reader.EnvelopeKey, doctor.Id, doctor.ObjectKey, ContextOf(ledger, patient, reader.Id), envelope);
        try
        {
            Paper paper = JsonSerializer.Deserialize<Paper>(opened.Bytes, _json) ?? throw new JsonException();
            var signature = SourceSignature.FromBytes(paper.Signature);
            if (signature.SignerId != doctor.Id || signature.SignerKey != doctor.ObjectKey || signature.PatientId != patient || signature.PlaintextDigest != Digest.Of(paper.Content))
            {
                throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, "its doctor did not sign it for this patient.");
            }

            Content content = JsonSerializer.Deserialize<Content>(paper.Content, _json) ?? throw new JsonException();
            return content is { Version: 1, Text.Length: <= PrescriptionText.MaxLength }
                ? (new PrescriptionText(content.Text), signature.Time)
                : throw new PhrDataException(Stage, PhrDataReason.UnknownVersion, "it has another version.");
        }
        catch (JsonException e)
        {
            throw new PhrDataException(Stage, PhrDataReason.Malformed, "its JSON is damaged.", e);
        }
    }

    private static byte[] ContextOf(LedgerId ledger, ActorId patient, ActorId reader) => Encoding.ASCII.GetBytes($"phr/portal/prescription/v1 {ledger} {patient} {reader}");

    private sealed record Content(int Version, string Text);

    private sealed record Paper(byte[] Content, byte[] Signature);
}
