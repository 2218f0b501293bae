using System.Collections.ObjectModel;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>
/// What a round came to, worked out by every member from the same dealings and complaints: who dealt badly and is left out, and the
/// commitments to every key. A member who finds its own shares good accepts it by signing.
/// </summary>
/// <remarks>Deterministic: equal input gives equal <see cref="CoreDigest"/>. Immutable and thread safe.</remarks>
public sealed class TeamOutcome
{
    private const string Stage = "team round";

    private readonly TeamCharter? _previous;
    private readonly TeamDealing[] _good;

    private TeamOutcome(TeamPlan plan, TeamCharter? previous, TeamDealing[] good, IReadOnlyList<TeamKey> keys, IReadOnlyList<TeamFault> faults)
    {
        Plan = plan;
        _previous = previous;
        _good = good;
        Keys = keys;
        Faults = faults;
        Payload = TeamCharter.EncodePayload(plan, keys, [.. good.Select(d => d.Digest)]);
        CoreDigest = TeamCharter.DigestOfPayload(Payload);
    }

    /// <summary>The plan of the round.</summary>
    public TeamPlan Plan { get; }

    /// <summary>Every key with the commitments to its new sharing.</summary>
    public IReadOnlyList<TeamKey> Keys { get; }

    /// <summary>Who dealt badly; they are left out.</summary>
    public IReadOnlyList<TeamFault> Faults { get; }

    /// <summary>The digest under which the members' shares are kept: that of the charter without its signatures.</summary>
    public Digest CoreDigest { get; }

    internal byte[] Payload { get; }

    /// <summary>Works out a round.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="previous">The team's charter so far; null for a founding round.</param>
    /// <param name="dealings">The dealings, in any order, at most one per member.</param>
    /// <param name="complaints">The complaints; one that proves nothing is ignored.</param>
    /// <returns>The outcome.</returns>
    /// <exception cref="ArgumentNullException">An argument other than <paramref name="previous"/> is null, or an item of a list is.</exception>
    /// <exception cref="PhrDataException">
    /// The plan does not follow the charter; one dealing is there twice (<see cref="PhrDataReason.Duplicate"/>); or too few good dealings
    /// are left (<see cref="PhrDataReason.BelowThreshold"/>): a fresh key needs as many dealers as the new threshold, so that one at least is
    /// honest where fewer than that collude, and a key that is carried over as many as the old one.
    /// </exception>
    /// <remarks>Cost: per dealing and key, one proof and threshold multiplications.</remarks>
    public static TeamOutcome Conclude(
        TeamPlan plan, TeamCharter? previous, IReadOnlyCollection<TeamDealing> dealings, IReadOnlyCollection<TeamComplaint> complaints)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(dealings);
        ArgumentNullException.ThrowIfNull(complaints);
        plan.RequireSuccessorOf(previous);
        foreach (TeamDealing dealing in dealings)
        {
            ArgumentNullException.ThrowIfNull(dealing, nameof(dealings));
        }

        if (dealings.DistinctBy(d => d.Digest).Count() != dealings.Count)
        {
            throw new PhrDataException(Stage, PhrDataReason.Duplicate, "a dealing is there twice.");
        }

        var faults = new List<TeamFault>();
        var good = new List<TeamDealing>();
        foreach (IGrouping<ActorId, TeamDealing> named in dealings.GroupBy(d => d.Dealer).OrderBy(g => plan.FindMember(g.Key)?.Index ?? int.MaxValue).ThenBy(g => g.Key))
        {
            // What others say in a dealer's name is nothing to it, if it signed one itself; two that it signed are its own fault.
            TeamDealing[] signed = [.. named.Where(d => d.IsSignedFor(plan))];
            TeamDealing dealing = signed.Length > 0 ? signed[0] : named.MinBy(d => d.Digest)!;
            if (signed.Length > 1)
            {
                faults.Add(new TeamFault(dealing.Dealer, PhrDataReason.Duplicate, "it signed two dealings of one round."));
            }
            else if (dealing.FindFault(plan, previous) is { } fault)
            {
                faults.Add(new TeamFault(dealing.Dealer, fault.Reason, fault.Detail));
            }
            else if (complaints.Any(c => (c ?? throw new ArgumentNullException(nameof(complaints))).IsJustified(plan, dealing)))
            {
                faults.Add(new TeamFault(dealing.Dealer, PhrDataReason.CommitmentMismatch, "it sealed a sub-share that is not the one it committed to."));
            }
            else
            {
                good.Add(dealing);
            }
        }

        var keys = new TeamKey[plan.Keys.Count];
        for (int i = 0; i < keys.Length; i++)
        {
            (TeamDealing[] dealers, Scalar[] weights) = DealersOf(plan.Keys[i], plan, previous, good);
            FeldmanCommitments[] dealt = [.. dealers.Select(d => d.Keys.First(k => k.Epoch == plan.Keys[i].Epoch).Commitments)];
            FeldmanCommitments commitments = JointSharing.Combine(weights, dealt)
                ?? throw new PhrDataException(Stage, PhrDataReason.InvalidPoint, "the dealings cancel each other out.");
            if (plan.Keys[i].Carried is { } carried && commitments.SharedKey != carried)
            {
                throw new PhrDataException(Stage, PhrDataReason.CommitmentMismatch, "what was dealt does not add up to the key that is carried over.");
            }

            keys[i] = new TeamKey(plan.Keys[i].Epoch, commitments);
        }

