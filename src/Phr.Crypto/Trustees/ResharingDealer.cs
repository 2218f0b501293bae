namespace Phr.Crypto;

/// <summary>One of the old trustees whose contributions make up a reshared dealing.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class ResharingDealer
{
    internal ResharingDealer(PolicySeat seat, ActorId identity, PublicKey objectKey, Digest contributionDigest, Digest coreDigest, IReadOnlyList<Digest> envelopeDigests)
    {
        Seat = seat;
        Identity = identity;
        ObjectKey = objectKey;
        ContributionDigest = contributionDigest;
        CoreDigest = coreDigest;
        EnvelopeDigests = envelopeDigests;
    }

    /// <summary>The dealer's seat in the old policy.</summary>
    public PolicySeat Seat { get; }

    /// <summary>The dealer.</summary>
    public ActorId Identity { get; }

    /// <summary>Verifies the dealer's contribution and confirmation; the old dealing names it.</summary>
    public PublicKey ObjectKey { get; }

    /// <summary>The dealer's contribution.</summary>
    public Digest ContributionDigest { get; }

    /// <summary>What the dealer's envelopes are bound to.</summary>
    public Digest CoreDigest { get; }

    /// <summary>The dealer's envelopes, in the order of the new policy.</summary>
    public IReadOnlyList<Digest> EnvelopeDigests { get; }
}
