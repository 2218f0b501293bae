using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A claim was rejected at a level.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ClaimRejected : LedgerEvent
{
    /// <summary>The claim.</summary>
    public required Digest ClaimId { get; init; }

    /// <summary>Who.</summary>
    public required ActorId By { get; init; }

    /// <summary>At which level: 1 the doctor, 2 the hospital, 3 an agency, 4 the insurer.</summary>
    public required int Level { get; init; }

    /// <summary>A code of the parties' own list.</summary>
    public required int ReasonCode { get; init; }

    /// <summary>SHA-256 of the sealed opinion; zero for none.</summary>
    public required Digest OpinionDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ClaimRejected;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        ClaimId = map.Digest("claimId", ClaimId),
        By = map.Actor("by", By),
        Level = map.Int32("level", Level, 4),
        ReasonCode = map.Int32("reasonCode", ReasonCode, LedgerLimits.ReasonCode),
        OpinionDigest = map.Digest("opinionDigest", OpinionDigest),
    };
}
