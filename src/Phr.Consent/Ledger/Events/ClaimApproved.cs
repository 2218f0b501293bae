using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An insurer approved a claim.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ClaimApproved : LedgerEvent
{
    /// <summary>The claim.</summary>
    public required Digest ClaimId { get; init; }

    /// <summary>The insurer.</summary>
    public required ActorId Insurer { get; init; }

    /// <summary>What will be paid, in the currency's smallest units.</summary>
    public required ulong Amount { get; init; }

    /// <summary>SHA-256 of the sealed opinion; zero for none.</summary>
    public required Digest OpinionDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ClaimApproved;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        ClaimId = map.Digest("claimId", ClaimId),
        Insurer = map.Actor("insurer", Insurer),
        Amount = map.UInt64("amount", Amount),
        OpinionDigest = map.Digest("opinionDigest", OpinionDigest),
    };
}
