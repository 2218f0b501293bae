using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Registers the signer: a new identity whose id is the address of the ledger key that signs.</summary>
/// <remarks>Patients and guardians are active at once; every other role waits for an agency's <see cref="AdmitActor"/>. The founding agency, active from the start, registers to record its keys. Immutable and thread safe.</remarks>
public sealed record RegisterActor : LedgerCommand
{
    /// <summary>The roles asked for. Agency, oracle and operator go with no other role.</summary>
    public required ActorRoles Roles { get; init; }

    /// <summary>SHA-256 of the signed key record, which the content store keeps.</summary>
    public required Digest KeyRecordDigest { get; init; }

    /// <summary>When the key record ends. Whole seconds; for an oracle at most 30 days ahead.</summary>
    public required DateTimeOffset ValidUntil { get; init; }

    /// <summary>The organisation it belongs to; zero for none. An oracle's is its operator's, or zero.</summary>
    public ActorId Organisation { get; init; }

    /// <summary>Who runs it, an admitted operator: needed for an oracle, zero for everybody else.</summary>
    public ActorId Operator { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.RegisterActor;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Roles = (ActorRoles)map.Int32("roles", (int)Roles, (int)ActorRoles.All),
        KeyRecordDigest = map.Digest("keyRecordDigest", KeyRecordDigest),
        ValidUntil = map.Time("validUntil", ValidUntil),
        Organisation = map.Actor("organisation", Organisation),
        Operator = map.Actor("operator", Operator),
    };
}
