using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Approves a request. By a trustee of the pinned policy, after the draw.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ApproveRequest : LedgerCommand
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>The trustee's seat.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>SHA-256 of the signed approval, which names the envelopes to the committee.</summary>
    public required Digest ApprovalDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ApproveRequest;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Seat = map.Nested("seat", Seat),
        ApprovalDigest = map.Digest("approvalDigest", ApprovalDigest),
    };
}
