using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An agency that was admitted began its work.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record AdmissionAccepted : LedgerEvent
{
    /// <summary>The agency.</summary>
    public required ActorId Actor { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.AdmissionAccepted;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Actor = map.Actor("actor", Actor),
    };
}
