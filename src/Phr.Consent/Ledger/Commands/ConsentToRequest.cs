using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Grants a request at once, without a veto window. By the bundle's patient, after the draw.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ConsentToRequest : LedgerCommand
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>SHA-256 of the patient's signed approval, which names the envelopes to the committee.</summary>
    public required Digest ApprovalDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ConsentToRequest;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        ApprovalDigest = map.Digest("approvalDigest", ApprovalDigest),
    };
}