        return new TeamOutcome(plan, previous, [.. good], new ReadOnlyCollection<TeamKey>(keys), new ReadOnlyCollection<TeamFault>(faults));
    }

    /// <summary>Finds the dealings that sealed something wrong to a member, with the proofs to publish.</summary>
    /// <param name="member">The member's keys.</param>
    /// <returns>One complaint for each; none when all is well.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="member"/> is null.</exception>
    /// <exception cref="ArgumentException">The keys are of no member of the plan.</exception>
    public IReadOnlyList<TeamComplaint> FindComplaints(IdentityKeys member)
    {
        TeamMember self = Self(member);
        var complaints = new List<TeamComplaint>();
        foreach (TeamDealing dealing in _good)
        {
            bool opened = dealing.TryOpen(Plan, self, member.EnvelopeKey, out Scalar[] subShares);
            JointSharing.Wipe(subShares);
            if (!opened)
            {
                complaints.Add(TeamComplaint.Create(Plan, dealing, member, RandomSource.System));
            }
        }

        return complaints;
    }

    /// <summary>Opens and checks the member's own shares and, if they are good, signs the charter that the round ends in.</summary>
    /// <param name="member">The member's keys.</param>
    /// <returns>The shares, which the caller keeps sealed and disposes, and the signature for <see cref="TeamCharter.Create"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="member"/> is null.</exception>
    /// <exception cref="ArgumentException">The keys are of no member of the plan.</exception>
    /// <exception cref="PhrDataException">A dealing holds something wrong for this member (<see cref="PhrDataReason.CommitmentMismatch"/>): publish <see cref="FindComplaints"/> and conclude again.</exception>
    public (TeamShares Shares, TeamSignature Signature) Accept(IdentityKeys member)
    {
        TeamMember self = Self(member);
        var opened = new Dictionary<Digest, Scalar[]>();
        var shares = new Dictionary<int, SecretKey>();
        try
        {
            foreach (TeamDealing dealing in _good)
            {
                bool good = dealing.TryOpen(Plan, self, member.EnvelopeKey, out Scalar[] subShares);
                opened.Add(dealing.Digest, subShares);
                if (!good)
                {
                    throw new PhrDataException(Stage, PhrDataReason.CommitmentMismatch, $"member {dealing.Dealer} sealed a sub-share that is not the one it committed to.");
                }
            }

            foreach (TeamKey key in Keys)
            {
                (TeamDealing[] dealers, Scalar[] weights) = DealersOf(Plan.Keys.First(k => k.Epoch == key.Epoch), Plan, _previous, _good);
                Scalar[] parts = GC.AllocateArray<Scalar>(dealers.Length, pinned: true);
                try
                {
                    for (int d = 0; d < parts.Length; d++)
                    {
                        int position = dealers[d].Keys.TakeWhile(k => k.Epoch != key.Epoch).Count();
                        parts[d] = opened[dealers[d].Digest][position];
                    }

                    Scalar share = JointSharing.Combine(weights, parts);
                    if (share.IsZero || !key.Commitments.Matches(self.Index, share))
                    {
                        throw new PhrDataException(Stage, PhrDataReason.CommitmentMismatch, "the sub-shares do not add up to the committed share.");
                    }

                    shares.Add(key.Epoch, new SecretKey(share));
                }
                finally
                {
                    JointSharing.Wipe(parts);
                }
            }

            var result = new TeamShares(CoreDigest, Plan.Team, self.Index, shares);
            return (result, new TeamSignature(self.Index, member.ObjectSigner.Sign(TeamCharter.SignedMessage(Payload))));
        }
        catch
        {
            foreach (SecretKey share in shares.Values)
            {
                share.Dispose();
            }

            throw;
        }
        finally
        {
            foreach (Scalar[] subShares in opened.Values)
            {
                JointSharing.Wipe(subShares);
            }
        }
    }

    // A fresh key is the sum of all good dealings; a carried one is interpolated from the first of them, as many as the old threshold.
    private static (TeamDealing[] Dealers, Scalar[] Weights) DealersOf(TeamKeyPlan key, TeamPlan plan, TeamCharter? previous, IReadOnlyList<TeamDealing> good)
    {
        int needed = key.IsFresh ? plan.Threshold : previous!.FindKey(key.Epoch)!.Commitments.Threshold;
        TeamDealing[] dealers = [.. good.Where(d => d.Keys.Any(k => k.Epoch == key.Epoch))];
        if (dealers.Length < needed)
        {
            throw new PhrDataException(Stage, PhrDataReason.BelowThreshold, $"{dealers.Length} good dealings of key {key.Epoch} are there where {needed} are needed.");
        }

        if (!key.IsFresh)
        {
            dealers = dealers[..needed];
        }

        return (dealers, JointSharing.Weights(key.IsFresh, [.. dealers.Select(d => plan.FindMember(d.Dealer)!.Index)]));
    }

    private TeamMember Self(IdentityKeys member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return Plan.FindMember(member.Id) is { } self && self.ObjectKey == member.PublicKeys.ObjectKey && self.EnvelopeKey == member.PublicKeys.EnvelopeKey
            ? self
            : throw new ArgumentException("These keys are of no member of the plan.", nameof(member));
    }
}
