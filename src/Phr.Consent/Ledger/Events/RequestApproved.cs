using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A trustee approved.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RequestApproved : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>The trustee's seat.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>Who it is.</summary>
    public required ActorId Trustee { get; init; }

    /// <summary>SHA-256 of the signed approval.</summary>
    public required Digest ApprovalDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.RequestApproved;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Seat = map.Nested("seat", Seat),
        Trustee = map.Actor("trustee", Trustee),
        ApprovalDigest = map.Digest("approvalDigest", ApprovalDigest),
    };
}
