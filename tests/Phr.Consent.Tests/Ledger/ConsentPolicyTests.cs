using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

public class ConsentPolicyTests
{
    public static TheoryData<string, ConsentPolicy> Faulty
    {
        get
        {
            ConsentPolicy good = LedgerWorld.DefaultPolicy();
            PolicyGroup group = good.Groups[0];
            PolicyGroup Of(string name, int threshold, params int[] members) => new() { Name = name, Threshold = threshold, Members = [.. members.Select(i => new PolicyMember { Identity = SampleFiller.SampleActor(i) })] };
            PolicyMember In(int i, int organisation) => new() { Identity = SampleFiller.SampleActor(i), Organisation = SampleFiller.SampleActor(organisation) };
            return new()
            {
                { "no group", good with { Groups = [] } },
                { "group threshold zero", good with { GroupThreshold = 0 } },
                { "group threshold above the groups", good with { GroupThreshold = 4 } },
                { "nine groups", good with { Groups = [.. Enumerable.Range(1, 9).Select(i => Of("g" + i, 1, i))] } },
                { "seventeen trustees", good with { GroupThreshold = 1, Groups = [Of("many", 9, [.. Enumerable.Range(1, 17)])] } },
                { "empty group", good with { Groups = [group, Of("none", 1)] } },
                { "member threshold zero", good with { Groups = [group with { Threshold = 0 }, .. good.Groups.Skip(1)] } },
                { "member threshold above the members", good with { Groups = [group with { Threshold = 4 }, .. good.Groups.Skip(1)] } },
                { "two groups of one name", good with { Groups = [Of("a", 1, 1), Of("a", 1, 2)] } },
                { "a name with a space", good with { Groups = [Of("a b", 1, 1), Of("c", 1, 2)] } },
                { "one trustee in two groups", good with { Groups = [Of("a", 1, 1), Of("b", 1, 1)] } },
                { "a trustee without an identity", good with { Groups = [Of("a", 1, 1), new PolicyGroup { Name = "b", Threshold = 1, Members = [new PolicyMember { Identity = default }] }] } },
                { "m of half", good with { CommitteeThreshold = 2, CommitteeSize = 4 } },
                { "m above n", good with { CommitteeThreshold = 6 } },
                { "n above 16", good with { CommitteeThreshold = 10, CommitteeSize = 17 } },
                { "one oracle without saying so", good with { CommitteeThreshold = 1, CommitteeSize = 1 } },
                { "single oracle with three", good with { SingleOracle = true } },
                { "veto window of 31 days", good with { VetoWindow = TimeSpan.FromDays(31) } },
                { "negative veto window", good with { VetoWindow = TimeSpan.FromSeconds(-1) } },
                { "no receiver", good with { ReceiverKinds = ReceiverKinds.None } },
                { "one organisation meets a group", good with { Groups = [new PolicyGroup { Name = "a", Threshold = 2, Members = [In(1, 9), In(2, 9), In(3, 8)] }, Of("b", 1, 4)] } },
                { "one organisation meets the policy", good with { Groups = [new PolicyGroup { Name = "a", Threshold = 1, Members = [In(1, 9)] }, new PolicyGroup { Name = "b", Threshold = 1, Members = [In(2, 9), In(3, 8)] }] } },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Faulty))]
    public void FindFault_BrokenRule_IsNamedAndNeverRead(string what, ConsentPolicy policy)
    {
        Assert.False(string.IsNullOrEmpty(policy.FindFault()), what);
        try
        {
            Assert.False(ConsentPolicy.TryFromBytes(policy.ToBytes(), out _), what);
        }
        catch (ArgumentException)
        {
            // A value outside the bounds of its field is not even written.
        }
    }

    [Fact]
    public void FindFault_SoundPolicies_IsNull()
    {
        ConsentPolicy good = LedgerWorld.DefaultPolicy();
        Assert.Null(good.FindFault());
        Assert.Null((good with { SingleOracle = true, CommitteeThreshold = 1, CommitteeSize = 1 }).FindFault());
        Assert.Null((good with { CommitteeThreshold = 9, CommitteeSize = 16, VetoWindow = TimeSpan.Zero }).FindFault());
        Assert.Null((good with { GroupThreshold = 1 }).FindFault());
        Assert.NotNull((good with { VetoWindow = TimeSpan.FromSeconds(0.5) }).FindFault());
        Assert.Null(SampleFiller.SamplePolicy().FindFault());
    }

    [Fact]
    public void Digest_ChangedPolicy_Differs()
    {
        ConsentPolicy good = LedgerWorld.DefaultPolicy();
        Assert.Equal(good.Digest, LedgerWorld.DefaultPolicy().Digest);
        Assert.NotEqual(good.Digest, (good with { VetoWindow = TimeSpan.FromHours(2) }).Digest);
        Assert.NotEqual(good.Digest, (good with { AccessRule = AccessRule.Role(ActorRoles.Doctor) }).Digest);
    }

    [Fact]
    public void IsSatisfiedBy_EverySubsetOfTrustees_EqualsCountingByHand()
    {
        Gen<(int Groups, int[] Sizes, int[] Thresholds)> shapes =
            from sizes in Gen.Choose(1, 4).ListOf().Where(list => list.Count is >= 1 and <= 4 && list.Sum() <= 9)
            from thresholds in Gen.CollectToArray(sizes, size => Gen.Choose(1, size))
            from groups in Gen.Choose(1, sizes.Count)
            select (groups, sizes.ToArray(), thresholds);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60).WithQuietOnSuccess(true), Prop.ForAll(shapes.ToArbitrary(), shape =>
        {
            int next = 0;
            var policy = new ConsentPolicy
            {
                GroupThreshold = shape.Groups,
                Groups = [.. shape.Sizes.Select((size, g) => new PolicyGroup { Name = "g" + g, Threshold = shape.Thresholds[g], Members = [.. Enumerable.Range(0, size).Select(_ => new PolicyMember { Identity = SampleFiller.SampleActor(++next) })] })],
                VetoWindow = TimeSpan.Zero,
            };
            TrusteeSeat[] seats = [.. policy.Seats()];
            for (int subset = 0; subset < 1 << seats.Length; subset++)
            {
                TrusteeSeat[] chosen = [.. seats.Where((_, i) => (subset >> i & 1) == 1)];
                int[] counts = new int[shape.Sizes.Length];
                foreach (TrusteeSeat seat in chosen)
                {
                    counts[seat.Group - 1]++;
                }

                int met = counts.Where((count, g) => count >= shape.Thresholds[g]).Count();
                if (policy.IsSatisfiedBy(chosen) != met >= shape.Groups || policy.IsSatisfiedBy([.. chosen, .. chosen, TrusteeSeat.Patient, new TrusteeSeat(7, 1)]) != met >= shape.Groups)
                {
                    return false;
                }
            }

            return true;
        }));
    }
}
