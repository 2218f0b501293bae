using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;

namespace Phr.Crypto;

/// <summary>A repair of one trustee's lost shares by others of its group: the verified request, and the dealing that it is about. Made only by <see cref="ShareRepairRequest.Verify"/>.</summary>
/// <remarks>
/// <para>
/// Each helper makes a <see cref="ShareRepairContribution"/>; when each has all of them, it makes a <see cref="ShareRepairSum"/>; with all sums the trustee has its shares again by
/// <see cref="TrusteeShares.Repair"/>. No helper learns the lost share or another's, and the trustee learns no helper's.
/// </para>
/// <para>Source: the enrolment protocol, Stinson and Wei, "Combinatorial repairability for threshold schemes" (2018); docs/algorithms/repair.md. Immutable and thread safe.</para>
/// </remarks>
public sealed class ShareRepair
{
    internal ShareRepair(ShareRepairRequest request, VerifiedDealing dealing)
    {
        Request = request;
        Dealing = dealing;
    }

    /// <summary>The request.</summary>
    public ShareRepairRequest Request { get; }

    /// <summary>The dealing whose shares are repaired.</summary>
    public VerifiedDealing Dealing { get; }

    internal int Group => Request.Seat.Group;

    /// <summary>The λ_i of the helpers, in order, at the place of the lost share.</summary>
    internal Scalar[] Weights() => ShareMending.WeightsAt<Scalar>(Request.Seat.Member, Request.Helpers);

    internal TrusteeMember Helper(int member) => Dealing.Dealing.Policy.FindMember(Group, member)!;

    /// <summary>The helper's place among the helpers, from 0.</summary>
    internal int PlaceOf(int member)
    {
        for (int i = 0; i < Request.Helpers.Count; i++)
        {
            if (Request.Helpers[i] == member)
            {
                return i;
            }
        }

        return -1;
    }

    internal int? FindHelper(IdentityKeys identity)
    {
        foreach (int member in Request.Helpers)
        {
            if (Helper(member).Identity == identity.Id && Helper(member).ObjectKey == identity.PublicKeys.ObjectKey)
            {
                return member;
            }
        }

        return null;
    }

    /// <summary>One contribution from each helper, in their order.</summary>
    internal VerifiedShareRepairContribution[] RequireAll(IEnumerable<VerifiedShareRepairContribution> contributions, string parameter)
    {
        VerifiedShareRepairContribution[] all = [.. contributions.OrderBy(c => c.Contribution.Helper)];
        return all.All(c => c.Repair.Request.Digest == Request.Digest) && all.Select(c => c.Contribution.Helper).SequenceEqual(Request.Helpers)
            ? all
            : throw new ArgumentException("There is not exactly one contribution to this repair from each helper.", parameter);
    }
}
