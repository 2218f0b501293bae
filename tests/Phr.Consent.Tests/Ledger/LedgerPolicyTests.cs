using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Consent.Tests.Ledger;

/// <summary>The form in which the contract checks policies and rules, there and back, and the cases by which the contract's own tests check the same bytes.</summary>
public class LedgerPolicyTests
{
    private static string VectorPath => RepositoryRoot.Combine("contracts", "test", "vectors", "policies.json");

    public static TheoryData<string, ConsentPolicy> Sound
    {
        get
        {
            ConsentPolicy good = LedgerWorld.DefaultPolicy();
            PolicyMember Member(int i, int organisation = 0) => new() { Identity = SampleFiller.SampleActor(i), Organisation = organisation == 0 ? default : SampleFiller.SampleActor(organisation) };
            return new()
            {
                { "three groups", good },
                { "a rule", SampleFiller.SamplePolicy() },
                { "one trustee", good with { GroupThreshold = 1, Groups = [new PolicyGroup { Name = "a", Threshold = 1, Members = [Member(1)] }] } },
                { "sixteen trustees", good with { GroupThreshold = 1, Groups = [new PolicyGroup { Name = new string('n', 32), Threshold = 9, Members = [.. Enumerable.Range(1, 16).Select(i => Member(i))] }] } },
                { "eight groups", good with { GroupThreshold = 8, Groups = [.. Enumerable.Range(1, 8).Select(g => new PolicyGroup { Name = "group-" + g, Threshold = 2, Members = [Member(g), Member(50 + g, 100 + g)] })] } },
                { "one group of one organisation, one voice", good with { GroupThreshold = 1, Groups = [new PolicyGroup { Name = "ward", Threshold = 1, Members = [Member(1, 9), Member(2, 9), Member(3, 9)] }] } },
                { "single oracle", good with { SingleOracle = true, CommitteeThreshold = 1, CommitteeSize = 1 } },
                { "nine of sixteen oracles", good with { CommitteeThreshold = 9, CommitteeSize = 16, VetoWindow = TimeSpan.FromDays(30) } },
                { "emergency for teams", good with { Emergency = true, VetoWindow = TimeSpan.Zero, ReceiverKinds = ReceiverKinds.Team } },
                { "ten years of silence, anybody may receive", good with { IncapacityAfter = TimeSpan.FromDays(3650), ReceiverKinds = ReceiverKinds.Person | ReceiverKinds.Team } },
                { "a deep rule", good with { AccessRule = Deep() } },
                { "a wide rule", good with { AccessRule = AccessRule.AtLeast(5, [.. Enumerable.Repeat(AccessRule.Label(new string('x', 64)), 63)]) } },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Sound))]
    public void FromLedger_SoundPolicy_ReadsBackEqual(string what, ConsentPolicy policy)
    {
        Assert.Null(policy.FindFault());
        ConsentPolicy read = ConsentPolicy.FromLedger(policy.ToLedgerBytes(), policy.ToLedgerNames(), policy.ToLedgerRule());
        Assert.True(policy == read, what);
        Assert.Equal(policy.Digest, read.Digest);
        Assert.Equal(policy.LedgerHash, read.LedgerHash);
        Assert.Equal(policy, ConsentPolicy.FromBytes(policy.ToBytes()));
    }

    [Theory]
    [MemberData(nameof(ConsentPolicyTests.Faulty), MemberType = typeof(ConsentPolicyTests))]
    public void FromLedger_BrokenRule_IsRefused(string what, ConsentPolicy policy)
    {
        if (Try(policy) is { } form)
        {
            PhrDataException e = Assert.Throws<PhrDataException>(() => ConsentPolicy.FromLedger(form.Policy, form.Names, form.Rule));
            Assert.Equal("policy on the ledger", e.Stage);
        }
        else
        {
            Assert.ThrowsAny<ArgumentException>(() => policy.LedgerHash);
        }

        Assert.NotNull(what);
    }

