using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Rates an oracle that delivered. By the doctor of the grant, once for each oracle.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RateOracle : LedgerCommand
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>The oracle's place in the committee, counted from 1.</summary>
    public required int Index { get; init; }

    /// <summary>0 (useless or false) to 100.</summary>
    public required int Rating { get; init; }

    /// <summary>SHA-256 of what shows it, or a salted commitment; zero for none.</summary>
    public Digest EvidenceDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.RateOracle;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Index = map.Int32("index", Index, LedgerLimits.Committee),
        Rating = map.Int32("rating", Rating, 100),
        EvidenceDigest = map.Digest("evidenceDigest", EvidenceDigest),
    };
}
