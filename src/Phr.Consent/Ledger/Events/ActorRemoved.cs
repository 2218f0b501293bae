using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An actor was removed for good. Its approvals of requests not yet granted are void.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ActorRemoved : LedgerEvent
{
    /// <summary>Who.</summary>
    public required ActorId Actor { get; init; }

    /// <summary>By whom: an agency, or the actor itself.</summary>
    public required ActorId By { get; init; }

    /// <summary>Why.</summary>
    public required int ReasonCode { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ActorRemoved;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Actor = map.Actor("actor", Actor),
        By = map.Actor("by", By),
        ReasonCode = map.Int32("reasonCode", ReasonCode, LedgerLimits.ReasonCode),
    };
}
