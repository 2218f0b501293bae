using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Withdraws a claim that is not decided. By its patient.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record WithdrawClaim : LedgerCommand
{
    /// <summary>The claim.</summary>
    public required Digest ClaimId { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.WithdrawClaim;

    internal override bool OnlyWithdraws => true;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        ClaimId = map.Digest("claimId", ClaimId),
    };
}
