using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Phr.Crypto.Hashing;
using Phr.Crypto.Keys;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>
/// What one round of a team's key ceremony is about: who is in the team afterwards, with which keys and threshold, and which keys
/// are made or shared anew. Every dealing, complaint and signature of the round is bound to its digest.
/// </summary>
/// <remarks>
/// Canonical CBOR, not signed: who signs the charter that a round ends in has agreed to its plan. <c>docs/team-format.md</c> has every
/// byte. Immutable and thread safe.
/// </remarks>
public sealed class TeamPlan
{
    /// <summary>Longest encoding in bytes: 8,192.</summary>
    public const int MaxLength = 8192;

    /// <summary>Most members of a team: 16.</summary>
    public const int MaxMembers = 16;

    /// <summary>Fewest members that open together, and so fewest in a team: 2.</summary>
    public const int MinThreshold = 2;

    /// <summary>Most keys that a team keeps alive at once: 8.</summary>
    public const int MaxKeys = 8;

    /// <summary>The highest epoch of a key or a roster: 1,000,000.</summary>
    public const int MaxEpoch = 1_000_000;

    private const string Tag = "phr/team-plan/v1";
    private const string Stage = "team plan";

    private readonly byte[] _bytes;

    private TeamPlan(byte[] bytes)
    {
        _bytes = bytes;
        Digest = Digest.Of(bytes);
        var reader = new CanonicalCborReader(Stage, bytes, MaxLength);
        reader.BeginArray(9);
        reader.Expect(Tag);
        Ledger = reader.LedgerId();
        Nonce = reader.Digest();
        Previous = reader.Digest();
        ActorId team = reader.ActorId();
        RosterEpoch = reader.Int32(MaxEpoch);
        Threshold = reader.Int32(MaxMembers);
        var members = new TeamMember[reader.BeginList(MaxMembers)];
        for (int i = 0; i < members.Length; i++)
        {
            reader.BeginArray(5);
            int index = reader.Int32(SecretSharing.MaxShares);
            ActorId actor = reader.ActorId();
            Digest record = reader.Digest();
            PublicKey[] own = reader.PublicKeys(2);
            members[i] = new TeamMember(index, actor, record, own[0], own[1]);
            reader.EndArray();
        }

        reader.EndArray();
        var keys = new TeamKeyPlan[reader.BeginList(MaxKeys)];
        for (int i = 0; i < keys.Length; i++)
        {
            reader.BeginArray(2);
            int epoch = reader.Int32(MaxEpoch);
            byte[] carried = reader.Bytes(PublicKey.Length);
            PublicKey? key = null;
            if (carried.Length != 0 && !PublicKey.TryFromBytes(carried, out key))
            {
                throw reader.Fault(PhrDataReason.InvalidPoint, "a key is not a point of the curve.");
            }

            keys[i] = new TeamKeyPlan(epoch, key);
            reader.EndArray();
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        Members = new ReadOnlyCollection<TeamMember>(members);
        Keys = new ReadOnlyCollection<TeamKeyPlan>(keys);
        if (FindFault(team) is { } fault)
        {
            throw reader.Fault(fault.Reason, fault.Detail);
        }

        Team = IsFounding ? IdOf(Digest) : team;
    }

    /// <summary>The ledger.</summary>
    public LedgerId Ledger { get; }

    /// <summary>Random, so that no two rounds have one digest.</summary>
    public Digest Nonce { get; }

    /// <summary>The digest of the charter that the round changes; zero for a team that is being founded.</summary>
    public Digest Previous { get; }

    /// <summary>The team: the first 20 bytes of SHA-256 of <c>phr/team-id/v1</c>, a zero byte and the digest of the plan that founded it.</summary>
    public ActorId Team { get; }

    /// <summary>Counts the team's charters, from 1.</summary>
    public int RosterEpoch { get; }

    /// <summary>How many members open together, 2 to the number of members.</summary>
    public int Threshold { get; }

    /// <summary>The members, by index.</summary>
    public IReadOnlyList<TeamMember> Members { get; }

    /// <summary>The keys, by epoch; only the last may be fresh.</summary>
    public IReadOnlyList<TeamKeyPlan> Keys { get; }

    /// <summary>Whether the round founds a team.</summary>
    public bool IsFounding => Previous.IsZero;

    /// <summary>SHA-256 of the exact bytes.</summary>
    public Digest Digest { get; }

    /// <summary>Plans a new team with its first key.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="threshold">How many members open together, 2 to the number of members.</param>
    /// <param name="members">The verified key records of the founding members, 2 to 16.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="members"/> is null.</exception>
    /// <exception cref="ArgumentException">A number is out of range, a member or a key occurs twice, or a record is of another ledger.</exception>
    public static TeamPlan Found(LedgerId ledger, int threshold, IReadOnlyList<KeyRecord> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        TeamMember[] roster = [.. members.Select((record, i) => TeamMember.From(i + 1, Checked(record, ledger, nameof(members))))];
        return Create(ledger, default, default, 1, threshold, roster, [new TeamKeyPlan(1, null)]);
    }

    /// <summary>Plans a change of a team: members who join or leave, another threshold, a new key.</summary>
    /// <param name="charter">The team's present charter.</param>
    /// <param name="change">What changes.</param>
    /// <returns>The plan. Members who stay keep their index.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The change breaks a rule: too few members stay to hand the keys on, too many keys would live, a member or key occurs twice, or a number is out of range.</exception>
    public static TeamPlan Change(TeamCharter charter, TeamChange change)
    {
        ArgumentNullException.ThrowIfNull(charter);
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(change.Members, nameof(change));
        var taken = new HashSet<int>(charter.Plan.Members.Select(m => m.Index));
        var roster = new List<TeamMember>(change.Members.Count);
        foreach (KeyRecord record in change.Members)
        {
            Checked(record, charter.Plan.Ledger, nameof(change));
            int index = charter.FindMember(record.ActorId)?.Index ?? 0;
            for (int free = 1; index == 0; free++)
            {
                index = taken.Add(free) ? free : 0;
            }

            roster.Add(TeamMember.From(index, record));
        }

        bool leaves = charter.Plan.Members.Any(m => roster.TrueForAll(r => r.Identity != m.Identity));
        var keys = new List<TeamKeyPlan>();
        foreach (TeamKey key in charter.Keys)
        {
            if (!change.RetiredKeys.Contains(key.Epoch) || key.Epoch == charter.KeyEpoch)
            {
                keys.Add(new TeamKeyPlan(key.Epoch, key.PublicKey));
            }
        }

        if (leaves || change.RenewKey)
        {
            keys.Add(new TeamKeyPlan(charter.KeyEpoch + 1, null));
        }

        TeamPlan plan = Create(
            charter.Plan.Ledger, charter.Digest, charter.Team, charter.Plan.RosterEpoch + 1, change.Threshold ?? charter.Plan.Threshold,
            [.. roster.OrderBy(m => m.Index)], keys);
        return plan.FindSuccessionFault(charter) is { } fault ? throw new ArgumentException(fault.Detail, nameof(change)) : plan;
    }

    /// <summary>Reads a plan and checks what it says of itself. Whether it follows the team's charter, <see cref="RequireSuccessorOf"/> asks.</summary>
    /// <param name="bytes">The exact bytes, at most 8,192.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="PhrDataException">The bytes are not a plan.</exception>
    public static TeamPlan FromBytes(ReadOnlySpan<byte> bytes) => new(InputLimits.Copy(Stage, bytes, MaxLength));

    /// <summary>Reads a plan, without an exception.</summary>
    /// <param name="bytes">The exact bytes, at most 8,192.</param>
    /// <param name="plan">The plan, or null.</param>
    /// <returns>Whether the bytes were a plan.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TeamPlan? plan)
    {
        try
        {
            plan = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            plan = null;
            return false;
        }
    }

    /// <summary>A member.</summary>
    /// <param name="identity">The member on the ledger.</param>
    /// <returns>The member, or null.</returns>
    public TeamMember? FindMember(ActorId identity) => Members.FirstOrDefault(m => m.Identity == identity);

    /// <summary>Checks that the plan changes this charter by the rules: keys are carried over as they were, a member who leaves brings a fresh key, and enough members stay.</summary>
    /// <param name="previous">The team's charter so far; null for a founding plan.</param>
    /// <exception cref="PhrDataException">It does not.</exception>
    public void RequireSuccessorOf(TeamCharter? previous)
    {
        if (FindSuccessionFault(previous) is { } fault)
        {
            throw new PhrDataException(Stage, fault.Reason, fault.Detail);
        }
    }

    /// <summary>Writes the plan.</summary>
    /// <returns>A new array with the exact bytes.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    /// <summary>Who deals in the round, and which of the plan's keys: members who stay deal every key, members who join the fresh one.</summary>
    internal TeamKeyPlan[] KeysDealtBy(TeamMember dealer, TeamCharter? previous) =>
        [.. Keys.Where(k => k.IsFresh || previous?.FindMember(dealer.Identity) is not null)];

    private static ActorId IdOf(Digest plan) =>
        ActorId.FromBytes(SHA256.HashData(SignedObject.Message("phr/team-id/v1", plan.ToBytes())).AsSpan(0, ActorId.Length));

    private static KeyRecord Checked(KeyRecord record, LedgerId ledger, string name) =>
        record is null ? throw new ArgumentException("A key record is null.", name)
        : record.Ledger != ledger ? throw new ArgumentException("A key record is of another ledger.", name)
        : record;

    private static TeamPlan Create(
        LedgerId ledger, Digest previous, ActorId team, int rosterEpoch, int threshold, IReadOnlyList<TeamMember> members, IReadOnlyList<TeamKeyPlan> keys)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threshold);
        var writer = new CanonicalCborWriter();
        writer.Array(9).Text(Tag).Id(ledger).Id(Digest.Random()).Id(previous).Id(team).UInt64((ulong)rosterEpoch).UInt64((ulong)threshold).Array(members.Count);
        foreach (TeamMember member in members)
        {
            writer.Array(5).UInt64((ulong)member.Index).Id(member.Identity).Id(member.KeyRecordDigest).Key(member.ObjectKey).Key(member.EnvelopeKey).EndArray();
        }

