using System.Buffers.Binary;
using Phr.Consent.Fields;
using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent;

/// <summary>Asks for documents of a bundle. By a doctor.</summary>
/// <remarks>
/// It pins header, dealing and epoch by compare and swap, and names a receiving key made for this request alone. Purpose, documents and reason are in a sealed body, of which the ledger
/// sees salted commitments. Make it, then call <see cref="WithPossession"/>. Immutable and thread safe.
/// </remarks>
public sealed record RequestAccess : LedgerCommand
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The header that the ledger has now.</summary>
    public required Digest HeaderDigest { get; init; }

    /// <summary>The active dealing.</summary>
    public required Digest DealingDigest { get; init; }

    /// <summary>The active dealing's epoch.</summary>
    public required int Epoch { get; init; }

    /// <summary>A salted commitment to the list of documents.</summary>
    public required Digest DocumentsCommitment { get; init; }

    /// <summary>How many documents are asked for, 1 to 1,024.</summary>
    public required int DocumentCount { get; init; }

    /// <summary>A salted commitment to purpose, documents and reason.</summary>
    public required Digest BodyCommitment { get; init; }

    /// <summary>SHA-256 of the sealed body, which the content store keeps.</summary>
    public required Digest BodyDigest { get; init; }

    /// <summary>A salted commitment to the purpose's code.</summary>
    public required Digest PurposeDigest { get; init; }

    /// <summary>B: the key to which fragments and deliveries are made, fresh for this request.</summary>
    public required PublicKey ReceivingKey { get; init; }

    /// <summary>When the request, and a grant of it, ends. Whole seconds.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>32 random bytes of the doctor, so that two requests never have one id.</summary>
    public required Digest Nonce { get; init; }

    /// <summary>Who receives.</summary>
    public required RequestReceiver Receiver { get; init; }

    /// <summary>The number of the present snapshot of the registry, from which the committee is drawn.</summary>
    public required int Snapshot { get; init; }

    /// <summary>How often the documents may be opened, 1 to 15. Default 1.</summary>
    public int Uses { get; init; } = 1;

    /// <summary>The reason code of an emergency, 1 to 65,535; 0, the default, when it is none.</summary>
    public int EmergencyReason { get; init; }

    /// <summary>What deliveries are judged by in a dispute, a digest that follows from header and dealing; zero, the default, for nothing. The ledger only keeps it.</summary>
    public Digest EvidenceRoot { get; init; }

    /// <summary>The receiving key's signature over SHA-256 of <c>"phr/possession/v1" || 0x00 || request id</c>; null until <see cref="WithPossession"/> made it. The ledger carries it, and every client checks it.</summary>
    public Signature? Possession { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.RequestAccess;

    /// <summary>
    /// The request's id: keccak256 of 32-byte words, as a contract's abi.encode writes them: keccak256("phr/request/v2"), chain id, ledger address, actor, and every field but the possession in the
    /// order of this page, the receiving key as keccak256 of its 33 bytes and the receiver as its three fields.
    /// </summary>
    /// <param name="ledger">The ledger on which the request is made.</param>
    /// <returns>The id.</returns>
    /// <exception cref="ArgumentException">A field lies outside its bounds.</exception>
    public RequestId ComputeId(LedgerId ledger) => RequestId.FromBytes(Keccak256.HashData(ToPreimage(ledger)));

    /// <summary>The words of which the id is the hash.</summary>
    internal byte[] ToPreimage(LedgerId ledger)
    {
        // The writer refuses what is out of bounds; nothing else is done with what it writes.
        FieldWriter.Write(new CanonicalCborWriter(), new Content(this));
        var words = new MemoryStream();
        words.Write(Keccak256.HashData("phr/request/v2"u8));
        Number(words, ledger.ChainId);
        Address(words, ledger.Contract);
        Address(words, Actor);
        words.Write(BundleId.ToBytes());
        words.Write(HeaderDigest.ToBytes());
        words.Write(DealingDigest.ToBytes());
        Number(words, (ulong)Epoch);
        words.Write(DocumentsCommitment.ToBytes());
        Number(words, (ulong)DocumentCount);
        words.Write(BodyCommitment.ToBytes());
        words.Write(BodyDigest.ToBytes());
        words.Write(PurposeDigest.ToBytes());
        words.Write(Keccak256.HashData(ReceivingKey.ToBytes()));
        Number(words, (ulong)NotAfter.ToUnixTimeSeconds());
        words.Write(Nonce.ToBytes());
        Number(words, (ulong)Receiver.Kind);
        Address(words, Receiver.Id);
        Number(words, (ulong)Receiver.KeyEpoch);
        Number(words, (ulong)Snapshot);
        Number(words, (ulong)Uses);
        Number(words, (ulong)EmergencyReason);
        words.Write(EvidenceRoot.ToBytes());
        return words.ToArray();
    }

    /// <summary>The same request with the proof that the receiving key's secret is known.</summary>
    /// <param name="receivingKey">The secret of <see cref="ReceivingKey"/>.</param>
    /// <param name="ledger">The ledger on which the request is made.</param>
    /// <returns>The request, ready to be signed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="receivingKey"/> is null.</exception>
    /// <exception cref="ArgumentException">The secret belongs to another key, or a field lies outside its bounds.</exception>
    public RequestAccess WithPossession(SecretKey receivingKey, LedgerId ledger)
    {
        ArgumentNullException.ThrowIfNull(receivingKey);
        return receivingKey.PublicKey == ReceivingKey
            ? this with { Possession = ReceivingKeyProof.SignPossession(receivingKey, ComputeId(ledger)) }
            : throw new ArgumentException("The secret does not belong to the receiving key of the request.", nameof(receivingKey));
    }

    /// <summary>The same request, for a team, with the proof that the secret of its own part of the receiving key is known.</summary>
    /// <param name="requestKey">The secret of R; <see cref="ReceivingKey"/> is the team's key plus R.</param>
    /// <param name="ledger">The ledger on which the request is made.</param>
    /// <returns>The request, ready to be signed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="requestKey"/> is null.</exception>
    /// <exception cref="ArgumentException">The receiver is no team, or a field lies outside its bounds.</exception>
    public RequestAccess WithTeamPossession(SecretKey requestKey, LedgerId ledger)
    {
        ArgumentNullException.ThrowIfNull(requestKey);
        return Receiver.Kind == ReceiverKinds.Team
            ? this with { Possession = TeamRequestKey.SignPossession(requestKey, Crypto.Digest.FromBytes(ComputeId(ledger).ToBytes())) }
            : throw new ArgumentException("The receiver is no team.", nameof(requestKey));
    }

    internal override LedgerCommand Map(FieldMap map) => MapContent(map) with { Possession = map.Signature("possession", Possession) };

    internal override string? FindFault() =>
        DocumentCount < 1 ? "A request asks for at least one document."
        : Uses < 1 ? "A request asks for at least one opening."
        : Receiver.Kind is not (ReceiverKinds.Person or ReceiverKinds.Team) ? "A receiver is a person or a team."
        : null;

    private RequestAccess MapContent(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        HeaderDigest = map.Digest("headerDigest", HeaderDigest),
        DealingDigest = map.Digest("dealingDigest", DealingDigest),
        Epoch = map.Int32("epoch", Epoch, LedgerLimits.EpochMax),
        DocumentsCommitment = map.Digest("documentsCommitment", DocumentsCommitment),
        DocumentCount = map.Int32("documentCount", DocumentCount, LedgerLimits.Documents),
        BodyCommitment = map.Digest("bodyCommitment", BodyCommitment),
        BodyDigest = map.Digest("bodyDigest", BodyDigest),
        PurposeDigest = map.Digest("purposeDigest", PurposeDigest),
        ReceivingKey = map.Key("receivingKey", ReceivingKey),
        NotAfter = map.Time("notAfter", NotAfter),
        Nonce = map.Digest("requestNonce", Nonce),
        Receiver = map.Nested("receiver", Receiver),
        Snapshot = map.Int32("snapshot", Snapshot, LedgerLimits.SnapshotMax),
        Uses = map.Int32("uses", Uses, LedgerLimits.Uses),
        EmergencyReason = map.Int32("emergencyReason", EmergencyReason, LedgerLimits.ReasonCode),
        EvidenceRoot = map.Digest("evidenceRoot", EvidenceRoot),
    };

    private static void Number(MemoryStream words, ulong value)
    {
        Span<byte> word = stackalloc byte[32];
        BinaryPrimitives.WriteUInt64BigEndian(word[24..], value);
        words.Write(word);
    }

    private static void Address(MemoryStream words, ActorId value)
    {
        words.Write(new byte[12]);
        words.Write(value.ToBytes());
    }

    private sealed record Content(RequestAccess Request) : IMapped<Content>
    {
        string IMapped<Content>.TypeName => nameof(Content);

        Content IMapped<Content>.Map(FieldMap map) => new(Request.MapContent(map));
    }
}
