using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Shows that a delivery which an oracle signed is false: the oracle loses its bond and its good name, and a quarter of the bond is the challenger's. By anybody who is active.</summary>
/// <remarks>It needs the delivery's statement and evidence alone, no state of the request, so it stays possible as long as the bond is there. Immutable and thread safe.</remarks>
public sealed record DisputeDelivery : LedgerCommand
{
    /// <summary>What the oracle signed.</summary>
    public required DisputedDelivery Delivery { get; init; }

    /// <summary>The signature of the oracle's ledger key over it.</summary>
    public required RecoverableSignature DeliverySignature { get; init; }

    /// <summary>What shows it to be false.</summary>
    public required DeliveryEvidence Evidence { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.DisputeDelivery;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Delivery = map.Nested("delivery", Delivery),
        DeliverySignature = map.OptionalSignature("deliverySignature", DeliverySignature)!,
        Evidence = map.Evidence("evidence", Evidence),
    };

    internal override string? FindFault() => DeliverySignature is null ? "A delivery has a signature." : null;
}
