using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>So many denied that the quorum cannot be reached.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RequestDenied : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.RequestDenied;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
    };
}
