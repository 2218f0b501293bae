using System.Buffers.Binary;
using System.Text;
using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

// The form in which a contract checks a policy: bytes at fixed places, and two hashes for what it need not look into.
public sealed partial record ConsentPolicy
{
    private const string LedgerStage = "policy on the ledger";
    private const int HeadLength = 78;
    private const int RestPlace = 14;
    private const int RulePlace = RestPlace + Crypto.Digest.Length;
    private const int MemberLength = 2 * ActorId.Length;
    private const byte SeatsForm = 2;
    private const byte TermsForm = 3;
    private const int LedgerLength = HeadLength + (2 * LedgerLimits.Groups) + (MemberLength * LedgerLimits.Trustees);

    [Flags]
    private enum LedgerFlags : byte
    {
        None = 0,
        SingleOracle = 1,
        Person = 2,
        Team = 4,
        Emergency = 8,
    }

    /// <summary>
    /// The policy's name in signed commands and in the contract's storage: keccak256 of the first 14 bytes of <see cref="ToLedgerBytes"/>, of keccak256(the names' hash, all organisations), of the access rule's hash, and of
    /// keccak256(groups and identities), so that a call need not carry what it does not read. Computed at each call.
    /// </summary>
    /// <exception cref="ArgumentException">A value does not fit its place.</exception>
    public Digest LedgerHash
    {
        get
        {
            byte[] terms = ToLedgerTerms();
            terms[0] = 1;
            return Crypto.Digest.FromBytes(Keccak256.HashData(terms));
        }
    }

    /// <summary>
    /// Writes the policy as the contract checks it, numbers big-endian: version 1, group threshold, number of groups, m, n, flags (1 single oracle, 2 persons, 4 teams, 8 emergency; a byte each), veto window and incapacity time in
    /// seconds (4 bytes each), keccak256 of the groups' names with each one's length before it, keccak256 of the access rule's ledger form or zeros when anyone may ask, each group's threshold and number of members, each member's identity, and each member's organisation.
    /// </summary>
    /// <returns>A new array of 78 + 2 · groups + 40 · trustees bytes.</returns>
    /// <exception cref="ArgumentException">A value does not fit its place: a count above 255, a time that is no whole number of seconds or has no 4 bytes, a group's name that is no code, or an unknown kind of receiver.</exception>
    public byte[] ToLedgerBytes()
    {
        if ((ReceiverKinds & ~(ReceiverKinds.Person | ReceiverKinds.Team)) != 0)
        {
            throw new ArgumentException("The policy permits an unknown kind of receiver.");
        }

        LedgerFlags flags = (SingleOracle ? LedgerFlags.SingleOracle : 0)
            | (ReceiverKinds.HasFlag(ReceiverKinds.Person) ? LedgerFlags.Person : 0)
            | (ReceiverKinds.HasFlag(ReceiverKinds.Team) ? LedgerFlags.Team : 0)
            | (Emergency ? LedgerFlags.Emergency : 0);
        var bytes = new List<byte>(LedgerLength) { 1, Count(GroupThreshold), Count(Groups.Count), Count(CommitteeThreshold), Count(CommitteeSize), (byte)flags };
        AddSeconds(bytes, VetoWindow);
        AddSeconds(bytes, IncapacityAfter);
        bytes.AddRange(Keccak256.HashData(ToLedgerNames()));
        byte[] rule = ToLedgerRule();
        bytes.AddRange(rule.Length == 0 ? new byte[Crypto.Digest.Length] : Keccak256.HashData(rule));
        foreach (PolicyGroup group in Groups)
        {
            bytes.Add(Count(group.Threshold));
            bytes.Add(Count(group.Members.Count));
        }

        PolicyMember[] members = [.. Groups.SelectMany(group => group.Members)];
        bytes.AddRange(members.SelectMany(member => member.Identity.ToBytes()));
        bytes.AddRange(members.SelectMany(member => member.Organisation.ToBytes()));
        return [.. bytes];
    }

