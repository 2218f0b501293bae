using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Endorses a claim at the level that is due: its doctor first, its hospital next, and then an agency where the amount asks for it. By whoever's turn it is; the doctor needs a licence.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record EndorseClaim : LedgerCommand
{
    /// <summary>The claim.</summary>
    public required Digest ClaimId { get; init; }

    /// <summary>SHA-256 of the sealed opinion; zero for none.</summary>
    public Digest OpinionDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.EndorseClaim;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        ClaimId = map.Digest("claimId", ClaimId),
        OpinionDigest = map.Digest("opinionDigest", OpinionDigest),
    };
}
