using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An oracle took out what it had asked back.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record BondWithdrawn : LedgerEvent
{
    /// <summary>The oracle.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>How much, in gwei.</summary>
    public required ulong Amount { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.BondWithdrawn;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Oracle = map.Actor("oracle", Oracle),
        Amount = map.UInt64("amount", Amount),
    };
}
