using System.Diagnostics.CodeAnalysis;
using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>What a patient signs for a bundle: who its trustees are and how many must agree, how many oracles serve, how long the patient may veto, and who may ask at all.</summary>
/// <remarks>
/// Limits: 8 groups, 16 trustees in all, one identity in one group, committee 2 ≤ m ≤ n ≤ 16 with m &gt; n/2. A policy that one organisation could meet alone, where more than one
/// group or member is asked for, is refused. <see cref="FindFault"/> names the first rule that is broken; the ledger and every reader refuse such a policy. Immutable and thread safe.
/// </remarks>
public sealed partial record ConsentPolicy : IMapped<ConsentPolicy>
{
    private const string Stage = "consent policy";
    private const string Tag = "phr/policy/v2";

    /// <summary>How many groups must agree, from 1 to the number of groups.</summary>
    public required int GroupThreshold { get; init; }

    /// <summary>The groups, 1 to 8. A group's number is its place here, counted from 1.</summary>
    public required IReadOnlyList<PolicyGroup> Groups { get; init => field = ValueList.Of(value); }

    /// <summary>m: how many oracles of the committee must serve. At least 2 and more than half of n; 1 only in the single-oracle mode.</summary>
    public int CommitteeThreshold { get; init; } = 3;

    /// <summary>n: how many oracles the committee has, at most 16.</summary>
    public int CommitteeSize { get; init; } = 5;

    /// <summary>Whether the patient chose one single oracle (m = n = 1), which then learns, together with the doctor, the approving trustees' shares of the granted documents.</summary>
    public bool SingleOracle { get; init; }

    /// <summary>How long after the quorum the patient may still veto. Whole seconds, at most 30 days.</summary>
    public required TimeSpan VetoWindow { get; init; }

    /// <summary>Who may ask at all.</summary>
    public AccessRule AccessRule { get; init; } = AccessRule.Anyone;

    /// <summary>Which kinds of receiver a request may name.</summary>
    public ReceiverKinds ReceiverKinds { get; init; } = ReceiverKinds.Person;

    /// <summary>Whether the policy is that of the bundle's emergency track: a sharing of its own, with a threshold of its own, beside the normal one.</summary>
    public bool Emergency { get; init; }

    /// <summary>After how long without a sign of life from the patient the trustees may decide. Whole seconds, at most 10 years; zero: at any time.</summary>
    public TimeSpan IncapacityAfter { get; init; }

    /// <summary>SHA-256 of the canonical encoding, computed at each call.</summary>
    public Digest Digest => Digest.Of(ToBytes());

    /// <summary>How many trustees the policy names.</summary>
    public int TrusteeCount => Groups.Sum(group => group.Members.Count);

    string IMapped<ConsentPolicy>.TypeName => nameof(ConsentPolicy);

    /// <summary>Reads a policy.</summary>
    /// <param name="bytes">What <see cref="ToBytes"/> wrote.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="PhrDataException">The bytes are not a policy in canonical form, or the policy breaks a rule.</exception>
    public static ConsentPolicy FromBytes(ReadOnlyMemory<byte> bytes) => FieldReader.FromBytes<ConsentPolicy>(Stage, Tag, bytes, LedgerLimits.PolicyLength);

    /// <summary>Reads a policy, without an exception.</summary>
    /// <param name="bytes">What <see cref="ToBytes"/> wrote.</param>
    /// <param name="policy">The policy, or null.</param>
    /// <returns>Whether the bytes were a policy in canonical form that breaks no rule.</returns>
    public static bool TryFromBytes(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out ConsentPolicy? policy)
    {
        try
        {
            policy = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            policy = null;
            return false;
        }
    }

    /// <summary>Writes the canonical encoding: CBOR, <c>["phr/policy/v2", [group threshold, groups, m, n, single oracle, veto window, access rule, receiver kinds, emergency, incapacity time]]</c>.</summary>
    /// <returns>A new array.</returns>
    /// <exception cref="ArgumentException">A value lies outside its bounds.</exception>
    public byte[] ToBytes() => FieldWriter.ToBytes(Tag, this);

