using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Phr.Samples.Portal;

/// <summary>
/// A paper of a prescription's course as it is kept: its bytes, a signature over their digest and the patient (<see cref="SourceSignature"/>), and both in an <see cref="Envelope"/> to one reader.
/// </summary>
/// <param name="Content">The bytes that were signed.</param>
/// <param name="SignedAt">When they were signed.</param>
internal sealed record SignedPaper(byte[] Content, DateTimeOffset SignedAt)
{
    /// <summary>A prescription: a FHIR R4 MedicationRequest.</summary>
    public const string Prescription = "prescription/v2";

    /// <summary>A step: <see cref="StepPaper"/>.</summary>
    public const string Step = "prescription-step/v1";

    private static readonly JsonSerializerOptions _json = new() { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, MaxDepth = 4 };

    /// <summary>Signs once, and seals to each reader.</summary>
    /// <returns>The sealed papers, in the readers' order.</returns>
    public static byte[][] Seal(string kind, byte[] content, IdentityKeys signer, ActorId patient, LedgerId ledger, DateTimeOffset time, params ReadOnlySpan<IdentityPublicKeys> readers)
    {
        SourceSignature signature = SourceSignature.Create(signer.ObjectSigner, signer.Id, Digest.Of(content), patient, DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds()));
        byte[] paper = JsonSerializer.SerializeToUtf8Bytes(new Wire(content, signature.ToBytes()), _json);
        byte[][] papers = new byte[readers.Length][];
        for (int i = 0; i < readers.Length; i++)
        {
            papers[i] = Envelope.Seal(readers[i].EnvelopeKey, signer.Id, signer.PublicKeys.ObjectKey, ContextOf(kind, ledger, patient, readers[i].Id), paper);
        }

        return papers;
    }

    /// <summary>Opens, and checks who signed it, and for which patient.</summary>
    /// <exception cref="PhrDataException">It is for another reader or patient, of another kind, by somebody else, or damaged.</exception>
    public static SignedPaper Open(string kind, ReadOnlySpan<byte> envelope, IdentityKeys reader, IdentityPublicKeys signer, ActorId patient, LedgerId ledger)
    {
        using EnvelopeContent opened = Envelope.Open(reader.EnvelopeKey, signer.Id, signer.ObjectKey, ContextOf(kind, ledger, patient, reader.Id), envelope);
        Wire wire;
        try
        {
            wire = JsonSerializer.Deserialize<Wire>(opened.Bytes, _json) ?? throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new PhrDataException(kind, PhrDataReason.Malformed, "its JSON is damaged.", e);
        }

        if (wire is not { Content: { } content, Signature: { } bytes })
        {
            throw new PhrDataException(kind, PhrDataReason.Malformed, "a part of it is missing.");
        }

        var signature = SourceSignature.FromBytes(bytes);
        return signature.SignerId == signer.Id && signature.SignerKey == signer.ObjectKey && signature.PatientId == patient && signature.PlaintextDigest == Digest.Of(content)
            ? new SignedPaper(content, signature.Time)
            : throw new PhrDataException(kind, PhrDataReason.InvalidSignature, "whoever it is from did not sign it for this patient.");
    }

    private static byte[] ContextOf(string kind, LedgerId ledger, ActorId patient, ActorId reader) => Encoding.ASCII.GetBytes($"phr/portal/{kind} {ledger} {patient} {reader}");

    private sealed record Wire(byte[] Content, byte[] Signature);
}
