using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An oracle's bond was taken, with what was being released.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record BondSlashed : LedgerEvent
{
    /// <summary>The oracle.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>How much, in gwei.</summary>
    public required ulong Amount { get; init; }

    /// <summary>Who showed that it cheated.</summary>
    public required ActorId Challenger { get; init; }

    /// <summary>How much of it is the challenger's; the rest is nobody's.</summary>
    public required ulong Reward { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.BondSlashed;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Oracle = map.Actor("oracle", Oracle),
        Amount = map.UInt64("amount", Amount),
        Challenger = map.Actor("challenger", Challenger),
        Reward = map.UInt64("reward", Reward),
    };
}
