using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Draws the committee from the randomness of the request's seed block. By anybody, after that block and within the window; later it voids the request.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record DrawCommittee : LedgerCommand
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.DrawCommittee;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
    };
}
