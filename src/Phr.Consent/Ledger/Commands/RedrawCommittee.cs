using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Asks for a second committee, once, when fewer than m oracles served in time; approvals are void. By the doctor or the patient.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RedrawCommittee : LedgerCommand
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.RedrawCommittee;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
    };
}
