using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

public class AccessRuleTests
{
    private static readonly AccessFacts _cardiologist = new()
    {
        Roles = ActorRoles.Doctor,
        Speciality = "cardiology",
        Hospital = SampleFiller.SampleActor(77),
        Purpose = PurposeOfUse.Treatment,
        Labels = ["imaging", "heart"],
    };

    [Fact]
    public void Evaluate_Leaves_CompareExactly()
    {
        AssertOutcome(AccessOutcome.Permit, AccessRule.Anyone, new AccessFacts());
        AssertOutcome(AccessOutcome.Permit, AccessRule.Role(ActorRoles.Doctor | ActorRoles.Hospital), _cardiologist);
        AssertOutcome(AccessOutcome.Deny, AccessRule.Role(ActorRoles.Insurer), _cardiologist);
        AssertOutcome(AccessOutcome.Permit, AccessRule.Speciality("cardiology"), _cardiologist);
        AssertOutcome(AccessOutcome.Deny, AccessRule.Speciality("Cardiology"), _cardiologist);
        AssertOutcome(AccessOutcome.Permit, AccessRule.Hospital(SampleFiller.SampleActor(77)), _cardiologist);
        AssertOutcome(AccessOutcome.Deny, AccessRule.Hospital(SampleFiller.SampleActor(78)), _cardiologist);
        AssertOutcome(AccessOutcome.Permit, AccessRule.Purpose(PurposeOfUse.Treatment), _cardiologist);
        AssertOutcome(AccessOutcome.Deny, AccessRule.Purpose(PurposeOfUse.BreakTheGlass), _cardiologist);
        AssertOutcome(AccessOutcome.Permit, AccessRule.Label("heart"), _cardiologist);
        AssertOutcome(AccessOutcome.Deny, AccessRule.Label("mental-health"), _cardiologist);
    }

    [Fact]
    public void Evaluate_UnknownFacts_NeitherPermitNorDeny()
    {
        AccessFacts ledger = _cardiologist with { Purpose = null, Labels = null };
        AssertOutcome(AccessOutcome.Undetermined, AccessRule.Purpose(PurposeOfUse.Treatment), ledger);
        AssertOutcome(AccessOutcome.Undetermined, AccessRule.All(AccessRule.Role(ActorRoles.Doctor), AccessRule.Label("heart")), ledger);
        AssertOutcome(AccessOutcome.Deny, AccessRule.All(AccessRule.Label("heart"), AccessRule.Role(ActorRoles.Insurer)), ledger);
        AssertOutcome(AccessOutcome.Permit, AccessRule.Any(AccessRule.Label("heart"), AccessRule.Role(ActorRoles.Doctor)), ledger);
        AssertOutcome(AccessOutcome.Undetermined, AccessRule.Any(AccessRule.Label("heart"), AccessRule.Role(ActorRoles.Insurer)), ledger);
    }

    [Fact]
    public void Evaluate_Denied_NamesTheFirstLeafToBlame()
    {
        AccessRule rule = AccessRule.All(
            AccessRule.Role(ActorRoles.Doctor),
            AccessRule.AtLeast(2, AccessRule.Speciality("cardiology"), AccessRule.Speciality("oncology"), AccessRule.Hospital(SampleFiller.SampleActor(1))));
        AccessDecision decision = rule.Evaluate(_cardiologist);
        Assert.Equal(AccessOutcome.Deny, decision.Outcome);
        Assert.Equal(new AccessRuleLeaf("/1/1", "speciality is oncology"), decision.FailingLeaf);
        Assert.Equal("/", AccessRule.Role(ActorRoles.Insurer).Evaluate(_cardiologist).FailingLeaf!.Path);
        Assert.Null(AccessRule.Anyone.Evaluate(_cardiologist).FailingLeaf);
    }

