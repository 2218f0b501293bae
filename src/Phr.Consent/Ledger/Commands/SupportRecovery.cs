using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Supports a proposed recovery. By a trustee of the policy that decides.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record SupportRecovery : LedgerCommand
{
    /// <summary>Whose key it is.</summary>
    public required ActorId Patient { get; init; }

    /// <summary>The address that is supported: it must be the proposed one.</summary>
    public required ActorId NewLedgerAddress { get; init; }

    /// <summary>The trustee's seat.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.SupportRecovery;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Patient = map.Actor("patient", Patient),
        NewLedgerAddress = map.Actor("newLedgerAddress", NewLedgerAddress),
        Seat = map.Nested("seat", Seat),
    };
}
