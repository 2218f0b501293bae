using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Replaces the signer's ledger key, its key record, or both. The actor's id stays.</summary>
/// <remarks>Signed by the key that is replaced. Not for a team, which signs nothing. Immutable and thread safe.</remarks>
public sealed record ReplaceKey : LedgerCommand
{
    /// <summary>The address of the new ledger key, or the present one when only the key record changes. One address never serves two actors, now or later.</summary>
    public required ActorId NewLedgerAddress { get; init; }

    /// <summary>SHA-256 of the new key record.</summary>
    public required Digest KeyRecordDigest { get; init; }

    /// <summary>When the new key record ends. Whole seconds; for an oracle at most 30 days ahead.</summary>
    public required DateTimeOffset ValidUntil { get; init; }

    /// <summary>By the new ledger key over <see cref="LedgerPossession.KeyDigest"/>, so that nobody can occupy another's address; null when the address stays.</summary>
    public RecoverableSignature? Possession { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ReplaceKey;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        NewLedgerAddress = map.Actor("newLedgerAddress", NewLedgerAddress),
        KeyRecordDigest = map.Digest("keyRecordDigest", KeyRecordDigest),
        ValidUntil = map.Time("validUntil", ValidUntil),
        Possession = map.OptionalSignature("possession", Possession),
    };
}
