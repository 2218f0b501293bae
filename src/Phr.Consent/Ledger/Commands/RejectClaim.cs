using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Rejects a claim at the level that is due. By whoever's turn it is.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RejectClaim : LedgerCommand
{
    /// <summary>The claim.</summary>
    public required Digest ClaimId { get; init; }

    /// <summary>A code of the parties' own list.</summary>
    public required int ReasonCode { get; init; }

    /// <summary>SHA-256 of the sealed opinion; zero for none.</summary>
    public Digest OpinionDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.RejectClaim;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        ClaimId = map.Digest("claimId", ClaimId),
        ReasonCode = map.Int32("reasonCode", ReasonCode, LedgerLimits.ReasonCode),
        OpinionDigest = map.Digest("opinionDigest", OpinionDigest),
    };
}
