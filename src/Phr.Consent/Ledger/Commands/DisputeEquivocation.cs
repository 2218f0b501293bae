using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Shows that an oracle signed two different deliveries for one job: it loses its bond and its good name, and a quarter of the bond is the challenger's. By anybody who is active.</summary>
/// <remarks>Nothing of what was delivered is shown. Immutable and thread safe.</remarks>
public sealed record DisputeEquivocation : LedgerCommand
{
    /// <summary>What the oracle signed.</summary>
    public required DisputedDelivery Delivery { get; init; }

    /// <summary>The signature of the oracle's ledger key over it.</summary>
    public required RecoverableSignature DeliverySignature { get; init; }

    /// <summary>What else it signed for the same job.</summary>
    public required DisputedDelivery Other { get; init; }

    /// <summary>The signature over that.</summary>
    public required RecoverableSignature OtherSignature { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.DisputeEquivocation;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Delivery = map.Nested("delivery", Delivery),
        DeliverySignature = map.OptionalSignature("deliverySignature", DeliverySignature)!,
        Other = map.Nested("other", Other),
        OtherSignature = map.OptionalSignature("otherSignature", OtherSignature)!,
    };

    internal override string? FindFault() => DeliverySignature is null || OtherSignature is null ? "Both deliveries have a signature." : null;
}
