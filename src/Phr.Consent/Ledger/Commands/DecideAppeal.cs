using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Decides on an appeal: sends the claim back to the insurer, whose second decision is final, or lets the first one stand. By an agency.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record DecideAppeal : LedgerCommand
{
    /// <summary>The claim.</summary>
    public required Digest ClaimId { get; init; }

    /// <summary>Whether the insurer has to decide again.</summary>
    public required bool SendBack { get; init; }

    /// <summary>SHA-256 of the sealed finding; zero for none.</summary>
    public Digest FindingDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.DecideAppeal;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        ClaimId = map.Digest("claimId", ClaimId),
        SendBack = map.Boolean("sendBack", SendBack),
        FindingDigest = map.Digest("findingDigest", FindingDigest),
    };
}
