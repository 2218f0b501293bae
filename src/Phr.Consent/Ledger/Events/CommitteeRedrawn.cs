using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A second committee is to be drawn; approvals, denials, the grant and its deliveries are void.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record CommitteeRedrawn : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>The number of the snapshot from which it is drawn.</summary>
    public required int Snapshot { get; init; }

    /// <summary>The block whose randomness decides the draw.</summary>
    public required ulong SeedBlock { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.CommitteeRedrawn;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Snapshot = map.Int32("snapshot", Snapshot, LedgerLimits.SnapshotMax),
        SeedBlock = map.UInt64("seedBlock", SeedBlock),
    };
}
