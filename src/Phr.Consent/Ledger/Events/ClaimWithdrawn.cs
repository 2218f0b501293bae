using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A patient withdrew a claim.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ClaimWithdrawn : LedgerEvent
{
    /// <summary>The claim.</summary>
    public required Digest ClaimId { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ClaimWithdrawn;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        ClaimId = map.Digest("claimId", ClaimId),
    };
}
