using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An agency withdrew a doctor's licence.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record LicenceWithdrawn : LedgerEvent
{
    /// <summary>Whose licence it was.</summary>
    public required ActorId Doctor { get; init; }

    /// <summary>By whom.</summary>
    public required ActorId Agency { get; init; }

    /// <summary>Why.</summary>
    public required int ReasonCode { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.LicenceWithdrawn;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Doctor = map.Actor("doctor", Doctor),
        Agency = map.Actor("agency", Agency),
        ReasonCode = map.Int32("reasonCode", ReasonCode, LedgerLimits.ReasonCode),
    };
}
