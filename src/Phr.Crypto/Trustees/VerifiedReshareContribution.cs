namespace Phr.Crypto;

/// <summary>A contribution whose public part was checked against its plan. Made only by <see cref="ReshareContribution.Verify"/>.</summary>
/// <remarks>What it does not show is what the envelopes hold: that, each new trustee checks for its own. Immutable and thread safe.</remarks>
public sealed class VerifiedReshareContribution
{
    internal VerifiedReshareContribution(ReshareContribution contribution, VerifiedResharePlan plan)
    {
        Contribution = contribution;
        Plan = plan;
    }

    /// <summary>The contribution.</summary>
    public ReshareContribution Contribution { get; }

    /// <summary>The plan that it follows.</summary>
    public VerifiedResharePlan Plan { get; }

    /// <summary>Checks the envelope that the dealer made for one new trustee: it is the named one, opens, and holds a good sub-share of every document.</summary>
    /// <param name="seat">The new trustee's seat in the new policy.</param>
    /// <param name="envelopeKey">The secret of the envelope key that it offered for the new epoch.</param>
    /// <param name="envelope">The sealed bytes.</param>
    /// <exception cref="ArgumentNullException"><paramref name="envelopeKey"/> is null.</exception>
    /// <exception cref="ArgumentException">The policy has no such seat, or the key is not the one that it names.</exception>
    /// <exception cref="PhrDataException">
    /// The bytes are not the envelope that the contribution names (<see cref="PhrDataReason.DigestMismatch"/>: look for the right one), or the
    /// dealer is at fault and a <see cref="ShareComplaint"/> is due.
    /// </exception>
    public void VerifyEnvelope(PolicySeat seat, SecretKey envelopeKey, ReadOnlySpan<byte> envelope)
    {
        ArgumentNullException.ThrowIfNull(envelopeKey);
        DealtEnvelope dealt = EnvelopeFor(seat);
        dealt.RequireKey(envelopeKey.PublicKey, nameof(envelopeKey));
        dealt.Check(envelopeKey, envelope);
    }

    internal DealtEnvelope EnvelopeFor(PolicySeat seat)
    {
        ResharePlan plan = Plan.Plan;
        TrusteeMember member = plan.Policy.FindMember(seat) ?? throw new ArgumentException("The new policy has no such trustee.", nameof(seat));
        int place = plan.Policy.PlaceOf(seat.Group, seat.Member);
        TrusteeMember dealer = Plan.Previous.Dealing.Policy.FindMember(Contribution.Dealer)!;
        return new DealtEnvelope
        {
            Digest = Contribution.EnvelopeDigests[place],
            Recipient = member,
            SenderId = dealer.Identity,
            SenderKey = dealer.ObjectKey,
            Context = ReshareContribution.ShareContext(Contribution.CoreDigest, seat),
            ShareKeys = [.. Contribution.Documents.Select(d => d.Commitments.MemberKey(seat.Group, seat.Member))],
            Sealing = Contribution.SealingOf(place),
            SealingContext = ReshareContribution.SealingContext(Contribution.CoreDigest, seat),
        };
    }
}
