using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Records that a request's time is over. By anybody.</summary>
/// <remarks>The time itself ends the request everywhere; this only leaves a mark. Immutable and thread safe.</remarks>
public sealed record ExpireRequest : LedgerCommand
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ExpireRequest;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
    };
}
