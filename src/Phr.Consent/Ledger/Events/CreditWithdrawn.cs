using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An actor took out what it had earned.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record CreditWithdrawn : LedgerEvent
{
    /// <summary>The actor.</summary>
    public required ActorId Payee { get; init; }

    /// <summary>How much, in gwei.</summary>
    public required ulong Amount { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.CreditWithdrawn;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Payee = map.Actor("payee", Payee),
        Amount = map.UInt64("amount", Amount),
    };
}
