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

    /// <summary>The oracles that may be drawn, with their weights, in the order of their ids.</summary>
    public required IReadOnlyList<OracleCandidate> Candidates { get; init => field = ValueList.Of(value); }

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
        Candidates = map.List("candidates", Candidates, LedgerLimits.Oracles),
        SeedBlock = map.UInt64("seedBlock", SeedBlock),
    };
}
