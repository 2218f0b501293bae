using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;

namespace Phr.Crypto;

/// <summary>
/// Verifiable secret sharing among groups: the secret is shared among groups, and each group's part among its members. It
/// comes back when enough groups are complete; fewer say nothing about it beyond its public key.
/// </summary>
/// <remarks>
/// Sources: Shamir (1979) at both levels, Feldman (1987). The polynomials are fresh from the system generator for each
/// level, group and call. Arithmetic on the secret and the shares is constant in time. Thread safe. <see cref="SecretSharing"/> is the sharing within one group.
/// </remarks>
public static class GroupSharing
{
    private const string Stage = "group sharing";

    /// <summary>Splits a secret key among groups.</summary>
    /// <param name="secret">The key. It is not changed.</param>
    /// <param name="shape">The thresholds.</param>
    /// <param name="epoch">The number of this sharing among those of the same secret; shares of different epochs never combine.</param>
    /// <returns>The commitments and the shares. The caller disposes it.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    /// <remarks>
    /// Cost: one multiplication of the base point per coefficient (the group threshold and all member thresholds), and for
    /// each member its threshold of scalar multiplications. Where a threshold is 1, the share is what was shared: at group threshold 1 and member threshold 1 it is
    /// the key itself.
    /// </remarks>
    public static GroupSharingResult Split(SecretKey secret, SharingShape shape, uint epoch) =>
        Split(secret, shape, epoch, RandomSource.System);

    /// <summary>Gives the secret key back.</summary>
    /// <param name="shares">Shares that meet the thresholds, in any order. The caller still owns them.</param>
    /// <param name="commitments">The commitments to the sharing, from whoever made it.</param>
    /// <returns>The key, whose public key is the commitments' <see cref="GroupCommitments.SharedKey"/>. The caller disposes it.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">One of the shares is null.</exception>
    /// <exception cref="ObjectDisposedException">A share was disposed.</exception>
    /// <exception cref="PhrDataException">
    /// A share is of another epoch or another sharing (<see cref="PhrDataReason.Mismatched"/>), of a group or member that
    /// does not exist (<see cref="PhrDataReason.OutOfRange"/>), or given twice (<see cref="PhrDataReason.Duplicate"/>);
    /// shares do not match the commitments (<see cref="PhrDataReason.CommitmentMismatch"/>; the message names each as
    /// (group, member)); or there are too few (<see cref="PhrDataReason.BelowThreshold"/>; the message says which groups
    /// lack how many).
    /// </exception>
    /// <remarks>Every share given is checked; of good ones the lowest-numbered groups and members are used.</remarks>
    public static SecretKey Recombine(IReadOnlyList<GroupShare> shares, GroupCommitments commitments)
    {
        ArgumentNullException.ThrowIfNull(shares);
        ArgumentNullException.ThrowIfNull(commitments);
        var byMember = new SortedDictionary<(int Group, int Member), GroupShare>();
        foreach (GroupShare? share in shares)
        {
            if (share is null)
            {
                throw new ArgumentException("A share is null.", nameof(shares));
            }

            string name = $"share ({share.Group}, {share.Member})";
            if (share.Epoch != commitments.Epoch)
            {
                throw new PhrDataException(Stage, PhrDataReason.Mismatched, $"{name} is of epoch {share.Epoch}, the commitments are of epoch {commitments.Epoch}.");
            }

            if (share.SharingId != commitments.Digest)
            {
                throw new PhrDataException(Stage, PhrDataReason.Mismatched, $"{name} belongs to another sharing than the commitments.");
            }

            if (!commitments.Shape.Contains(share.Group, share.Member))
            {
                throw new PhrDataException(Stage, PhrDataReason.OutOfRange, $"{name} is of a group or member that the sharing does not have.");
            }

            if (!byMember.TryAdd((share.Group, share.Member), share))
            {
                throw new PhrDataException(Stage, PhrDataReason.Duplicate, $"{name} was given twice.");
            }
        }

        GroupShare[] ordered = [.. byMember.Values];
        if (commitments.FindBadShares(ordered) is { Count: > 0 } bad)
        {
            throw new PhrDataException(
                Stage,
                PhrDataReason.CommitmentMismatch,
                $"these shares (group, member) do not match the commitments: {string.Join(", ", bad.Select(i => (ordered[i].Group, ordered[i].Member)))}.");
        }

        (int Group, int Member, Scalar Coefficient)[] places = GroupLagrange.Coefficients(commitments.Shape, byMember.Keys);
        Scalar[] values = GC.AllocateArray<Scalar>(places.Length, pinned: true);
        try
        {
            for (int i = 0; i < places.Length; i++)
            {
                values[i] = byMember[(places[i].Group, places[i].Member)].Scalar;
            }

            return SecretSharing.Checked(Lagrange.WeightedSum<Scalar>([.. places.Select(static p => p.Coefficient)], values), commitments.SharedKey);
        }
        finally
        {
            JointSharing.Wipe(values);
        }
    }

    internal static GroupSharingResult Split(SecretKey secret, SharingShape shape, uint epoch, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(secret);
        ArgumentNullException.ThrowIfNull(shape);
        while (true)
        {
            using TwoLevelPolynomials<Scalar> polynomials = TwoLevelPolynomials<Scalar>.Draw(secret.Scalar, shape, () => Scalar.Random(random));
            if (AnyZero(polynomials, shape))
            {
                continue;
            }

            GroupCommitments commitments = GroupCommitments.To(polynomials, shape, epoch);
            var shares = new List<GroupShare>(shape.TotalMembers);
            for (int g = 1; g <= shape.Groups.Count; g++)
            {
                for (int i = 1; i <= shape.Groups[g - 1].Members; i++)
                {
                    shares.Add(new GroupShare(epoch, g, i, commitments.Digest, polynomials.Share(g, i)));
                }
            }

            return new GroupSharingResult(commitments, [.. shares]);
        }
    }

    // A group's secret or a share that is zero is no key, and its commitment would be the identity. Probability below 2^-240.
    internal static bool AnyZero(TwoLevelPolynomials<Scalar> polynomials, SharingShape shape)
    {
        bool zero = false;
        for (int g = 1; g <= shape.Groups.Count; g++)
        {
            zero |= polynomials.Members(g).Coefficients[0].IsZero;
            for (int i = 1; i <= shape.Groups[g - 1].Members; i++)
            {
                zero |= polynomials.Share(g, i).IsZero;
            }
        }

        return zero;
    }
}
