using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Records that an oracle delivered. By the committee's oracle of that index, once.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RecordDelivery : LedgerCommand
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>The oracle's place in the committee, counted from 1.</summary>
    public required int Index { get; init; }

    /// <summary>SHA-256 of the signed delivery.</summary>
    public required Digest DeliveryDigest { get; init; }

    /// <summary>SHA-256 of the envelope in which it reaches the doctor.</summary>
    public required Digest EnvelopeDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.RecordDelivery;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Index = map.Int32("index", Index, LedgerLimits.Committee),
        DeliveryDigest = map.Digest("deliveryDigest", DeliveryDigest),
        EnvelopeDigest = map.Digest("envelopeDigest", EnvelopeDigest),
    };
}
