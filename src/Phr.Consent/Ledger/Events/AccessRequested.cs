using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A doctor asked for documents. It holds all that the request pins.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record AccessRequested : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>Who asks.</summary>
    public required ActorId Doctor { get; init; }

    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The pinned header.</summary>
    public required Digest HeaderDigest { get; init; }

    /// <summary>The pinned dealing.</summary>
    public required Digest DealingDigest { get; init; }

    /// <summary>The pinned epoch.</summary>
    public required int Epoch { get; init; }

    /// <summary>The commitment to the documents.</summary>
    public required Digest DocumentsCommitment { get; init; }

    /// <summary>How many documents.</summary>
    public required int DocumentCount { get; init; }

    /// <summary>The commitment to purpose, documents and reason.</summary>
    public required Digest BodyCommitment { get; init; }

    /// <summary>SHA-256 of the sealed body.</summary>
    public required Digest BodyDigest { get; init; }

    /// <summary>The commitment to the purpose.</summary>
    public required Digest PurposeDigest { get; init; }

    /// <summary>The key made for this request.</summary>
    public required PublicKey ReceivingKey { get; init; }

    /// <summary>When the request, and a grant of it, ends.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>Who receives.</summary>
    public required RequestReceiver Receiver { get; init; }

    /// <summary>The doctor's 32 random bytes.</summary>
    public required Digest Nonce { get; init; }

    /// <summary>The number of the pinned snapshot of the registry.</summary>
    public required int Snapshot { get; init; }

    /// <summary>How many openings are asked for.</summary>
    public required int Uses { get; init; }

    /// <summary>The reason code of an emergency; 0 when it is none.</summary>
    public required int EmergencyReason { get; init; }

    /// <summary>What deliveries are judged by in a dispute; zero for nothing.</summary>
    public required Digest EvidenceRoot { get; init; }

    /// <summary>The proof that the receiving key's secret is known, for clients to check.</summary>
    public required Signature Possession { get; init; }

    /// <summary>The block whose randomness decides the draw.</summary>
    public required ulong SeedBlock { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.AccessRequested;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Doctor = map.Actor("doctor", Doctor),
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
        Receiver = map.Nested("receiver", Receiver),
        Nonce = map.Digest("requestNonce", Nonce),
        Snapshot = map.Int32("snapshot", Snapshot, LedgerLimits.SnapshotMax),
        Uses = map.Int32("uses", Uses, LedgerLimits.Uses),
        EmergencyReason = map.Int32("emergencyReason", EmergencyReason, LedgerLimits.ReasonCode),
        EvidenceRoot = map.Digest("evidenceRoot", EvidenceRoot),
        Possession = map.Signature("possession", Possession),
        SeedBlock = map.UInt64("seedBlock", SeedBlock),
    };
}
