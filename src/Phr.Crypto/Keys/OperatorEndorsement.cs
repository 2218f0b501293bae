using Phr.Crypto.Hashing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>An operator's signature over the keys of an oracle that it runs, so that nobody has to trust a registry for them.</summary>
/// <remarks>
/// Signed message: the tag <c>phr/operator/v1</c>, a zero byte, and the deterministic CBOR array of ledger id, oracle id, envelope key, object key
/// and end of validity. Immutable and thread safe.
/// </remarks>
public sealed class OperatorEndorsement
{
    private const string Tag = "phr/operator/v1";

    internal OperatorEndorsement(ActorId operatorId, PublicKey operatorObjectKey, Signature signature)
    {
        OperatorId = operatorId;
        OperatorObjectKey = operatorObjectKey;
        Signature = signature;
    }

    /// <summary>The operator.</summary>
    public ActorId OperatorId { get; }

    /// <summary>The operator's object key, as the operator's own key record and the patient's policy have it.</summary>
    public PublicKey OperatorObjectKey { get; }

    /// <summary>The signature.</summary>
    public Signature Signature { get; }

    /// <summary>Endorses the keys that an oracle is about to publish.</summary>
    /// <param name="operatorKeys">The operator's keys.</param>
    /// <param name="ledger">The ledger that the oracle serves.</param>
    /// <param name="oracle">The oracle's public keys, with the envelope key that its record will have.</param>
    /// <param name="validUntil">The record's end of validity; fractions of a second are cut off.</param>
    /// <returns>The endorsement, for <see cref="KeyRecordOptions.Endorsement"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="validUntil"/> is before 1970.</exception>
    public static OperatorEndorsement Create(IdentityKeys operatorKeys, LedgerId ledger, IdentityPublicKeys oracle, DateTimeOffset validUntil)
    {
        ArgumentNullException.ThrowIfNull(operatorKeys);
        ArgumentNullException.ThrowIfNull(oracle);
        byte[] message = SignedObject.Message(Tag, Payload(ledger, oracle, Timestamps.WholeSeconds(validUntil, nameof(validUntil))));
        return new OperatorEndorsement(operatorKeys.Id, operatorKeys.PublicKeys.ObjectKey, operatorKeys.ObjectSigner.Sign(message));
    }

    internal bool Verify(LedgerId ledger, IdentityPublicKeys oracle, DateTimeOffset validUntil) =>
        SignedObject.Verify(Tag, Payload(ledger, oracle, validUntil), OperatorObjectKey, Signature);

    private static byte[] Payload(LedgerId ledger, IdentityPublicKeys oracle, DateTimeOffset validUntil) => new CanonicalCborWriter()
        .Array(5).Id(ledger).Id(oracle.Id).Key(oracle.EnvelopeKey).Key(oracle.ObjectKey).Time(validUntil).EndArray().ToBytes();
}