    /// <summary>What a contract reads of the policy to decide about an approval: <see cref="ToLedgerBytes"/> without organisations, form 2, and in the place of the names' hash that of all that is left out.</summary>
    internal byte[] ToLedgerSeats()
    {
        byte[] whole = ToLedgerBytes();
        int end = whole.Length - (ActorId.Length * Groups.Sum(group => group.Members.Count));
        byte[] rest = Keccak256.HashData([.. whole[RestPlace..RulePlace], .. whole[end..]]);
        return [SeatsForm, .. whole[1..RestPlace], .. rest, .. whole[RulePlace..end]];
    }

    /// <summary>What a contract reads of the policy about committee, receivers and access rule: form 3, 110 bytes, as <see cref="ToLedgerSeats"/> with the hash of groups and identities in their place.</summary>
    internal byte[] ToLedgerTerms()
    {
        byte[] seats = ToLedgerSeats();
        return [TermsForm, .. seats[1..HeadLength], .. Keccak256.HashData(seats[HeadLength..])];
    }

    /// <summary>The groups' names, each with its length in a byte before it: what the ledger form has the hash of.</summary>
    internal byte[] ToLedgerNames() =>
    [
        .. Groups.SelectMany(group => FieldMap.IsCode(group.Name, LedgerLimits.GroupNameLength)
            ? (byte[])[(byte)group.Name.Length, .. Encoding.ASCII.GetBytes(group.Name)]
            : throw new ArgumentException("A group's name is a code of 1 to 32 printable ASCII characters without a space.")),
    ];

    /// <summary>The access rule's ledger form; nothing when anyone may ask.</summary>
    internal byte[] ToLedgerRule() => AccessRule.Equals(AccessRule.Anyone) ? [] : AccessRule.ToLedgerBytes();

