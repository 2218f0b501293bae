using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Somebody added to an oracle's bond.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record BondPosted : LedgerEvent
{
    /// <summary>The oracle.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>Who paid.</summary>
    public required ActorId By { get; init; }

    /// <summary>How much, in gwei.</summary>
    public required ulong Amount { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.BondPosted;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Oracle = map.Actor("oracle", Oracle),
        By = map.Actor("by", By),
        Amount = map.UInt64("amount", Amount),
    };
}
