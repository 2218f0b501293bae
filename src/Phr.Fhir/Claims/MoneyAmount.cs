using Hl7.Fhir.Model;
using Hl7.Fhir.Utility;

namespace Phr.Fhir;

/// <summary>An amount of money in a currency.</summary>
/// <remarks>A ledger counts in the currency's smallest units, FHIR in the currency. Immutable and thread safe. The default value has no currency.</remarks>
public readonly record struct MoneyAmount
{
    private MoneyAmount(decimal value, string currency)
    {
        Value = value;
        _currency = currency;
    }

    private readonly string? _currency;

    /// <summary>How much, in the currency: 12.50.</summary>
    public decimal Value { get; }

    /// <summary>The currency: three capital letters, ISO 4217; empty in the default value.</summary>
    public string Currency => _currency ?? string.Empty;

    /// <summary>Makes an amount.</summary>
    /// <param name="value">How much, in the currency; not negative.</param>
    /// <param name="currency">The currency: three capital letters, one that FHIR R4 knows.</param>
    /// <returns>The amount.</returns>
    /// <exception cref="ArgumentException">The currency is not known, or the value is negative.</exception>
    public static MoneyAmount Of(decimal value, string currency)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        return IsKnown(currency) ? new MoneyAmount(value, currency) : throw Error.UnknownCurrency(nameof(currency));
    }

    /// <summary>Makes an amount of a currency's smallest units.</summary>
    /// <param name="units">How many: cents, paise.</param>
    /// <param name="currency">The currency: three capital letters, one that FHIR R4 knows.</param>
    /// <returns>The amount, with as many decimals as the currency has.</returns>
    /// <exception cref="ArgumentException">The currency is not known.</exception>
    public static MoneyAmount FromSmallestUnits(ulong units, string currency) =>
        IsKnown(currency)
            ? new MoneyAmount(new decimal(unchecked((int)(uint)units), unchecked((int)(uint)(units >> 32)), 0, false, DecimalsOf(currency)), currency)
            : throw Error.UnknownCurrency(nameof(currency));

    /// <summary>The amount in the currency's smallest units.</summary>
    /// <param name="units">How many, or 0.</param>
    /// <returns>Whether it is a whole number of them that fits.</returns>
    public bool TryToSmallestUnits(out ulong units)
    {
        units = 0;
        byte decimals = DecimalsOf(Currency);
        if (Value < 0 || Value > ulong.MaxValue)
        {
            return false;
        }

        decimal scaled = Value;
        for (int i = 0; i < decimals; i++)
        {
            scaled *= 10;
        }

        if (!decimal.IsInteger(scaled) || scaled > ulong.MaxValue)
        {
            return false;
        }

        units = (ulong)scaled;
        return true;
    }

    /// <summary>Value and currency.</summary>
    /// <returns>Text such as <c>12.50 INR</c>.</returns>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Value} {Currency}");

    internal static bool IsKnown(string? currency) => currency is { Length: 3 } && EnumUtility.ParseLiteral<Money.Currencies>(currency) is not null;

    // ISO 4217: what has not two decimals.
    private static byte DecimalsOf(string currency) => currency switch
    {
        "BIF" or "CLP" or "DJF" or "GNF" or "ISK" or "JPY" or "KMF" or "KRW" or "PYG" or "RWF" or "UGX" or "UYI" or "VND" or "VUV" or "XAF" or "XOF" or "XPF" => 0,
        "BHD" or "IQD" or "JOD" or "KWD" or "LYD" or "OMR" or "TND" => 3,
        "CLF" => 4,
        _ => 2,
    };
}
