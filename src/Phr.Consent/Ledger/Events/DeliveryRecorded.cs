using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An oracle delivered.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record DeliveryRecorded : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>The oracle's place in the committee.</summary>
    public required int Index { get; init; }

    /// <summary>Who it is.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>SHA-256 of the signed delivery.</summary>
    public required Digest DeliveryDigest { get; init; }

    /// <summary>SHA-256 of the envelope to the doctor.</summary>
    public required Digest EnvelopeDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.DeliveryRecorded;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Index = map.Int32("index", Index, LedgerLimits.Committee),
        Oracle = map.Actor("oracle", Oracle),
        DeliveryDigest = map.Digest("deliveryDigest", DeliveryDigest),
        EnvelopeDigest = map.Digest("envelopeDigest", EnvelopeDigest),
    };
}