    [Fact]
    public void Evaluate_RandomTrees_EqualTryingEveryValueOfTheUnknownFacts()
    {
        // The unknown facts here are purpose and label, of two values each: permit and deny must hold for all four worlds, undetermined for some only or for leaf-wise doubt.
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300).WithQuietOnSuccess(true), Prop.ForAll(Trees(3).ToArbitrary(), rule =>
        {
            AccessOutcome known = rule.Evaluate(_cardiologist with { Purpose = null, Labels = null }).Outcome;
            AccessOutcome[] worlds =
            [
                .. from purpose in (PurposeOfUse[])[PurposeOfUse.Treatment, PurposeOfUse.Research]
                   from labels in (string[][])[["heart"], []]
                   select rule.Evaluate(_cardiologist with { Purpose = purpose, Labels = labels }).Outcome,
            ];
            return !worlds.Contains(AccessOutcome.Undetermined) && (known == AccessOutcome.Undetermined || worlds.All(outcome => outcome == known));
        }));
    }

    [Fact]
    public void FromBytes_RandomTrees_ReadBackEqual() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200).WithQuietOnSuccess(true), Prop.ForAll(Trees(4).ToArbitrary(), rule =>
        {
            AccessRule read = AccessRule.FromBytes(rule.ToBytes());
            return read.Equals(rule) && read.GetHashCode() == rule.GetHashCode() && read.ToBytes().AsSpan().SequenceEqual(rule.ToBytes()) && read.ToString() == rule.ToString();
        }));

    [Fact]
    public void Factories_TooDeepTooLargeOrEmpty_AreRefused()
    {
        AccessRule rule = AccessRule.Label("x");
        for (int i = 1; i < LedgerLimits.RuleDepth; i++)
        {
            rule = AccessRule.All(rule);
        }

        Assert.Equal(8, rule.Depth);
        Assert.Throws<ArgumentException>(() => AccessRule.All(rule));
        Assert.Equal(64, AccessRule.All([.. Enumerable.Repeat(AccessRule.Label("x"), 63)]).Nodes);
        Assert.Throws<ArgumentException>(() => AccessRule.All([.. Enumerable.Repeat(AccessRule.Label("x"), 64)]));
        Assert.Throws<ArgumentException>(() => AccessRule.Any());
        Assert.Throws<ArgumentException>(() => AccessRule.AtLeast(2, rule));
        Assert.Throws<ArgumentException>(() => AccessRule.Role(ActorRoles.None));
        Assert.Throws<ArgumentException>(() => AccessRule.Role((ActorRoles)256));
        Assert.Throws<ArgumentException>(() => AccessRule.Speciality("with space"));
        Assert.Throws<ArgumentException>(() => AccessRule.Hospital(default));
        Assert.Throws<ArgumentException>(() => AccessRule.Purpose(default));
    }

    [Fact]
    public void FromBytes_TooDeepOrTooMany_IsRefused()
    {
        // Written by hand, since no factory makes them: nine levels of "all of one", and "all of" sixty-four.
        byte[] tag = [0x82, 0x72, .. "phr/access-rule/v1"u8];
        byte[] leaf = [0x82, 0x07, 0x61, (byte)'x'];
        byte[] deep = [.. tag, .. Enumerable.Repeat((byte[])[0x82, 0x01, 0x81], 8).SelectMany(b => b), .. leaf];
        byte[] wide = [.. tag, 0x82, 0x01, 0x98, 64, .. Enumerable.Repeat(leaf, 64).SelectMany(b => b)];
        byte[] fine = [.. tag, 0x82, 0x01, 0x98, 63, .. Enumerable.Repeat(leaf, 63).SelectMany(b => b)];
        Assert.Equal(PhrDataReason.TooLarge, Assert.Throws<PhrDataException>(() => AccessRule.FromBytes(deep)).Reason);
        Assert.Equal(PhrDataReason.TooLarge, Assert.Throws<PhrDataException>(() => AccessRule.FromBytes(wide)).Reason);
        Assert.True(AccessRule.TryFromBytes(fine, out _));
    }

    [Fact]
    public void PurposeOfUse_Codes_AreTheValueSets()
    {
        Assert.Equal("TREAT", PurposeOfUse.Treatment.Code);
        Assert.Equal("HPAYMT", PurposeOfUse.Payment.ToString());
        Assert.Distinct(PurposeOfUse.Known);
        Assert.All(PurposeOfUse.Known, purpose => Assert.Equal(purpose, PurposeOfUse.Parse(purpose.Code)));
        Assert.False(PurposeOfUse.TryParse("treat", out _));
        Assert.False(PurposeOfUse.TryParse("T", out _));
        Assert.False(PurposeOfUse.TryParse(null, out _));
        Assert.Throws<FormatException>(() => PurposeOfUse.Parse(""));
        Assert.Equal(default, new PurposeOfUse());
        Assert.True(PurposeOfUse.Treatment != PurposeOfUse.EmergencyTreatment);
    }

    private static void AssertOutcome(AccessOutcome expected, AccessRule rule, AccessFacts facts) => Assert.Equal(expected, rule.Evaluate(facts).Outcome);

    internal static Gen<AccessRule> Trees(int depth)
    {
        Gen<AccessRule> leaf = Gen.Elements(
            AccessRule.Role(ActorRoles.Doctor),
            AccessRule.Role(ActorRoles.Insurer),
            AccessRule.Speciality("cardiology"),
            AccessRule.Speciality("oncology"),
            AccessRule.Hospital(SampleFiller.SampleActor(77)),
            AccessRule.Purpose(PurposeOfUse.Treatment),
            AccessRule.Label("heart"));
        if (depth == 0)
        {
            return leaf;
        }

        Gen<AccessRule> tree =
            from count in Gen.Choose(1, 3)
            from children in Gen.ArrayOf(Trees(depth - 1), count)
            from k in Gen.Choose(0, count)
            where children.Sum(child => child.Nodes) < LedgerLimits.RuleNodes
            select k == 0 ? AccessRule.All(children) : AccessRule.AtLeast(k, children);
        return Gen.OneOf(leaf, tree);
    }
}
