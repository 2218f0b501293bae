using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An identity was registered.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ActorRegistered : LedgerEvent
{
    /// <summary>Its id, the address of its first ledger key.</summary>
    public required ActorId Actor { get; init; }

    /// <summary>Its roles.</summary>
    public required ActorRoles Roles { get; init; }

    /// <summary>Whether it is active at once; else it waits for admission.</summary>
    public required bool Active { get; init; }

    /// <summary>SHA-256 of its key record.</summary>
    public required Digest KeyRecordDigest { get; init; }

    /// <summary>When the key record ends.</summary>
    public required DateTimeOffset ValidUntil { get; init; }

    /// <summary>Its organisation; zero for none.</summary>
    public required ActorId Organisation { get; init; }

    /// <summary>Its operator; zero for none.</summary>
    public required ActorId Operator { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ActorRegistered;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Actor = map.Actor("actor", Actor),
        Roles = (ActorRoles)map.Int32("roles", (int)Roles, (int)ActorRoles.All),
        Active = map.Boolean("active", Active),
        KeyRecordDigest = map.Digest("keyRecordDigest", KeyRecordDigest),
        ValidUntil = map.Time("validUntil", ValidUntil),
        Organisation = map.Actor("organisation", Organisation),
        Operator = map.Actor("operator", Operator),
    };
}
