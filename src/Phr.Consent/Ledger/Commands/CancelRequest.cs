using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Withdraws a request before it is granted; it counts as abandoned. By the doctor who made it.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record CancelRequest : LedgerCommand
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.CancelRequest;

    internal override bool OnlyWithdraws => true;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
    };
}
