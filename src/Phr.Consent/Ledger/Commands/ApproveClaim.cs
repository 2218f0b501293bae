using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Approves a claim, in whole or in part. By its insurer, when all levels below have endorsed it; after an appeal for no less than before.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ApproveClaim : LedgerCommand
{
    /// <summary>The claim.</summary>
    public required Digest ClaimId { get; init; }

    /// <summary>What will be paid, in the currency's smallest units: 1 to what is claimed.</summary>
    public required ulong Amount { get; init; }

    /// <summary>SHA-256 of the sealed opinion; zero for none.</summary>
    public Digest OpinionDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ApproveClaim;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        ClaimId = map.Digest("claimId", ClaimId),
        Amount = map.UInt64("amount", Amount),
        OpinionDigest = map.Digest("opinionDigest", OpinionDigest),
    };
}
