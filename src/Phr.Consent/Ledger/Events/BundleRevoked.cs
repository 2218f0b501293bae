using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A bundle was closed for good.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record BundleRevoked : LedgerEvent
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>Why.</summary>
    public required int ReasonCode { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.BundleRevoked;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        ReasonCode = map.Int32("reasonCode", ReasonCode, LedgerLimits.ReasonCode),
    };
}
