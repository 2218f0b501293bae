using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The doctor rated an oracle.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record OracleRated : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>The oracle's place in the committee.</summary>
    public required int Index { get; init; }

    /// <summary>0 to 100.</summary>
    public required int Rating { get; init; }

    /// <summary>SHA-256 of the evidence; zero for none.</summary>
    public required Digest EvidenceDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.OracleRated;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Index = map.Int32("index", Index, LedgerLimits.Committee),
        Rating = map.Int32("rating", Rating, 100),
        EvidenceDigest = map.Digest("evidenceDigest", EvidenceDigest),
    };
}
