using System.Numerics;

namespace Phr.Consent;

// The two slots in which the contract keeps a request, for comparing its storage with a state. Layout: contracts/src/RequestSlots.sol.
public sealed partial record RequestRecord
{
    private const int PatientBit = 16;

    /// <summary>The request's first slot without the tag: stage, round, settled, used, when, approvals, denials, ratings.</summary>
    /// <remarks>What ended by another command's event (a new dealing, a closed bundle, a new team key, the pair's next request) still stands there as it stood before.</remarks>
    internal BigInteger PackProgress()
    {
        BigInteger when = ServiceStart is { } start ? start.ToUnixTimeSeconds() : Committee.Count == 0 ? (BigInteger)SeedBlock : 0;
        BigInteger slot = (BigInteger)Stage() << 160;
        slot |= (BigInteger)Round << 164;
        slot |= (SettledAt is null ? BigInteger.Zero : BigInteger.One) << 165;
        slot |= (BigInteger)Used << 166;
        slot |= when << 170;
        foreach (ApprovalRecord approval in Approvals)
        {
            slot |= BigInteger.One << (206 + (approval.Seat == TrusteeSeat.Patient ? PatientBit : Ordinal(approval.Seat)));
        }

        foreach (DenialRecord denial in Denials)
        {
            slot |= BigInteger.One << (223 + Ordinal(denial.Seat));
        }

        // Good: this bit. Fair: the one in the second slot. Bad: both.
        foreach (RatingRecord rating in Ratings.Where(rating => Phr.Consent.Reputation.RatingTarget(rating.Rating) != Phr.Consent.Reputation.Prior))
        {
            slot |= BigInteger.One << (239 + rating.Index - 1);
        }

        return slot;
    }

    /// <summary>The request's second slot: committee, levels, who had delivered at the opening, who was not rated good; while a second draw is due the former committee, who failed, and the snapshot.</summary>
    internal BigInteger PackService()
    {
        bool isDrawDue = Round > 0 && Committee.Count == 0;
        BigInteger slot = 0;
        foreach (CommitteeMember member in isDrawDue ? FormerCommittee : Committee)
        {
            slot |= (BigInteger)member.Number << (10 * (member.Index - 1));
        }

        if (isDrawDue)
        {
            foreach (CommitteeMember member in FormerCommittee.Where(member => FailedOracles.Contains(member.Number)))
            {
                slot |= BigInteger.One << (160 + member.Index - 1);
            }

            return slot | ((BigInteger)DrawSnapshot << 176);
        }

        foreach (DeliveryRecord delivery in Deliveries)
        {
            slot |= (BigInteger)delivery.Level << (160 + (4 * (delivery.Index - 1)));
            slot |= (delivery.BeforeOpening ? BigInteger.One : BigInteger.Zero) << (224 + delivery.Index - 1);
        }

        foreach (RefusalRecord refusal in Refusals)
        {
            slot |= (BigInteger)15 << (160 + (4 * (refusal.Index - 1)));
        }

        foreach (RatingRecord rating in Ratings.Where(rating => rating.Rating < Phr.Consent.Reputation.GoodRating))
        {
            slot |= BigInteger.One << (240 + rating.Index - 1);
        }

        return slot;
    }

    private int Stage() => Ended switch
    {
        RequestStatus.Denied => 4,
        RequestStatus.Vetoed => 5,
        RequestStatus.Revoked when VoidCause == VoidCause.None => 6,
        RequestStatus.Expired => 7,
        RequestStatus.Cancelled => 8,
        RequestStatus.Voided when VoidCause is VoidCause.MissedDraw or VoidCause.NotEnoughOracles => 9,
        _ => Grant is not null ? 3 : Committee.Count > 0 ? 2 : 1,
    };

    private int Ordinal(TrusteeSeat seat) => Policy.Groups.Take(seat.Group - 1).Sum(group => group.Members.Count) + seat.Member - 1;
}
