using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The request's time is over, and somebody said so.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RequestExpired : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.RequestExpired;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
    };
}
