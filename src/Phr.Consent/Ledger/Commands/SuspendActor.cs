using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Suspends an actor, or an agency whose admission runs: until it is reinstated only what withdraws something is accepted from it, its approvals of requests not yet granted are void, and it is not drawn. By an agency.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record SuspendActor : LedgerCommand
{
    /// <summary>Who is suspended.</summary>
    public required ActorId Subject { get; init; }

    /// <summary>Why: a code the parties agree on, 0 to 65,535.</summary>
    public required int ReasonCode { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.SuspendActor;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Subject = map.Actor("subject", Subject),
        ReasonCode = map.Int32("reasonCode", ReasonCode, LedgerLimits.ReasonCode),
    };
}
