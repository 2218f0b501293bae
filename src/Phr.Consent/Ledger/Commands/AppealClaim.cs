using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Appeals to an agency against a rejection, or against an approval of less than was claimed. By the claim's patient, once.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record AppealClaim : LedgerCommand
{
    /// <summary>The claim.</summary>
    public required Digest ClaimId { get; init; }

    /// <summary>SHA-256 of the sealed grounds; zero for none.</summary>
    public Digest GroundsDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.AppealClaim;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        ClaimId = map.Digest("claimId", ClaimId),
        GroundsDigest = map.Digest("groundsDigest", GroundsDigest),
    };
}
