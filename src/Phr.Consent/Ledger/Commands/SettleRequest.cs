using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Turns the facts of a request into reputation, once.</summary>
/// <remarks>By anybody once it is opened or the deadline for deliveries is over; by the doctor as soon as every oracle has delivered or refused. Immutable and thread safe.</remarks>
public sealed record SettleRequest : LedgerCommand
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.SettleRequest;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
    };
}
