using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An insurer set from which amount on an agency looks at claims, too.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ReviewThresholdSet : LedgerEvent
{
    /// <summary>The insurer.</summary>
    public required ActorId Insurer { get; init; }

    /// <summary>The currency: three capital letters, ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>The least amount that an agency reviews.</summary>
    public required ulong Threshold { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ReviewThresholdSet;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Insurer = map.Actor("insurer", Insurer),
        Currency = map.Code("currency", Currency, 3),
        Threshold = map.UInt64("threshold", Threshold),
    };
}