    /// <summary>Puts a policy together again from what the contract's events carry.</summary>
    /// <param name="policy">What <see cref="ToLedgerBytes"/> wrote.</param>
    /// <param name="names">What <see cref="ToLedgerNames"/> wrote.</param>
    /// <param name="rule">What <see cref="ToLedgerRule"/> wrote.</param>
    /// <exception cref="PhrDataException">They are not what a sound policy writes, or do not belong together.</exception>
    internal static ConsentPolicy FromLedger(ReadOnlyMemory<byte> policy, ReadOnlyMemory<byte> names, ReadOnlyMemory<byte> rule)
    {
        ReadOnlySpan<byte> bytes = policy.Span;
        if (bytes.Length is < HeadLength or > LedgerLength)
        {
            throw new PhrDataException(LedgerStage, PhrDataReason.WrongLength, "it is shorter than its head, or longer than a policy can be.");
        }

        int groups = bytes[2];
        if (bytes[0] != 1)
        {
            throw new PhrDataException(LedgerStage, PhrDataReason.UnknownVersion, "its version is not 1.");
        }

        if ((bytes[5] & ~0x0f) != 0)
        {
            throw new PhrDataException(LedgerStage, PhrDataReason.Malformed, "a flag is not known.");
        }

        if (groups is < 1 or > LedgerLimits.Groups || bytes.Length < HeadLength + (2 * groups))
        {
            throw new PhrDataException(LedgerStage, PhrDataReason.OutOfRange, "it does not have 1 to 8 groups.");
        }

        int members = 0;
        for (int g = 0; g < groups; g++)
        {
            members += bytes[HeadLength + (2 * g) + 1];
        }

        if (members > LedgerLimits.Trustees || bytes.Length != HeadLength + (2 * groups) + (MemberLength * members))
        {
            throw new PhrDataException(LedgerStage, PhrDataReason.WrongLength, "its length is not that of its groups' members.");
        }

        if (!bytes.Slice(14, 32).SequenceEqual(Keccak256.HashData(names.Span)))
        {
            throw new PhrDataException(LedgerStage, PhrDataReason.DigestMismatch, "the groups' names are not those that it has the hash of.");
        }

        if (!bytes.Slice(46, 32).SequenceEqual(rule.IsEmpty ? new byte[32] : Keccak256.HashData(rule.Span)))
        {
            throw new PhrDataException(LedgerStage, PhrDataReason.DigestMismatch, "the access rule is not the one that it has the hash of.");
        }

        var flags = (LedgerFlags)bytes[5];
        ReadOnlySpan<byte> rest = names.Span;
        var list = new PolicyGroup[groups];
        int place = HeadLength + (2 * groups);
        int organisation = place + (ActorId.Length * members);
        for (int g = 0; g < groups; g++)
        {
            var ofGroup = new PolicyMember[bytes[HeadLength + (2 * g) + 1]];
            for (int i = 0; i < ofGroup.Length; i++, place += ActorId.Length, organisation += ActorId.Length)
            {
                ofGroup[i] = new PolicyMember { Identity = ActorId.FromBytes(bytes.Slice(place, ActorId.Length)), Organisation = ActorId.FromBytes(bytes.Slice(organisation, ActorId.Length)) };
            }

            list[g] = new PolicyGroup { Name = ReadName(ref rest), Threshold = bytes[HeadLength + (2 * g)], Members = ofGroup };
        }

        if (!rest.IsEmpty)
        {
            throw new PhrDataException(LedgerStage, PhrDataReason.NonCanonical, "bytes follow the last group's name.");
        }

        AccessRule read = rule.IsEmpty ? AccessRule.Anyone : AccessRule.FromLedgerBytes(rule);
        if (!rule.IsEmpty && read.Equals(AccessRule.Anyone))
        {
            throw new PhrDataException(LedgerStage, PhrDataReason.NonCanonical, "a rule that lets anyone ask is written as none.");
        }

        var made = new ConsentPolicy
        {
            GroupThreshold = bytes[1],
            Groups = list,
            CommitteeThreshold = bytes[3],
            CommitteeSize = bytes[4],
            SingleOracle = flags.HasFlag(LedgerFlags.SingleOracle),
            VetoWindow = TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt32BigEndian(bytes[6..])),
            IncapacityAfter = TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt32BigEndian(bytes[10..])),
            AccessRule = read,
            ReceiverKinds = (flags.HasFlag(LedgerFlags.Person) ? ReceiverKinds.Person : 0) | (flags.HasFlag(LedgerFlags.Team) ? ReceiverKinds.Team : 0),
            Emergency = flags.HasFlag(LedgerFlags.Emergency),
        };
        return made.FindFault() is { } fault ? throw new PhrDataException(LedgerStage, PhrDataReason.OutOfRange, fault) : made;
    }

    private static string ReadName(ref ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty || rest.Length < 1 + rest[0])
        {
            throw new PhrDataException(LedgerStage, PhrDataReason.WrongLength, "the groups' names end too early.");
        }

        ReadOnlySpan<byte> name = rest.Slice(1, rest[0]);
        rest = rest[(1 + name.Length)..];
        return name.ContainsAnyExceptInRange((byte)'!', (byte)'~')
            ? throw new PhrDataException(LedgerStage, PhrDataReason.Malformed, "a group's name has another character than printable ASCII.")
            : Encoding.ASCII.GetString(name);
    }

    private static byte Count(int value) => value is >= 0 and <= 255 ? (byte)value : throw new ArgumentException("A count of the policy does not fit a byte.");

    private static void AddSeconds(List<byte> bytes, TimeSpan time)
    {
        if (time < TimeSpan.Zero || time.Ticks % TimeSpan.TicksPerSecond != 0 || time.TotalSeconds > uint.MaxValue)
        {
            throw new ArgumentException("A time of the policy is no whole number of seconds, or too long.");
        }

        Span<byte> seconds = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(seconds, (uint)time.TotalSeconds);
        bytes.AddRange(seconds);
    }
}
