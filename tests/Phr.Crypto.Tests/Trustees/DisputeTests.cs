using FsCheck;
using FsCheck.Fluent;

namespace Phr.Crypto.Tests.Trustees;

/// <summary>Evidence against deliveries: every false fragment can be shown, no honest one.</summary>
public class DisputeTests
{
    [Fact]
    public async Task Find_HonestDelivery_IsNone()
    {
        using DisputeScene scene = await DisputeScene.CreateAsync();
        OracleDelivery read = OracleDelivery.FromBytes(scene.Honest.ToBytes());
        Assert.Null(DeliveryEvidence.Find(read, scene.World.Dealing));
        Assert.Equal(scene.World.Oracles[0].Identity.Id, read.Statement.RecoverSigner(read.StatementSignature));
        Assert.Equal(scene.World.Dealing.EvidenceRoot, read.Statement.EvidenceRoot);
        Assert.Equal(DeliveryStatement.ComputeRoot(read.Fragments), read.Statement.Root);
        for (int i = 0; i < read.Fragments.Count; i++)
        {
            foreach (DeliveryCheck check in (DeliveryCheck[])[DeliveryCheck.Scalar, DeliveryCheck.EquationE, DeliveryCheck.EquationV, DeliveryCheck.EquationU, DeliveryCheck.Signature, DeliveryCheck.Place])
            {
                Assert.Equal(DeliveryVerdict.Holds, DeliveryEvidence.Make(read, i, scene.World.Dealing, check).Judge(read.Statement));
            }
        }
    }

    [Fact]
    public async Task Find_EveryLie_IsShownByTheCheckThatItBreaks()
    {
        using DisputeScene scene = await DisputeScene.CreateAsync();
        foreach ((string name, DeliveryCheck check, Action<byte[], DisputeScene> change) in DisputeScene.Lies)
        {
            OracleDelivery lie = scene.Falsify(0, change);
            DeliveryEvidence? evidence = DeliveryEvidence.Find(lie, scene.World.Dealing);
            Assert.True(evidence is not null, name);
            Assert.True(DeliveryVerdict.False == evidence.Judge(lie.Statement), $"{name}: {evidence.Check}");

            // Where a lie breaks several rules the first one in order is shown.
            Assert.True(evidence.Check == check || evidence.Check is DeliveryCheck.Signature, $"{name}: {evidence.Check}");
            Assert.Equal(evidence, DeliveryEvidence.FromBytes(evidence.ToBytes()));
            Assert.False(scene.IsGood(lie, 0));
            Assert.Equal(DeliveryVerdict.NoEvidence, evidence.Judge(scene.Honest.Statement));
        }
    }

    [Theory]
    [InlineData(DeliveryCheck.EquationE)]
    [InlineData(DeliveryCheck.EquationV)]
    [InlineData(DeliveryCheck.EquationU)]
    public async Task Judge_EachEquation_SaysWhatTheArithmeticSays(DeliveryCheck check)
    {
        using DisputeScene scene = await DisputeScene.CreateAsync();
        int shown = 0;
        foreach ((string name, _, Action<byte[], DisputeScene> change) in DisputeScene.Lies.Where(l => l.Check is DeliveryCheck.EquationE or DeliveryCheck.EquationV or DeliveryCheck.EquationU))
        {
            OracleDelivery lie = scene.Falsify(0, change);
            bool whole = scene.IsGood(lie, 0);
            DeliveryVerdict verdict = DeliveryEvidence.Make(lie, 0, scene.World.Dealing, check).Judge(lie.Statement);
            Assert.True(verdict is DeliveryVerdict.Holds or DeliveryVerdict.False, name);
            Assert.False(whole);
            shown += verdict == DeliveryVerdict.False ? 1 : 0;
        }

        Assert.True(shown >= 5);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(200)]
    public async Task Find_FragmentForAPlaceThatIsNone_IsShown(int place)
    {
        using DisputeScene scene = await DisputeScene.CreateAsync();
        OracleDelivery lie = scene.Falsify(5, null, place);
        DeliveryEvidence evidence = DeliveryEvidence.Find(lie, scene.World.Dealing)!;
        Assert.Equal((DeliveryCheck.Place, DeliveryVerdict.False), (evidence.Check, evidence.Judge(lie.Statement)));
        DocumentKeyCombiner combiner = scene.World.Combiner();
        Assert.False(combiner.AddDelivery(lie, 1));
    }

