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

    /// <summary>The receiving key's signature over SHA-256 of <c>"phr/possession/v1" || 0x00 || request id</c>; null until <see cref="WithPossession"/> made it.</summary>
    public Signature? Possession { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.RequestAccess;

    /// <summary>The request's id: SHA-256 of the canonical CBOR <c>["phr/request/v1", ledger id, actor, [every field but the possession]]</c>.</summary>
    /// <param name="ledger">The ledger on which the request is made.</param>
    /// <returns>The id.</returns>
    /// <exception cref="ArgumentException">A field lies outside its bounds.</exception>
    public RequestId ComputeId(LedgerId ledger)
    {
        CanonicalCborWriter writer = new CanonicalCborWriter().Array(4).Text("phr/request/v1").Id(ledger).Id(Actor);
        FieldWriter.Write(writer, new Content(this));
        return RequestId.FromBytes(Digest.Of(writer.EndArray().ToBytes()).ToBytes());
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
    };

    private sealed record Content(RequestAccess Request) : IMapped<Content>
    {
        string IMapped<Content>.TypeName => nameof(Content);

        Content IMapped<Content>.Map(FieldMap map) => new(Request.MapContent(map));
    }
}
