using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An agency decided on an appeal.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record AppealDecided : LedgerEvent
{
    /// <summary>The claim.</summary>
    public required Digest ClaimId { get; init; }

    /// <summary>The agency.</summary>
    public required ActorId Agency { get; init; }

    /// <summary>Whether the insurer has to decide again.</summary>
    public required bool SentBack { get; init; }

    /// <summary>SHA-256 of the sealed finding; zero for none.</summary>
    public required Digest FindingDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.AppealDecided;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        ClaimId = map.Digest("claimId", ClaimId),
        Agency = map.Actor("agency", Agency),
        SentBack = map.Boolean("sentBack", SentBack),
        FindingDigest = map.Digest("findingDigest", FindingDigest),
    };
}