    [Fact]
    public void LedgerHash_EveryField_ChangesIt()
    {
        ConsentPolicy good = SampleFiller.SamplePolicy();
        ConsentPolicy[] others =
        [
            good with { GroupThreshold = 1 },
            good with { Groups = [good.Groups[0] with { Name = "kin" }, .. good.Groups.Skip(1)] },
            good with { Groups = [good.Groups[0] with { Threshold = 1 }, .. good.Groups.Skip(1)] },
            good with { Groups = [good.Groups[1], good.Groups[0], good.Groups[2]] },
            good with { CommitteeThreshold = 4 },
            good with { CommitteeSize = 4 },
            good with { SingleOracle = true },
            good with { VetoWindow = TimeSpan.FromHours(2) },
            good with { AccessRule = AccessRule.Anyone },
            good with { ReceiverKinds = ReceiverKinds.Team },
            good with { Emergency = true },
            good with { IncapacityAfter = TimeSpan.FromDays(1) },
        ];
        Assert.Distinct(others.Append(good).Select(policy => policy.LedgerHash));
        Assert.Distinct(others.Append(good).Select(policy => policy.Digest));
    }

    [Fact]
    public void FindRelaxation_SilenceAndTrack_AreThePatients()
    {
        ConsentPolicy good = LedgerWorld.DefaultPolicy() with { IncapacityAfter = TimeSpan.FromDays(2) };
        Assert.Null(good.FindRelaxation(good));
        Assert.Null((good with { IncapacityAfter = TimeSpan.FromDays(3) }).FindRelaxation(good));
        Assert.NotNull((good with { IncapacityAfter = TimeSpan.FromDays(1) }).FindRelaxation(good));
        Assert.NotNull((good with { Emergency = true }).FindRelaxation(good));
        Assert.NotNull((good with { Emergency = true, SingleOracle = true, CommitteeSize = 1, CommitteeThreshold = 1 }).FindFault());
        Assert.NotNull((good with { IncapacityAfter = TimeSpan.FromSeconds(0.5) }).FindFault());
        Assert.NotNull((good with { IncapacityAfter = TimeSpan.FromDays(3651) }).FindFault());
    }

    [Fact]
    public void TrusteePlan_OfADealing_KeepsEveryRuleOfThePolicy()
    {
        // What a refresh deals under must be what the patient signed, or it would wait as a changed policy.
        ConsentPolicy rules = SampleFiller.SamplePolicy() with { IncapacityAfter = TimeSpan.FromDays(3), VetoWindow = TimeSpan.FromHours(5), ReceiverKinds = ReceiverKinds.Person | ReceiverKinds.Team };
        PublicKey keys = SampleFiller.SampleKey(5).PublicKey;
        var dealt = new TrusteePolicy(
            rules.GroupThreshold,
            rules.Groups.Select(g => new TrusteeGroup(g.Name, g.Threshold, g.Members.Select(m => new TrusteeMember(m.Identity, m.Organisation, keys, keys, keys)))),
            new TrusteePolicyOptions { CommitteeThreshold = rules.CommitteeThreshold, CommitteeSize = rules.CommitteeSize, LicenceAuthorities = [], OracleOperators = [], RulesDigest = rules.Digest });
        TrusteePlan plan = TrusteePlan.Of(dealt, rules);
        Assert.Equal((rules.IncapacityAfter, rules.VetoWindow, rules.ReceiverKinds, rules.AccessRule), (plan.IncapacityAfter, plan.VetoWindow, plan.ReceiverKinds, plan.AccessRule));
        Assert.Equal((rules.GroupThreshold, rules.CommitteeThreshold, rules.CommitteeSize), (plan.GroupThreshold, plan.CommitteeThreshold, plan.CommitteeSize));
    }

