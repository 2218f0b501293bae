using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The doctor opened the documents.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record OpeningConfirmed : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.OpeningConfirmed;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
    };
}