    /// <summary>The trustee in a seat.</summary>
    /// <param name="seat">The seat.</param>
    /// <returns>The member, or null when the policy has no such seat.</returns>
    public PolicyMember? FindMember(TrusteeSeat seat) =>
        seat.Group >= 1 && seat.Group <= Groups.Count && seat.Member >= 1 && seat.Member <= Groups[seat.Group - 1].Members.Count
            ? Groups[seat.Group - 1].Members[seat.Member - 1]
            : null;

    /// <summary>The seat of a trustee.</summary>
    /// <param name="trustee">The trustee's id.</param>
    /// <returns>The seat, or null when the policy does not name this trustee.</returns>
    public TrusteeSeat? FindSeat(ActorId trustee)
    {
        foreach (TrusteeSeat seat in Seats())
        {
            if (FindMember(seat)!.Identity == trustee)
            {
                return seat;
            }
        }

        return null;
    }

    /// <summary>Every seat, group by group.</summary>
    /// <returns>The seats in policy order.</returns>
    public IEnumerable<TrusteeSeat> Seats()
    {
        for (int g = 1; g <= Groups.Count; g++)
        {
            for (int m = 1; m <= Groups[g - 1].Members.Count; m++)
            {
                yield return new TrusteeSeat(g, m);
            }
        }
    }

    /// <summary>Whether the trustees in these seats together meet the policy: enough members in enough groups.</summary>
    /// <param name="seats">Seats; a seat that occurs twice counts once, one that the policy does not have counts nothing.</param>
    /// <returns>Whether the quorum is there.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="seats"/> is null.</exception>
    public bool IsSatisfiedBy(IEnumerable<TrusteeSeat> seats)
    {
        ArgumentNullException.ThrowIfNull(seats);
        HashSet<TrusteeSeat> distinct = [.. seats.Where(seat => FindMember(seat) is not null)];
        int groups = 0;
        for (int g = 1; g <= Groups.Count; g++)
        {
            groups += distinct.Count(seat => seat.Group == g) >= Groups[g - 1].Threshold ? 1 : 0;
        }

        return groups >= GroupThreshold;
    }

    /// <summary>Names the first rule that the policy breaks.</summary>
    /// <returns>One sentence, or null when the policy is sound.</returns>
    public string? FindFault()
    {
        if (Groups.Count is < 1 or > LedgerLimits.Groups || GroupThreshold < 1 || GroupThreshold > Groups.Count)
        {
            return "A policy has 1 to 8 groups, and its group threshold lies between 1 and their number.";
        }

        if (TrusteeCount > LedgerLimits.Trustees || Groups.Any(group => group.Members.Count < 1 || group.Threshold < 1 || group.Threshold > group.Members.Count))
        {
            return "A policy names at most 16 trustees, and each group's threshold lies between 1 and the number of its members.";
        }

        if (Groups.Any(group => !FieldMap.IsCode(group.Name, LedgerLimits.GroupNameLength)) || Groups.Select(group => group.Name).Distinct(StringComparer.Ordinal).Count() != Groups.Count)
        {
            return "Group names are distinct codes of 1 to 32 printable ASCII characters without a space.";
        }

        List<ActorId> identities = [.. Groups.SelectMany(group => group.Members).Select(member => member.Identity)];
        if (identities.Exists(identity => identity.IsZero) || identities.Distinct().Count() != identities.Count)
        {
            return "Every trustee has an identity and sits in one group only.";
        }

        bool committee = SingleOracle
            ? CommitteeThreshold == 1 && CommitteeSize == 1
            : CommitteeThreshold >= 2 && CommitteeThreshold <= CommitteeSize && CommitteeSize <= LedgerLimits.Committee && CommitteeThreshold * 2 > CommitteeSize;
        if (!committee)
        {
            return "The committee numbers satisfy 2 ≤ m ≤ n ≤ 16 and m > n/2; m = n = 1 only with the single-oracle mode chosen by name.";
        }

        if (VetoWindow < TimeSpan.Zero || VetoWindow > TimeSpan.FromDays(30) || VetoWindow.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            return "The veto window is a whole number of seconds, at most 30 days.";
        }

        if (IncapacityAfter < TimeSpan.Zero || IncapacityAfter > TimeSpan.FromDays(3650) || IncapacityAfter.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            return "The time of the patient's silence is a whole number of seconds, at most 10 years.";
        }

        if (Emergency && (SingleOracle || IncapacityAfter != TimeSpan.Zero || VetoWindow > TimeSpan.FromSeconds(LedgerLimits.EmergencyVetoSeconds)))
        {
            return "A policy for emergencies has several oracles, a veto window of at most an hour, and does not wait for the patient's silence.";
        }

        if (ReceiverKinds == ReceiverKinds.None || (ReceiverKinds & ~(ReceiverKinds.Person | ReceiverKinds.Team)) != 0)
        {
            return "At least one known kind of receiver is permitted.";
        }

        return FindOrganisationFault(member => member.Organisation);
    }

