using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A patient appealed.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ClaimAppealed : LedgerEvent
{
    /// <summary>The claim.</summary>
    public required Digest ClaimId { get; init; }

    /// <summary>SHA-256 of the sealed grounds; zero for none.</summary>
    public required Digest GroundsDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ClaimAppealed;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        ClaimId = map.Digest("claimId", ClaimId),
        GroundsDigest = map.Digest("groundsDigest", GroundsDigest),
    };
}