    [Fact]
    public async Task OfTerms_OtherKeyOrRootThanTheRequests_IsShown()
    {
        using DisputeScene scene = await DisputeScene.CreateAsync();
        DeliveryStatement honest = scene.Honest.Statement;
        var words = new byte[23 * 32];
        Keccak256.HashData("phr/request/v2"u8).CopyTo(words, 0);
        honest.ReceivingKeyHash.ToBytes().CopyTo(words, 13 * 32);
        honest.EvidenceRoot.ToBytes().CopyTo(words, 22 * 32);
        DeliveryEvidence evidence = DeliveryEvidence.OfTerms(words);
        honest = honest with { Request = RequestId.FromBytes(Keccak256.HashData(words)) };
        Assert.Equal(DeliveryVerdict.Holds, evidence.Judge(honest));
        Assert.Equal(DeliveryVerdict.False, evidence.Judge(honest with { EvidenceRoot = Digest.Of("other"u8) }));
        Assert.Equal(DeliveryVerdict.False, evidence.Judge(honest with { ReceivingKeyHash = Digest.Of("other"u8) }));
        Assert.Equal(DeliveryVerdict.NoEvidence, evidence.Judge(scene.Honest.Statement));
        words[3] ^= 1;
        Assert.Equal(DeliveryVerdict.NoEvidence, DeliveryEvidence.OfTerms(words).Judge(honest with { Request = RequestId.FromBytes(Keccak256.HashData(words)) }));
        Assert.Throws<ArgumentException>(() => DeliveryEvidence.OfTerms(words.AsSpan(32)));

        OracleDelivery lie = OracleDelivery.Create(scene.World.Terms, 1, Digest.Of("other"u8), scene.Honest.Fragments, scene.World.Oracles[0].Identity);
        Assert.Throws<ArgumentException>(() => DeliveryEvidence.Find(lie, scene.World.Dealing));
        Assert.False(scene.World.Combiner().AddDelivery(lie, 1));
    }

