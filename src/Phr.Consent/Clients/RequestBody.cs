using System.Diagnostics.CodeAnalysis;
using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent;

/// <summary>
/// What a doctor asks for, in words that only the trustees and the patient read: documents, purpose, reason, and the proof of being
/// a doctor. The ledger holds salted commitments to it; the doctor signs it together with the receiving key of the request.
/// </summary>
/// <remarks>Canonical CBOR [tag, payload, signature by the doctor's object key]. Immutable and thread safe.</remarks>
public sealed class RequestBody
{
    /// <summary>Longest encoding in bytes: 64 KiB.</summary>
    public const int MaxLength = 64 << 10;

    /// <summary>Longest reason in characters: 2,000.</summary>
    public const int MaxReasonLength = 2000;

    private const string Stage = "request body";
    private const string Tag = "phr/request-body/v1";

    private readonly byte[] _bytes;
    private readonly byte[] _payload;
    private readonly Signature _signature;

    private RequestBody(byte[] bytes)
    {
        _bytes = bytes;
        var outer = new CanonicalCborReader(Stage, bytes, MaxLength);
        outer.BeginArray(3);
        outer.Expect(Tag);
        _payload = outer.Bytes(MaxLength);
        _signature = outer.Signature();
        outer.EndArray();
        outer.End();

        var reader = new CanonicalCborReader(Stage, _payload, MaxLength);
        reader.BeginArray(16);
        Ledger = reader.LedgerId();
        Doctor = reader.ActorId();
        Bundle = reader.BundleId();
        HeaderDigest = reader.Digest();
        DealingDigest = reader.Digest();
        ReceivingKey = reader.PublicKey();
        NotAfter = reader.Time();
        Nonce = reader.Digest();
        PurposeSalt = reader.Digest();
        DocumentsSalt = reader.Digest();
        string purpose = reader.Text(16);
        Purpose = PurposeOfUse.TryParse(purpose, out PurposeOfUse code)
            ? code
            : throw reader.Fault(PhrDataReason.OutOfRange, "the purpose is not a PurposeOfUse code.");
        Reason = reader.Text(MaxReasonLength);
        if (!IsPlain(Reason))
        {
            throw reader.Fault(PhrDataReason.OutOfRange, "the reason has control or formatting characters, which could make a trustee read something else.");
        }

        var documents = new DocumentId[reader.BeginList(BundleHeader.MaxDocuments)];
        for (int i = 0; i < documents.Length; i++)
        {
            documents[i] = reader.DocumentId();
        }

        reader.EndArray();
        Documents = documents;
        KeyRecord = KeyRecord.FromBytes(reader.Bytes(KeyRecord.MaxLength));
        Licence = LicenceCredential.FromBytes(reader.Bytes(LicenceCredential.MaxLength));

        Team = TeamClaim.Read(Stage, reader.Bytes(TeamClaim.MaxLength));
        reader.EndArray();
        reader.End();
        if (documents.Length == 0 || documents.Distinct().Count() != documents.Length)
        {
            throw reader.Fault(PhrDataReason.Duplicate, "it asks for no document, or for one twice.");
        }

        if (KeyRecord.ActorId != Doctor || Licence.Doctor != Doctor || KeyRecord.Ledger != Ledger || Licence.Ledger != Ledger)
        {
            throw reader.Fault(PhrDataReason.Mismatched, "key record or licence are another's, or of another ledger.");
        }

        if (!KeyRecord.Keys.ObjectKey.Verify(Message(_payload), _signature))
        {
            throw reader.Fault(PhrDataReason.InvalidSignature, "the doctor's signature does not verify.");
        }
    }

    /// <summary>The ledger.</summary>
    public LedgerId Ledger { get; }

    /// <summary>Who asks.</summary>
    public ActorId Doctor { get; }

    /// <summary>Of which bundle.</summary>
    public BundleId Bundle { get; }

    /// <summary>The header that is asked about.</summary>
    public Digest HeaderDigest { get; }

    /// <summary>The dealing under which it is asked.</summary>
    public Digest DealingDigest { get; }

    /// <summary>The receiving key of this request alone.</summary>
    public PublicKey ReceivingKey { get; }

    /// <summary>Until when access is asked for.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>Random, so that two requests never have one id.</summary>
    public Digest Nonce { get; }

    /// <summary>Opens the commitment to the purpose.</summary>
    public Digest PurposeSalt { get; }

