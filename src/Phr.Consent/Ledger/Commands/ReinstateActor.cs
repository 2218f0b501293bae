using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Ends a suspension. Approvals that it made void stay void; the trustee may approve anew. By an agency.</summary>
/// <remarks>An agency that had not accepted its admission waits for the whole delay again. Immutable and thread safe.</remarks>
public sealed record ReinstateActor : LedgerCommand
{
    /// <summary>Who is reinstated.</summary>
    public required ActorId Subject { get; init; }

    /// <summary>Why: a code the parties agree on, 0 to 65,535.</summary>
    public required int ReasonCode { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ReinstateActor;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Subject = map.Actor("subject", Subject),
        ReasonCode = map.Int32("reasonCode", ReasonCode, LedgerLimits.ReasonCode),
    };
}
