using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Sets from which amount on an agency, too, looks at claims to this insurer, before the insurer decides. By an insurer; claims filed before keep what held then.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record SetReviewThreshold : LedgerCommand
{
    /// <summary>The currency: three capital letters, ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>The least amount, in the currency's smallest units, that an agency reviews; 0, which holds until something is set, for every claim.</summary>
    public required ulong Threshold { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.SetReviewThreshold;

    internal override string? FindFault() => FileClaim.FindCurrencyFault(Currency);

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Currency = map.Code("currency", Currency, 3),
        Threshold = map.UInt64("threshold", Threshold),
    };
}
