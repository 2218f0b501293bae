using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An oracle asked back a part of its bond.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record BondReleased : LedgerEvent
{
    /// <summary>The oracle.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>How much, in gwei.</summary>
    public required ulong Amount { get; init; }

    /// <summary>When it may be taken out.</summary>
    public required DateTimeOffset PayableAt { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.BondReleased;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Oracle = map.Actor("oracle", Oracle),
        Amount = map.UInt64("amount", Amount),
        PayableAt = map.Time("payableAt", PayableAt),
    };
}
