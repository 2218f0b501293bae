using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A request gathered approvals and ended without a grant: the shares should be refreshed.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RefreshDue : LedgerEvent
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.RefreshDue;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        RequestId = map.Request("requestId", RequestId),
    };
}
