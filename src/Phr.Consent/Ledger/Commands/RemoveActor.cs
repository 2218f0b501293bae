using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Removes an actor for good. By an agency, or by the actor itself.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RemoveActor : LedgerCommand
{
    /// <summary>Who is removed.</summary>
    public required ActorId Subject { get; init; }

    /// <summary>Why: a code the parties agree on, 0 to 65,535.</summary>
    public required int ReasonCode { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.RemoveActor;

    internal override bool OnlyWithdraws => Subject == Actor;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Subject = map.Actor("subject", Subject),
        ReasonCode = map.Int32("reasonCode", ReasonCode, LedgerLimits.ReasonCode),
    };
}
