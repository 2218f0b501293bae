namespace Phr.Crypto;

/// <summary>One trustee as the patient-signed dealing names it: who it is, and the keys it acts with.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class TrusteeMember
{
    /// <summary>Creates a member.</summary>
    /// <param name="identity">The trustee on the ledger.</param>
    /// <param name="organisation">The organisation it acts for; the default value when it acts for itself.</param>
    /// <param name="objectKey">Verifies the trustee's approvals and envelope key offers.</param>
    /// <param name="signerKey">Verifies the Umbral signatures on the key fragments that the trustee makes.</param>
    /// <param name="envelopeKey">The key that the trustee offered for this bundle and epoch; its share is sealed to it.</param>
    /// <exception cref="ArgumentNullException">A key is null.</exception>
    public TrusteeMember(ActorId identity, ActorId organisation, PublicKey objectKey, PublicKey signerKey, PublicKey envelopeKey)
    {
        ArgumentNullException.ThrowIfNull(objectKey);
        ArgumentNullException.ThrowIfNull(signerKey);
        ArgumentNullException.ThrowIfNull(envelopeKey);
        Identity = identity;
        Organisation = organisation;
        ObjectKey = objectKey;
        SignerKey = signerKey;
        EnvelopeKey = envelopeKey;
    }

    /// <summary>The trustee on the ledger.</summary>
    public ActorId Identity { get; }

    /// <summary>The organisation it acts for; all zero when it acts for itself.</summary>
    public ActorId Organisation { get; }

    /// <summary>Verifies the trustee's approvals and envelope key offers.</summary>
    public PublicKey ObjectKey { get; }

    /// <summary>Verifies the Umbral signatures on the key fragments that the trustee makes.</summary>
    public PublicKey SignerKey { get; }

    /// <summary>The key to which the trustee's share of this epoch is sealed.</summary>
    public PublicKey EnvelopeKey { get; }
}