    [Fact]
    public async Task AddDelivery_StatementThatCouldNotBeShown_IsRefused()
    {
        using DisputeScene scene = await DisputeScene.CreateAsync();
        OracleCommittee committee = scene.World.Terms.Committee;
        CommitteeSeat seat = committee.Seats[0];

        // A statement by a ledger key that is not the oracle's, one that is to count only after the next slash, and one for a use that is still to come; one of an earlier use is sent again.
        Assert.Equal(PhrDataReason.InvalidSignature, Refusal(seat with { LedgerAddresses = [scene.World.Oracles[1].Identity.Id] }, 0));
        Assert.Null(Refusal(seat with { Slashes = 2 }, 0));
        Assert.Null(Refusal(seat, 1));
        OracleDelivery early = OracleDelivery.Create(With(seat, 1), 1, scene.Honest.Statement.EvidenceRoot, scene.Honest.Fragments, scene.World.Oracles[0].Identity);
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => early.RequireSeat(scene.World.Terms, 1)).Reason);
        OracleDelivery later = OracleDelivery.Create(
            With(seat with { Slashes = 1 }, 0), 1, scene.Honest.Statement.EvidenceRoot, scene.Honest.Fragments, scene.World.Oracles[0].Identity);
        Assert.Equal(PhrDataReason.InvalidSignature, Assert.Throws<PhrDataException>(() => later.RequireSeat(scene.World.Terms, 1)).Reason);

        PhrDataReason? Refusal(CommitteeSeat first, int use)
        {
            try
            {
                scene.Honest.RequireSeat(With(first, use), 1);
                return null;
            }
            catch (PhrDataException e)
            {
                return e.Reason;
            }
        }

        RequestTerms With(CommitteeSeat first, int use)
        {
            RequestTerms t = scene.World.Terms;
            return new RequestTerms
            {
                Ledger = t.Ledger, Request = t.Request, HeaderDigest = t.HeaderDigest, DealingDigest = t.DealingDigest, Epoch = t.Epoch, ReceivingKey = t.ReceivingKey, PurposeDigest = t.PurposeDigest,
                NotAfter = t.NotAfter, Committee = new OracleCommittee(committee.Threshold, [first, .. committee.Seats.Skip(1)]), Use = use,
            };
        }
    }

    [Fact]
    public async Task Contradicts_TwoDeliveriesOfOneJob_IsSeenFromTheStatements()
    {
        using DisputeScene scene = await DisputeScene.CreateAsync();
        DeliveryStatement first = scene.Honest.Statement, second = scene.Falsify(0, DisputeScene.Lies[0].Change).Statement;
        Assert.True(first.Contradicts(second));
        Assert.False(first.Contradicts(first with { }));
        Assert.False(first.Contradicts(second with { Index = 2 }));
        Assert.False(first.Contradicts(second with { Use = 1 }));
        Assert.False(first.Contradicts(second with { Round = 1 }));
        Assert.False(first.Contradicts(second with { Slashes = 1 }));
        Assert.False(first.Contradicts(second with { Oracle = scene.World.Oracles[1].Identity.Id }));
        Assert.True(first.Contradicts(first with { EvidenceRoot = second.Root }));
    }

    /// <summary>Invariant 14, one half: whatever is done to evidence about an honest delivery, it is never judged false.</summary>
    [Fact]
    public async Task Judge_AnyChangeOfEvidenceAboutAnHonestDelivery_IsNeverFalse()
    {
        using DisputeScene scene = await DisputeScene.CreateAsync();
        DeliveryEvidence[] honest =
        [
            .. Enumerable.Range(3, 5).Append(2).SelectMany(check => Enumerable.Range(0, 2).Select(i => DeliveryEvidence.Make(scene.Honest, i, scene.World.Dealing, (DeliveryCheck)check))),
        ];
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(1500).WithQuietOnSuccess(true), Prop.ForAll<uint, byte, byte>((which, at, value) =>
        {
            byte[] bytes = honest[which % honest.Length].ToBytes();
            int place = which % 3 == 0 ? at % 7 : (int)((which / 7 * 256) + at) % bytes.Length;
            bytes[place] = value;
            byte[] cut = which % 5 == 0 ? bytes[..(bytes.Length - (at % 64))] : bytes;
            return DeliveryEvidence.FromBytes(cut).Judge(scene.Honest.Statement) != DeliveryVerdict.False;
        }));
    }

    /// <summary>The other half: whatever an oracle signs for, evidence is found exactly when the doctor's verification refuses the fragment.</summary>
    [Fact]
    public async Task Find_AnyChangeOfAFragment_IsShownIfAndOnlyIfItDoesNotVerify()
    {
        using DisputeScene scene = await DisputeScene.CreateAsync();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200).WithQuietOnSuccess(true), Prop.ForAll<ushort, byte>((at, value) =>
        {
            OracleDelivery delivery = scene.Falsify(2, (fragment, _) => fragment[at % fragment.Length] = value);
            DeliveryEvidence? evidence = DeliveryEvidence.Find(delivery, scene.World.Dealing);
            bool good = scene.IsGood(delivery, 2);
            return good ? evidence is null : evidence is not null && evidence.Judge(delivery.Statement) == DeliveryVerdict.False;
        }));
    }

    [Fact]
    public void FromBytes_NoneOrTooMany_IsRefused()
    {
        Assert.False(DeliveryEvidence.TryFromBytes([], out _));
        Assert.Equal(PhrDataReason.TooLarge, Assert.Throws<PhrDataException>(() => DeliveryEvidence.FromBytes(new byte[DeliveryEvidence.MaxLength + 1])).Reason);
        Assert.Equal(DeliveryVerdict.NoEvidence, DeliveryEvidence.FromBytes(new byte[DeliveryEvidence.MaxLength]).Judge(Nothing));
        for (byte check = 0; check < 12; check++)
        {
            Assert.Equal(DeliveryVerdict.NoEvidence, DeliveryEvidence.FromBytes([check]).Judge(Nothing));
            Assert.Equal(DeliveryVerdict.NoEvidence, DeliveryEvidence.FromBytes([check, .. new byte[500]]).Judge(Nothing));
        }
    }

    private static DeliveryStatement Nothing => new()
    {
        Ledger = TrusteeWorld.Ledger, Oracle = default, Slashes = 0, Request = default, Round = 0, Use = 0, Index = 1, EvidenceRoot = default, ReceivingKeyHash = default, Root = default,
    };
}
