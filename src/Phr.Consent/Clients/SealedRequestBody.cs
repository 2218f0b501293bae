using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent;

/// <summary>A request body with its salt, sealed to each trustee and to the patient: the package whose digest the ledger records.</summary>
internal static class SealedRequestBody
{
    private const string Stage = "sealed request body";
    private const string Tag = "phr/sealed-request-body/v1";
    private const int MaxBlockLength = 1 << 20;
    private const int MaxRecipients = TrusteePolicy.MaxTrustees + 1;

    public static byte[] Seal(RequestBody body, Digest salt, IdentityKeys doctor, IReadOnlyList<(ActorId Id, PublicKey Key)> recipients)
    {
        byte[] plaintext = new CanonicalCborWriter().Array(2).Id(salt).Bytes(body.ToBytes()).EndArray().ToBytes();
        var writer = new CanonicalCborWriter();
        writer.Array(3).Text(Tag).Bytes(doctor.PublicKeys.ObjectKey.ToBytes()).Array(recipients.Count);
        foreach ((ActorId id, PublicKey key) in recipients)
        {
            byte[] envelope = Envelope.Seal(key, doctor.Id, doctor.PublicKeys.ObjectKey, Context(body.Ledger, body.Bundle, id), plaintext);
            writer.Array(2).Id(id).Bytes(envelope).EndArray();
        }

        return writer.EndArray().EndArray().ToBytes();
    }

    /// <summary>Opens the part that is sealed to one recipient, and checks it against what the ledger recorded.</summary>
    public static RequestBody Open(ReadOnlyMemory<byte> package, RequestRecord request, LedgerId ledger, ActorId recipient, SecretKey envelopeKey)
    {
        var reader = new CanonicalCborReader(Stage, package, MaxBlockLength);
        reader.BeginArray(3);
        reader.Expect(Tag);
        PublicKey senderKey = reader.PublicKey();
        int count = reader.BeginList(MaxRecipients);
        byte[]? envelope = null;
        for (int i = 0; i < count; i++)
        {
            reader.BeginArray(2);
            ActorId id = reader.ActorId();
            byte[] bytes = reader.Bytes(MaxBlockLength);
            reader.EndArray();
            envelope = id == recipient ? bytes : envelope;
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        if (envelope is null)
        {
            throw new PhrDataException(Stage, PhrDataReason.NotFound, "it holds nothing for this recipient.");
        }

        using EnvelopeContent content = Envelope.Open(envelopeKey, request.Doctor, senderKey, Context(ledger, request.BundleId, recipient), envelope);
        byte[] opened = content.Bytes.ToArray();
        var inner = new CanonicalCborReader(Stage, opened, RequestBody.MaxLength + 64);
        inner.BeginArray(2);
        Digest salt = inner.Digest();
        var body = RequestBody.FromBytes(inner.Bytes(RequestBody.MaxLength));
        inner.EndArray();
        inner.End();
        if (body.KeyRecord.Keys.ObjectKey != senderKey || body.Ledger != ledger || body.Doctor != request.Doctor || body.Bundle != request.BundleId
            || body.HeaderDigest != request.HeaderDigest || body.DealingDigest != request.DealingDigest || body.ReceivingKey != request.ReceivingKey
            || body.NotAfter != request.NotAfter || body.CommitmentWith(salt) != request.BodyCommitment || body.PurposeDigest != request.PurposeDigest
            || body.DocumentsCommitment != request.DocumentsCommitment || body.Documents.Count != request.DocumentCount)
        {
            throw new PhrDataException(Stage, PhrDataReason.CommitmentMismatch, "what was sealed is not what the ledger has a commitment to.");
        }

        return body;
    }

    private static byte[] Context(LedgerId ledger, BundleId bundle, ActorId recipient) =>
        new CanonicalCborWriter().Array(4).Text(Tag).Id(ledger).Id(bundle).Id(recipient).EndArray().ToBytes();
}
