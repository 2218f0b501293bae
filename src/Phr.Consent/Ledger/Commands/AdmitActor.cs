using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Admits a pending actor. By an agency.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record AdmitActor : LedgerCommand
{
    /// <summary>Who is admitted.</summary>
    public required ActorId Subject { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.AdmitActor;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Subject = map.Actor("subject", Subject),
    };
}
