using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The request is granted.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record GrantIssued : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>Until when the patient may veto; the grant is final from this instant on.</summary>
    public required DateTimeOffset VetoUntil { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.GrantIssued;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        VetoUntil = map.Time("vetoUntil", VetoUntil),
    };
}
