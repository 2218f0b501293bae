using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Ends a claim whose time passed before it was decided; what the insurer had approved before an appeal stands. By anybody.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ExpireClaim : LedgerCommand
{
    /// <summary>The claim.</summary>
    public required Digest ClaimId { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ExpireClaim;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        ClaimId = map.Digest("claimId", ClaimId),
    };
}