    /// <summary>Names the first way in which this policy asks for less than an earlier one, which trustees may not do without the patient.</summary>
    /// <param name="previous">The earlier policy.</param>
    /// <returns>
    /// One sentence, or null: as many groups, of the same names in the same order; no threshold of groups or members lower; as many oracles or fewer, with m no lower; no single oracle where there were several; the veto window no
    /// shorter; trustees waiting no less for the patient's silence; the same access rule and track; no further kind of receiver. The members may be others, more or fewer.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="previous"/> is null.</exception>
    public string? FindRelaxation(ConsentPolicy previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        return !Groups.Select(group => group.Name).SequenceEqual(previous.Groups.Select(group => group.Name), StringComparer.Ordinal) ? "The groups stay the same without the patient."
            : GroupThreshold < previous.GroupThreshold ? "Fewer groups would have to agree."
            : Groups.Zip(previous.Groups).Any(pair => pair.First.Threshold < pair.Second.Threshold) ? "Fewer members of a group would have to agree."
            : CommitteeThreshold < previous.CommitteeThreshold || CommitteeSize > previous.CommitteeSize || (SingleOracle && !previous.SingleOracle) ? "Fewer oracles, or fewer among more, would suffice."
            : VetoWindow < previous.VetoWindow ? "The patient would have less time for a veto."
            : IncapacityAfter < previous.IncapacityAfter ? "The trustees would wait less for the patient's silence."
            : Emergency != previous.Emergency ? "Which track a policy is for stays the same."
            : !AccessRule.Equals(previous.AccessRule) ? "Who may ask is for the patient to change."
            : (ReceiverKinds & ~previous.ReceiverKinds) != 0 ? "Another kind of receiver is for the patient to permit."
            : null;
    }

    /// <summary>Whether one organisation could act for several trustees where the policy means several wills.</summary>
    internal string? FindOrganisationFault(Func<PolicyMember, ActorId> organisationOf)
    {
        foreach (PolicyGroup group in Groups)
        {
            if (group.Threshold > 1 && group.Members.Select(organisationOf).Where(id => !id.IsZero).GroupBy(id => id).Any(same => same.Count() >= group.Threshold))
            {
                return $"One organisation alone could meet the threshold of the group {group.Name}.";
            }
        }

        if (GroupThreshold > 1)
        {
            foreach (IGrouping<ActorId, TrusteeSeat> same in Seats().GroupBy(seat => organisationOf(FindMember(seat)!)).Where(same => !same.Key.IsZero))
            {
                if (IsSatisfiedBy(same))
                {
                    return "One organisation alone could meet the whole policy.";
                }
            }
        }

        return null;
    }

    ConsentPolicy IMapped<ConsentPolicy>.Map(FieldMap map) => this with
    {
        GroupThreshold = map.Int32("groupThreshold", GroupThreshold, LedgerLimits.Groups),
        Groups = map.List("groups", Groups, LedgerLimits.Groups),
        CommitteeThreshold = map.Int32("committeeThreshold", CommitteeThreshold, LedgerLimits.Committee),
        CommitteeSize = map.Int32("committeeSize", CommitteeSize, LedgerLimits.Committee),
        SingleOracle = map.Boolean("singleOracle", SingleOracle),
        VetoWindow = map.Duration("vetoWindow", VetoWindow),
        AccessRule = map.Rule("accessRule", AccessRule),
        ReceiverKinds = (ReceiverKinds)map.Int32("receiverKinds", (int)ReceiverKinds, 3),
        Emergency = map.Boolean("emergency", Emergency),
        IncapacityAfter = map.Duration("incapacityAfter", IncapacityAfter),
    };
}
