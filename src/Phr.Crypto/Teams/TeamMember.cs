namespace Phr.Crypto;

/// <summary>One member of a team: who it is, which share it holds, and the keys it acts with.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class TeamMember : IEquatable<TeamMember>
{
    internal TeamMember(int index, ActorId identity, Digest keyRecordDigest, PublicKey objectKey, PublicKey envelopeKey)
    {
        Index = index;
        Identity = identity;
        KeyRecordDigest = keyRecordDigest;
        ObjectKey = objectKey;
        EnvelopeKey = envelopeKey;
    }

    /// <summary>Which share it holds, 1 to 255.</summary>
    public int Index { get; }

    /// <summary>The member on the ledger.</summary>
    public ActorId Identity { get; }

    /// <summary>SHA-256 of the key record from which the two keys are.</summary>
    public Digest KeyRecordDigest { get; }

    /// <summary>Verifies the member's dealings, charters, opening requests and partial results.</summary>
    public PublicKey ObjectKey { get; }

    /// <summary>The member's sub-shares are sealed to it.</summary>
    public PublicKey EnvelopeKey { get; }

    /// <inheritdoc/>
    public bool Equals(TeamMember? other) =>
        other is not null && Index == other.Index && Identity == other.Identity && KeyRecordDigest == other.KeyRecordDigest
        && ObjectKey == other.ObjectKey && EnvelopeKey == other.EnvelopeKey;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TeamMember);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Index, Identity, KeyRecordDigest);

    internal static TeamMember From(int index, KeyRecord record) =>
        new(index, record.ActorId, record.Digest, record.Keys.ObjectKey, record.Keys.EnvelopeKey);
}