    /// <summary>Opens the commitment to the documents.</summary>
    public Digest DocumentsSalt { get; }

    /// <summary>What for.</summary>
    public PurposeOfUse Purpose { get; }

    /// <summary>Why, in the doctor's words.</summary>
    public string Reason { get; }

    /// <summary>Which documents.</summary>
    public IReadOnlyList<DocumentId> Documents { get; }

    /// <summary>The doctor's key record.</summary>
    public KeyRecord KeyRecord { get; }

    /// <summary>The doctor's licence.</summary>
    public LicenceCredential Licence { get; }

    /// <summary>The team that shall receive; null when the doctor does.</summary>
    public TeamClaim? Team { get; }

    /// <summary>The salted commitment to the purpose, as the ledger has it.</summary>
    public Digest PurposeDigest => SaltedCommitment.Compute("purpose", PurposeSalt, System.Text.Encoding.UTF8.GetBytes(Purpose.Code));

    /// <summary>The salted commitment to the list of documents, as the ledger has it.</summary>
    public Digest DocumentsCommitment
    {
        get
        {
            byte[] ids = [.. Documents.SelectMany(d => d.ToBytes())];
            return SaltedCommitment.Compute("documents", DocumentsSalt, ids);
        }
    }

    /// <summary>Reads a body and verifies its signature under the key record in it.</summary>
    /// <param name="bytes">At most 64 KiB.</param>
    /// <returns>The body.</returns>
    /// <exception cref="PhrDataException">The bytes are not a request body.</exception>
    public static RequestBody FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= MaxLength
            ? new RequestBody(bytes.ToArray())
            : throw new PhrDataException(Stage, PhrDataReason.TooLarge, $"it is longer than {MaxLength} bytes.");

    /// <summary>Reads a body, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="body">The body, or null.</param>
    /// <returns>Whether the bytes were a body with a valid signature.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out RequestBody? body)
    {
        try
        {
            body = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            body = null;
            return false;
        }
    }

    /// <summary>Writes the body.</summary>
    /// <returns>A new array with the exact bytes.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    /// <summary>The salted commitment to the whole body, as the ledger has it.</summary>
    /// <param name="salt">The salt that travels sealed with the body.</param>
    /// <returns>The commitment.</returns>
    public Digest CommitmentWith(Digest salt) => SaltedCommitment.Compute("request-body", salt, _bytes);

    internal static RequestBody Create(
        IdentityKeys doctor,
        BundleHeader header,
        Digest dealingDigest,
        PublicKey receivingKey,
        DateTimeOffset notAfter,
        PurposeOfUse purpose,
        string reason,
        IReadOnlyList<DocumentId> documents,
        KeyRecord keyRecord,
        LicenceCredential licence,
        (ActorId Team, int KeyEpoch, SecretKey RequestKey)? team = null)
    {
        var nonce = Digest.Random();
        TeamClaim? claim = team is { } given ? new TeamClaim(given.Team, given.KeyEpoch, TeamRequestKey.SignPossession(given.RequestKey, nonce)) : null;
        var payload = new CanonicalCborWriter();
        payload.Array(16).Id(header.LedgerId).Id(doctor.Id).Id(header.BundleId).Id(header.Digest).Id(dealingDigest).Key(receivingKey)
            .Time(notAfter).Id(nonce).Id(Digest.Random()).Id(Digest.Random()).Text(purpose.Code).Text(reason).Array(documents.Count);
        foreach (DocumentId id in documents)
        {
            payload.Id(id);
        }

        byte[] encoded = payload.EndArray().Bytes(keyRecord.ToBytes()).Bytes(licence.ToBytes()).Bytes(claim?.ToBytes() ?? []).EndArray().ToBytes();
        Signature signature = doctor.ObjectSigner.Sign(Message(encoded));
        return new RequestBody(new CanonicalCborWriter().Array(3).Text(Tag).Bytes(encoded).Bytes(signature.ToBytes()).EndArray().ToBytes());
    }

    internal static bool IsPlain(string text) =>
        Joiners.AreSound(text) && text.All(c => !char.IsSurrogate(c) && (!char.IsControl(c) || c == '\n') && (char.GetUnicodeCategory(c) != System.Globalization.UnicodeCategory.Format || Joiners.Is(new System.Text.Rune(c))));

    private static byte[] Message(ReadOnlySpan<byte> payload) => [.. System.Text.Encoding.ASCII.GetBytes(Tag), 0, .. payload];
}
