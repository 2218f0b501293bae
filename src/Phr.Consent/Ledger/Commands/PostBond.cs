using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Adds to an oracle's bond. By anybody, for any oracle.</summary>
/// <remarks>On a chain the amount is paid with the call; the embedded ledger keeps the same numbers without a value. Immutable and thread safe.</remarks>
public sealed record PostBond : LedgerCommand
{
    /// <summary>The oracle.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>How much, in gwei (10^-9 ether), 1 to 10^17.</summary>
    public required ulong Amount { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.PostBond;

    internal override string? FindFault() => Amount is 0 or > LedgerLimits.Bond ? "An amount is 1 to 10^17 gwei." : null;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Oracle = map.Actor("oracle", Oracle),
        Amount = map.UInt64("amount", Amount),
    };
}