        writer.EndArray().Array(keys.Count);
        foreach (TeamKeyPlan key in keys)
        {
            writer.Array(2).UInt64((ulong)key.Epoch).Bytes(key.Carried is { } carried ? carried.ToBytes() : []).EndArray();
        }

        try
        {
            return new TeamPlan(writer.EndArray().EndArray().ToBytes());
        }
        catch (PhrDataException e)
        {
            throw new ArgumentException(e.Message, nameof(members), e);
        }
    }

    private (PhrDataReason Reason, string Detail)? FindFault(ActorId team)
    {
        bool ascending = Members.Zip(Members.Skip(1)).All(pair => pair.First.Index < pair.Second.Index)
            && Keys.Zip(Keys.Skip(1)).All(pair => pair.First.Epoch < pair.Second.Epoch);
        return Threshold < MinThreshold || Threshold > Members.Count ? (PhrDataReason.OutOfRange, "the threshold is not 2 to the number of members.")
            : !ascending || Members[0].Index < 1 ? (PhrDataReason.OutOfRange, "members or keys are not in order, or an index is zero.")
            : Members.DistinctBy(m => m.Identity).Count() != Members.Count || Members.SelectMany(m => new[] { m.ObjectKey, m.EnvelopeKey }).Distinct().Count() != 2 * Members.Count
                ? (PhrDataReason.Duplicate, "a member or a key occurs twice.")
            : Keys.Count == 0 || Keys[0].Epoch < 1 || Keys.SkipLast(1).Any(k => k.IsFresh) ? (PhrDataReason.OutOfRange, "there is no key, or one that is not the last is fresh.")
            : RosterEpoch < 1 || (RosterEpoch == 1) != IsFounding || team.IsZero != IsFounding ? (PhrDataReason.Mismatched, "a founding plan has roster epoch 1 and no team yet, and no other has.")
            : IsFounding && Keys is not [{ Epoch: 1, IsFresh: true }] ? (PhrDataReason.Mismatched, "a founding plan makes key 1 and no other.")
            : null;
    }

    private (PhrDataReason Reason, string Detail)? FindSuccessionFault(TeamCharter? previous)
    {
        if (previous is null || IsFounding)
        {
            return previous is null && IsFounding ? null : (PhrDataReason.Mismatched, "it founds a team that exists, or changes one that is not known.");
        }

        TeamKeyPlan[] carried = [.. Keys.Where(k => !k.IsFresh)];
        int stay = previous.Plan.Members.Count(m => FindMember(m.Identity) is not null);
        return Previous != previous.Digest || Team != previous.Team || Ledger != previous.Plan.Ledger || RosterEpoch != previous.Plan.RosterEpoch + 1
                ? (PhrDataReason.Mismatched, "it does not follow the team's present charter.")
            : carried.Any(k => previous.FindKey(k.Epoch)?.PublicKey != k.Carried) || carried.All(k => k.Epoch != previous.KeyEpoch)
                ? (PhrDataReason.Mismatched, "a carried key is not the team's, or the present one is missing.")
            : Keys[^1].IsFresh ? Keys[^1].Epoch != previous.KeyEpoch + 1 ? (PhrDataReason.OutOfRange, "the fresh key does not have the next epoch.") : StayFault(stay, previous)
            : stay != previous.Plan.Members.Count ? (PhrDataReason.Mismatched, "a member leaves, and the team gets no fresh key.")
            : StayFault(stay, previous);
    }

    private (PhrDataReason Reason, string Detail)? StayFault(int stay, TeamCharter previous) =>
        stay < previous.Plan.Threshold ? (PhrDataReason.BelowThreshold, "fewer members stay than it takes to hand the keys on.")
        : Members.Any(m => previous.FindMember(m.Identity) is { } before ? before.Index != m.Index : previous.Plan.Members.Any(old => old.Index == m.Index))
            ? (PhrDataReason.Mismatched, "a member who stays changes its index, or one who joins takes another's.")
        : null;
}
