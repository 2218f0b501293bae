using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Ends a reshare whose time is over, so that another one can be proposed. By anybody.</summary>
/// <remarks>
/// A reshare that led to a dealing ends in the same way when as much time as the proposal had has passed since the dealing could have become active, and it has not. Immutable and thread safe.
/// </remarks>
public sealed record ExpireReshare : LedgerCommand
{
    /// <summary>The bundle.</summary>
    public required BundleId BundleId { get; init; }

    /// <summary>The plan.</summary>
    public required Digest PlanDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ExpireReshare;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        BundleId = map.Bundle("bundleId", BundleId),
        PlanDigest = map.Digest("planDigest", PlanDigest),
    };
}
