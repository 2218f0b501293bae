using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An actor's ledger key or key record was replaced.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record KeyReplaced : LedgerEvent
{
    /// <summary>Whose.</summary>
    public required ActorId Actor { get; init; }

    /// <summary>The address that signs for it from now on.</summary>
    public required ActorId NewLedgerAddress { get; init; }

    /// <summary>SHA-256 of the new key record.</summary>
    public required Digest KeyRecordDigest { get; init; }

    /// <summary>When the new key record ends.</summary>
    public required DateTimeOffset ValidUntil { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.KeyReplaced;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Actor = map.Actor("actor", Actor),
        NewLedgerAddress = map.Actor("newLedgerAddress", NewLedgerAddress),
        KeyRecordDigest = map.Digest("keyRecordDigest", KeyRecordDigest),
        ValidUntil = map.Time("validUntil", ValidUntil),
    };
}
