using Phr.Consent.Fields;

namespace Phr.Consent;

/// <summary>Asks back a part of the own bond. By an oracle, whatever its state; it is paid by <see cref="WithdrawBond"/> when the delay is over, and can be slashed until then.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ReleaseBond : LedgerCommand
{
    /// <summary>How much, in gwei (10^-9 ether), 1 to 10^17.</summary>
    public required ulong Amount { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ReleaseBond;

    internal override bool OutlastsRemoval => true;

    internal override string? FindFault() => Amount is 0 or > LedgerLimits.Bond ? "An amount is 1 to 10^17 gwei." : null;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Amount = map.UInt64("amount", Amount),
    };
}
