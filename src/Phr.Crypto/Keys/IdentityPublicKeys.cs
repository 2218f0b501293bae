namespace Phr.Crypto;

/// <summary>The public keys of one person, organisation or oracle.</summary>
/// <remarks>Authentic only if they come from <see cref="IdentityKeys"/> or from a verified <see cref="KeyRecord"/>. Immutable and thread safe.</remarks>
public sealed class IdentityPublicKeys : IEquatable<IdentityPublicKeys>
{
    internal IdentityPublicKeys(ActorId id, PublicKey ledgerKey, PublicKey signerKey, PublicKey objectKey, PublicKey envelopeKey, PublicKey receivingKey)
    {
        Id = id;
        LedgerKey = ledgerKey;
        SignerKey = signerKey;
        ObjectKey = objectKey;
        EnvelopeKey = envelopeKey;
        ReceivingKey = receivingKey;
    }

    /// <summary>The name on the ledger: the address of the ledger key it first registered with.</summary>
    public ActorId Id { get; }

    /// <summary>Verifies ledger commands and key records.</summary>
    public PublicKey LedgerKey { get; }

    /// <summary>Umbral's verifying key: verifies key fragments.</summary>
    public PublicKey SignerKey { get; }

    /// <summary>Verifies headers, dealings, approvals, deliveries, credentials and offers.</summary>
    public PublicKey ObjectKey { get; }

    /// <summary>Envelopes are sealed to it.</summary>
    public PublicKey EnvelopeKey { get; }

    /// <summary>The long-term receiving key.</summary>
    public PublicKey ReceivingKey { get; }

    /// <summary>The same keys with another envelope key.</summary>
    /// <param name="envelopeKey">The envelope key.</param>
    /// <returns>New public keys.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="envelopeKey"/> is null.</exception>
    public IdentityPublicKeys WithEnvelopeKey(PublicKey envelopeKey)
    {
        ArgumentNullException.ThrowIfNull(envelopeKey);
        return new IdentityPublicKeys(Id, LedgerKey, SignerKey, ObjectKey, envelopeKey, ReceivingKey);
    }

    /// <inheritdoc/>
    public bool Equals(IdentityPublicKeys? other) =>
        other is not null
        && Id == other.Id
        && LedgerKey == other.LedgerKey
        && SignerKey == other.SignerKey
        && ObjectKey == other.ObjectKey
        && EnvelopeKey == other.EnvelopeKey
        && ReceivingKey == other.ReceivingKey;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as IdentityPublicKeys);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, LedgerKey, SignerKey, ObjectKey, EnvelopeKey, ReceivingKey);

    /// <summary>The type's name and the actor.</summary>
    /// <returns>For example <c>IdentityPublicKeys 7e5f…</c>.</returns>
    public override string ToString() => $"{nameof(IdentityPublicKeys)} {Id}";

    /// <summary>Compares for equality.</summary>
    /// <param name="left">One set of keys.</param>
    /// <param name="right">The other set.</param>
    /// <returns>Whether the actor and every key are equal.</returns>
    public static bool operator ==(IdentityPublicKeys? left, IdentityPublicKeys? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Compares for inequality.</summary>
    /// <param name="left">One set of keys.</param>
    /// <param name="right">The other set.</param>
    /// <returns>Whether the actor or a key differs.</returns>
    public static bool operator !=(IdentityPublicKeys? left, IdentityPublicKeys? right) => !(left == right);

    /// <summary>Whether no two of the five keys are the same, as every key serves one purpose.</summary>
    internal bool AreDistinct => new HashSet<PublicKey> { LedgerKey, SignerKey, ObjectKey, EnvelopeKey, ReceivingKey }.Count == 5;
}
