using Phr.Crypto.Keys;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>
/// Who decides for the patient and how: trustee groups with their thresholds, the oracle numbers, and the roots that the
/// patient accepts for licences and oracles. It is part of the patient-signed dealing.
/// </summary>
/// <remarks>Immutable and thread safe. Limits: 8 groups, 16 trustees in all, 16 oracles.</remarks>
public sealed class TrusteePolicy
{
    /// <summary>Most groups: 8.</summary>
    public const int MaxGroups = 8;

    /// <summary>Most trustees over all groups: 16.</summary>
    public const int MaxTrustees = 16;

    /// <summary>Most oracles in a committee: 16.</summary>
    public const int MaxCommittee = 16;

    /// <summary>Most accepted roots of either kind: 64.</summary>
    public const int MaxAnchors = 64;

    /// <summary>Creates a policy.</summary>
    /// <param name="groupThreshold">How many groups must be satisfied, 1..number of groups.</param>
    /// <param name="groups">1..8 groups; a group's index is its place here, from 1. No identity occurs twice.</param>
    /// <param name="options">Oracle numbers, accepted roots and the digest of the rules kept on the ledger.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">An identity occurs twice, or one organisation alone could satisfy the policy.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its limits.</exception>
    public TrusteePolicy(int groupThreshold, IEnumerable<TrusteeGroup> groups, TrusteePolicyOptions options)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(options);
        GroupThreshold = groupThreshold;
        Groups = [.. groups];
        CommitteeThreshold = options.CommitteeThreshold;
        CommitteeSize = options.CommitteeSize;
        SingleOracle = options.SingleOracle;
        LicenceAuthorities = [.. options.LicenceAuthorities];
        OracleOperators = [.. options.OracleOperators];
        RulesDigest = options.RulesDigest;
        if (FindFault() is { } fault)
        {
            throw fault.OutOfRange ? new ArgumentOutOfRangeException(nameof(groups), fault.Text) : new ArgumentException(fault.Text, nameof(groups));
        }
    }

    private TrusteePolicy(CanonicalCborReader reader)
    {
        reader.BeginArray(8);
        GroupThreshold = reader.Int32(255);
        var groups = new TrusteeGroup[reader.BeginList(MaxGroups)];
        for (int g = 0; g < groups.Length; g++)
        {
            reader.BeginArray(3);
            string name = reader.Text(TrusteeGroup.MaxNameLength);
            int threshold = reader.Int32(255);
            var members = new TrusteeMember[reader.BeginList(MaxTrustees)];
            for (int i = 0; i < members.Length; i++)
            {
                reader.BeginArray(5);
                ActorId identity = reader.ActorId(), organisation = reader.ActorId();
                PublicKey[] keys = reader.PublicKeys(3);
                members[i] = new TrusteeMember(identity, organisation, keys[0], keys[1], keys[2]);
                reader.EndArray();
            }

            reader.EndArray();
            reader.EndArray();
            if (!TrusteeGroup.IsValidName(name) || threshold < 1 || threshold > members.Length)
            {
                throw reader.Fault(PhrDataReason.OutOfRange, $"group {g + 1} has no valid name or threshold.");
            }

            groups[g] = new TrusteeGroup(name, threshold, members);
        }

        reader.EndArray();
        Groups = groups;
        CommitteeThreshold = reader.Int32(255);
        CommitteeSize = reader.Int32(255);
        SingleOracle = reader.Boolean();
        LicenceAuthorities = ReadAnchors(reader);
        OracleOperators = ReadAnchors(reader);
        RulesDigest = reader.Digest();
        reader.EndArray();
        if (FindFault() is { } fault)
        {
            throw reader.Fault(fault.OutOfRange ? PhrDataReason.OutOfRange : PhrDataReason.Duplicate, fault.Text);
        }
    }

    /// <summary>How many groups must be satisfied.</summary>
    public int GroupThreshold { get; }

    /// <summary>The groups; a group's index is its place here, from 1.</summary>
    public IReadOnlyList<TrusteeGroup> Groups { get; }

    /// <summary>How many oracles of a committee must answer (m).</summary>
    public int CommitteeThreshold { get; }

    /// <summary>How many oracles are drawn for a request (n).</summary>
    public int CommitteeSize { get; }

    /// <summary>Whether the patient allowed a committee of one oracle. Such a grant gives up every protection against that oracle.</summary>
    public bool SingleOracle { get; }

    /// <summary>The authorities whose licences the patient accepts.</summary>
    public IReadOnlyList<TrustAnchor> LicenceAuthorities { get; }

    /// <summary>The operators whose oracles the patient accepts.</summary>
    public IReadOnlyList<TrustAnchor> OracleOperators { get; }

    /// <summary>SHA-256 of the rules that the ledger keeps for the bundle (who may ask, veto window): binds them to the dealing.</summary>
    public Digest RulesDigest { get; }

    /// <summary>The two-level shape of the sharing.</summary>
    public SharingShape Shape => new(GroupThreshold, [.. Groups.Select(g => new GroupShape(g.Threshold, g.Members.Count))]);

    /// <summary>Finds a trustee by its indices.</summary>
    /// <param name="group">The group's index, from 1.</param>
    /// <param name="member">The member's index in the group, from 1.</param>
    /// <returns>The member, or null when the policy has none there.</returns>
    public TrusteeMember? FindMember(int group, int member) =>
        group >= 1 && group <= Groups.Count && member >= 1 && member <= Groups[group - 1].Members.Count
            ? Groups[group - 1].Members[member - 1]
            : null;

    /// <summary>Finds the indices of a trustee.</summary>
    /// <param name="identity">The trustee.</param>
    /// <returns>Group and member, from 1, or null when it is no trustee of this policy.</returns>
    public (int Group, int Member)? FindIndices(ActorId identity)
    {
        for (int g = 0; g < Groups.Count; g++)
        {
            for (int i = 0; i < Groups[g].Members.Count; i++)
            {
                if (Groups[g].Members[i].Identity == identity)
                {
                    return (g + 1, i + 1);
                }
            }
        }

        return null;
    }

    /// <summary>Every trustee's place, in policy order: all members of group 1, then of group 2, and so on.</summary>
    public IEnumerable<PolicySeat> Seats
    {
        get
        {
            for (int g = 1; g <= Groups.Count; g++)
            {
                for (int i = 1; i <= Groups[g - 1].Members.Count; i++)
                {
                    yield return new PolicySeat(g, i);
                }
            }
        }
    }

    /// <summary>Says what this policy relaxes against an earlier one, which only the patient may do.</summary>
    /// <param name="earlier">The policy that the patient signed, or one that came from it without being relaxed.</param>
    /// <returns>
    /// The first thing that is weaker, for a person; null when nothing is. The groups must be the same by number, order and name; no
    /// threshold and not m may be lower; n may not be larger at the same m; no licence authority or operator may be new. Trustees may be others. The rules that the ledger keeps (<see cref="RulesDigest"/>) are the ledger's to compare.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="earlier"/> is null.</exception>
    public string? FindRelaxation(TrusteePolicy earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        if (!Groups.Select(static g => g.Name).SequenceEqual(earlier.Groups.Select(static g => g.Name), StringComparer.Ordinal))
        {
            return "the groups are not the same, in the same order.";
        }

        if (GroupThreshold < earlier.GroupThreshold)
        {
            return $"{GroupThreshold} groups would be enough where {earlier.GroupThreshold} were needed.";
        }

        for (int g = 0; g < Groups.Count; g++)
        {
            if (Groups[g].Threshold < earlier.Groups[g].Threshold)
            {
                return $"{Groups[g].Threshold} members of group {g + 1} would be enough where {earlier.Groups[g].Threshold} were needed.";
            }
        }

        if (CommitteeThreshold < earlier.CommitteeThreshold || (CommitteeThreshold == earlier.CommitteeThreshold && CommitteeSize > earlier.CommitteeSize))
        {
            return $"{CommitteeThreshold} of {CommitteeSize} oracles would be enough where {earlier.CommitteeThreshold} of {earlier.CommitteeSize} were needed.";
        }

        return LicenceAuthorities.Except(earlier.LicenceAuthorities).Any() ? "a licence authority is new."
            : OracleOperators.Except(earlier.OracleOperators).Any() ? "an operator of oracles is new."
            : null;
    }

    /// <summary>The same policy with the envelope keys that its trustees offered for another epoch: what a refresh deals under.</summary>
    /// <param name="offers">One offer per trustee, in any order, all for one ledger, bundle and epoch.</param>
    /// <returns>The policy.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="offers"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// A trustee's offer is missing or there twice, is not signed by the trustee's object key in this policy, or is for another use than the first one.
    /// </exception>
    public TrusteePolicy WithEnvelopeKeys(IEnumerable<EnvelopeKeyOffer> offers)
    {
        ArgumentNullException.ThrowIfNull(offers);
        EnvelopeKeyOffer[] all = [.. offers];
        TrusteeMember Renewed(TrusteeMember member)
        {
            EnvelopeKeyOffer[] own = [.. all.Where(o => o.Trustee == member.Identity)];
            return own.Length == 1 && own[0].IsSignedBy(member.ObjectKey) && own[0].Ledger == all[0].Ledger && own[0].Bundle == all[0].Bundle && own[0].Epoch == all[0].Epoch
                ? new TrusteeMember(member.Identity, member.Organisation, member.ObjectKey, member.SignerKey, own[0].EnvelopeKey)
                : throw new ArgumentException($"Trustee {member.Identity} has not exactly one valid offer.", nameof(offers));
        }

        return new TrusteePolicy(
            GroupThreshold,
            Groups.Select(g => new TrusteeGroup(g.Name, g.Threshold, g.Members.Select(Renewed))),
            new TrusteePolicyOptions
            {
                CommitteeThreshold = CommitteeThreshold,
                CommitteeSize = CommitteeSize,
                SingleOracle = SingleOracle,
                LicenceAuthorities = LicenceAuthorities,
                OracleOperators = OracleOperators,
                RulesDigest = RulesDigest,
            });
    }

    internal int PlaceOf(int group, int member) => Groups.Take(group - 1).Sum(static g => g.Members.Count) + member - 1;

    internal TrusteeMember? FindMember(PolicySeat seat) => FindMember(seat.Group, seat.Member);

    internal static TrusteePolicy Read(CanonicalCborReader reader) => new(reader);

    internal void Write(CanonicalCborWriter writer)
    {
        writer.Array(8).UInt64((ulong)GroupThreshold).Array(Groups.Count);
        foreach (TrusteeGroup group in Groups)
        {
            writer.Array(3).Text(group.Name).UInt64((ulong)group.Threshold).Array(group.Members.Count);
            foreach (TrusteeMember member in group.Members)
            {
                writer.Array(5).Id(member.Identity).Id(member.Organisation).Key(member.ObjectKey).Key(member.SignerKey).Key(member.EnvelopeKey).EndArray();
            }

            writer.EndArray().EndArray();
        }

        writer.EndArray().UInt64((ulong)CommitteeThreshold).UInt64((ulong)CommitteeSize).Boolean(SingleOracle);
        WriteAnchors(writer, LicenceAuthorities);
        WriteAnchors(writer, OracleOperators);
        writer.Id(RulesDigest).EndArray();
    }

    private static TrustAnchor[] ReadAnchors(CanonicalCborReader reader)
    {
        var anchors = new TrustAnchor[reader.BeginList(MaxAnchors)];
        for (int i = 0; i < anchors.Length; i++)
        {
            reader.BeginArray(2);
            anchors[i] = new TrustAnchor(reader.ActorId(), reader.PublicKey());
            reader.EndArray();
        }

        reader.EndArray();
        return anchors;
    }

    private static void WriteAnchors(CanonicalCborWriter writer, IReadOnlyList<TrustAnchor> anchors)
    {
        writer.Array(anchors.Count);
        foreach (TrustAnchor anchor in anchors)
        {
            writer.Array(2).Id(anchor.Identity).Key(anchor.ObjectKey).EndArray();
        }

        writer.EndArray();
    }

    private (bool OutOfRange, string Text)? FindFault()
    {
        List<TrusteeMember> all = [.. Groups.SelectMany(g => g.Members)];
        if (Groups.Count is < 1 or > MaxGroups || all.Count > MaxTrustees)
        {
            return (true, $"a policy has 1..{MaxGroups} groups and at most {MaxTrustees} trustees.");
        }

        if (GroupThreshold < 1 || GroupThreshold > Groups.Count)
        {
            return (true, "the group threshold is not between 1 and the number of groups.");
        }

        bool committee = SingleOracle
            ? CommitteeThreshold == 1 && CommitteeSize == 1
            : CommitteeThreshold >= 2 && CommitteeThreshold <= CommitteeSize && CommitteeSize <= MaxCommittee && CommitteeThreshold * 2 > CommitteeSize;
        if (!committee)
        {
            return (true, $"a committee needs 2 <= m <= n <= {MaxCommittee} and m > n/2; one oracle alone must be chosen by name.");
        }

        if (LicenceAuthorities.Count > MaxAnchors || OracleOperators.Count > MaxAnchors)
        {
            return (true, $"a policy accepts at most {MaxAnchors} authorities and {MaxAnchors} operators.");
        }

        if (all.DistinctBy(m => m.Identity).Count() != all.Count)
        {
            return (false, "an identity occurs in two places; every trustee has one place.");
        }

        return OrganisationThatDecidesAlone() is { } organisation
            ? (false, $"organisation {organisation} could satisfy the policy alone; raise a threshold or name other trustees.")
            : null;
    }

    // A patient may trust one hospital alone by a policy of one group; where several groups must agree, one organisation must not be all of them.
    private ActorId? OrganisationThatDecidesAlone()
    {
        if (GroupThreshold < 2)
        {
            return null;
        }

        foreach (ActorId organisation in Groups.SelectMany(g => g.Members).Select(m => m.Organisation).Where(o => !o.IsZero).Distinct())
        {
            int satisfied = Groups.Count(g => g.Members.Count(m => m.Organisation == organisation) >= g.Threshold);
            if (satisfied >= GroupThreshold)
            {
                return organisation;
            }
        }

        return null;
    }
}
