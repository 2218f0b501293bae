using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Admits a pending actor. By an agency, or of a hospital's own team by that hospital.</summary>
/// <remarks>Everybody but an agency is active from then on; an agency begins by <see cref="AcceptAdmission"/> when the ledger's delay is over. An oracle gets the next number of the registry. Immutable and thread safe.</remarks>
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