    [Fact]
    public void FromLedger_AnyChangedByte_IsRefusedOrAnotherPolicy()
    {
        // What the bytes say must be what they are: a second form of one policy would have a second hash.
        ConsentPolicy policy = SampleFiller.SamplePolicy();
        (byte[] bytes, byte[] names, byte[] rule) = (policy.ToLedgerBytes(), policy.ToLedgerNames(), policy.ToLedgerRule());
        for (int i = 0; i < bytes.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] changed = [.. bytes];
                changed[i] ^= (byte)(1 << bit);
                if (Read(changed, names, rule) is { } other)
                {
                    Assert.NotEqual(policy, other);
                    Assert.Equal(changed, other.ToLedgerBytes());
                }
            }
        }

        Assert.Null(Read(bytes[..^1], names, rule));
        Assert.Null(Read([.. bytes, 0], names, rule));
        Assert.Null(Read(bytes, names[..^1], rule));
        Assert.Null(Read(bytes, names, rule[..^1]));
        Assert.Null(Read(bytes, names, []));
        Assert.Null(Read([], names, rule));
    }

    [Fact]
    public void AccessRule_RandomTrees_ReadBackEqualFromTheLedgersForm() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300).WithQuietOnSuccess(true), Prop.ForAll(AccessRuleTests.Trees(4).ToArbitrary(), rule =>
        {
            byte[] bytes = rule.ToLedgerBytes();
            AccessRule read = AccessRule.FromLedgerBytes(bytes);
            return read.Equals(rule) && read.ToLedgerBytes().AsSpan().SequenceEqual(bytes) && Enumerable.Range(0, rule.Nodes).All(place => rule.FindNode(place) is not null)
                && rule.FindNode(rule.Nodes) is null && rule.FindNode(-1) is null
                && Enumerable.Range(0, bytes.Length).All(length => !AccessRule.TryFromLedgerBytes(bytes.AsMemory(0, length), out _))
                && !AccessRule.TryFromLedgerBytes((byte[])[.. bytes, 1], out _);
        }));

    [Fact]
    public void FindNode_EveryLeaf_HasThePathThatARefusalNames()
    {
        AccessRule rule = AccessRule.All(AccessRule.Role(ActorRoles.Doctor), AccessRule.AtLeast(2, AccessRule.Speciality("cardiology"), AccessRule.Label("heart")));
        Assert.Equal(["/", "/0", "/1", "/1/0", "/1/1"], Enumerable.Range(0, 5).Select(place => rule.FindNode(place)!.Path));
        Assert.Equal("speciality is cardiology", rule.FindNode(3)!.Text);
    }

    [Theory]
    [InlineData("0900")]
    [InlineData("0000")]
    [InlineData("020000")]
    [InlineData("020201030002")]
    [InlineData("030000")]
    [InlineData("030100")]
    [InlineData("0400")]
    [InlineData("040120")]
    [InlineData("04017f")]
    [InlineData("060141")]
    [InlineData("060274")]
    [InlineData("06027441")]
    [InlineData("050000000000000000000000000000000000000000")]
    [InlineData("080000000000000000000000000000000000000000")]
    [InlineData("01010101010101010101010101010101" + "030002")]
    [InlineData("0140")]
    [InlineData("")]
    public void AccessRule_NoRule_IsRefusedOnTheLedgerToo(string hex)
    {
        Assert.False(AccessRule.TryFromLedgerBytes(Convert.FromHexString(hex), out _));
        PhrDataException e = Assert.Throws<PhrDataException>(() => AccessRule.FromLedgerBytes(Convert.FromHexString(hex)));
        Assert.Equal("access rule on the ledger", e.Stage);
    }

    [Fact]
    public void Vectors_Generator_WritesWhatIsCommitted()
    {
        var cases = new List<(string Name, byte[] Policy, byte[] Names, byte[] Rule, string Error)>();
        foreach (TheoryDataRow<string, ConsentPolicy> row in Sound)
        {
            (string name, ConsentPolicy policy) = row.Data;
            cases.Add((name, policy.ToLedgerBytes(), policy.ToLedgerNames(), policy.ToLedgerRule(), string.Empty));
        }

        foreach (TheoryDataRow<string, ConsentPolicy> row in ConsentPolicyTests.Faulty)
        {
            (string name, ConsentPolicy policy) = row.Data;
            if (Try(policy) is { } form)
            {
                cases.Add((name, form.Policy, form.Names, form.Rule, "PolicyInvalid"));
            }
        }

        ConsentPolicy sample = SampleFiller.SamplePolicy();
        (byte[] bytes, byte[] names, byte[] rule) = (sample.ToLedgerBytes(), sample.ToLedgerNames(), sample.ToLedgerRule());
        byte[] With(int at, byte value)
        {
            byte[] changed = [.. bytes];
            changed[at] = value;
            return changed;
        }

        void AddRule(string name, string hex)
        {
            byte[] broken = Convert.FromHexString(hex);
            byte[] policy = [.. bytes[..46], .. Keccak256.HashData(broken), .. bytes[78..]];
            cases.Add((name, policy, names, broken, "Malformed"));
        }

        void AddNames(string name, byte[] broken, string error) => cases.Add((name, [.. bytes[..14], .. Keccak256.HashData(broken), .. bytes[46..]], broken, rule, error));
        cases.Add(("version 2", With(0, 2), names, rule, "Malformed"));
        cases.Add(("an unknown flag", With(5, 0x12), names, rule, "Malformed"));
        cases.Add(("no flag for a receiver", With(5, 0), names, rule, "PolicyInvalid"));
        cases.Add(("no groups", With(2, 0), names, rule, "PolicyInvalid"));
        cases.Add(("a byte less", bytes[..^1], names, rule, "Malformed"));
        cases.Add(("a byte more", [.. bytes, 0], names, rule, "Malformed"));
        cases.Add(("the head alone", bytes[..78], names, rule, "Malformed"));
        cases.Add(("other names", bytes, [.. names[..^1], (byte)'z'], rule, "Malformed"));
        cases.Add(("another rule", bytes, names, [1, 1, .. rule], "Malformed"));
        cases.Add(("no rule", bytes, names, [], "Malformed"));
        AddNames("a byte after the names", [.. names, 0], "Malformed");
        AddNames("names that end early", names[..^1], "Malformed");
        AddNames("an empty name", [0, 1, (byte)'a', 1, (byte)'b'], "Malformed");
        AddNames("a name with a space", [3, (byte)'a', (byte)' ', (byte)'b', 1, (byte)'c', 1, (byte)'d'], "Malformed");
        AddNames("a name of 33", [33, .. Enumerable.Repeat((byte)'a', 33), 1, (byte)'b', 1, (byte)'c'], "Malformed");
        AddNames("two names alike", [1, (byte)'a', 1, (byte)'b', 1, (byte)'a'], "PolicyInvalid");
        AddRule("anyone, written out", "0100");
        AddRule("an unknown kind of node", "0900");
        AddRule("none of none", "020000");
        AddRule("two of one", "020201030002");
        AddRule("no role", "030000");
        AddRule("an unknown role", "030100");
        AddRule("an empty code", "0400");
        AddRule("a code with a space", "040120");
        AddRule("a purpose of one letter", "060141");
        AddRule("a purpose in small letters", "06027441");
        AddRule("no hospital", "050000000000000000000000000000000000000000");
        AddRule("no team", "080000000000000000000000000000000000000000");
        AddRule("nine levels", "0101010101010101010101010101010101" + "01030002");
        AddRule("65 nodes", "0140" + string.Concat(Enumerable.Repeat("030002", 64)));
        AddRule("bytes after the rule", "03000200");
        AddRule("half a role", "0300");
        AddRule("a code that ends early", "040561");

        string made = JsonSerializer.Serialize(
            new
            {
                count = cases.Count,
                name = cases.Select(c => c.Name),
                policy = cases.Select(c => Hex(c.Policy)),
                names = cases.Select(c => Hex(c.Names)),
                rule = cases.Select(c => Hex(c.Rule)),
                hash = cases.Select(c => Hex(Read(c.Policy, c.Names, c.Rule)?.LedgerHash.ToBytes() ?? new byte[Digest.Length])),
                error = cases.Select(c => Hex(c.Error.Length == 0 ? [] : Keccak256.HashData(Encoding.ASCII.GetBytes(c.Error + "()"))[..4])),
            },
            new JsonSerializerOptions { WriteIndented = true }).ReplaceLineEndings("\n") + "\n";
        if (Environment.GetEnvironmentVariable("PHR_WRITE_VECTORS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(VectorPath)!);
            File.WriteAllText(VectorPath, made, new UTF8Encoding(false));
        }

        Assert.Equal(File.ReadAllText(VectorPath), made);
        foreach ((string name, byte[] policy, byte[] ofNames, byte[] ofRule, string error) in cases)
        {
            Assert.True(Read(policy, ofNames, ofRule) is not null == (error.Length == 0), name);
        }
    }

    private static string Hex(byte[] bytes) => "0x" + Convert.ToHexStringLower(bytes);

    private static AccessRule Deep()
    {
        AccessRule rule = AccessRule.Purpose(PurposeOfUse.Treatment);
        for (int i = 1; i < LedgerLimits.RuleDepth; i++)
        {
            rule = AccessRule.Any(rule);
        }

        return rule;
    }

    private static ConsentPolicy? Read(byte[] policy, byte[] names, byte[] rule)
    {
        try
        {
            return ConsentPolicy.FromLedger(policy, names, rule);
        }
        catch (PhrDataException)
        {
            return null;
        }
    }

    private static (byte[] Policy, byte[] Names, byte[] Rule)? Try(ConsentPolicy policy)
    {
        try
        {
            return (policy.ToLedgerBytes(), policy.ToLedgerNames(), policy.ToLedgerRule());
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
