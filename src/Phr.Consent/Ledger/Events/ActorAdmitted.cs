using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An agency admitted an actor.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ActorAdmitted : LedgerEvent
{
    /// <summary>Who was admitted.</summary>
    public required ActorId Actor { get; init; }

    /// <summary>By whom.</summary>
    public required ActorId Agency { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ActorAdmitted;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Actor = map.Actor("actor", Actor),
        Agency = map.Actor("agency", Agency),
    };
}
