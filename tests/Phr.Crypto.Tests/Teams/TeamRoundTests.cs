using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;

namespace Phr.Crypto.Tests.Teams;

public class TeamRoundTests
{
    [Theory]
    [InlineData(2, 2)]
    [InlineData(2, 4)]
    [InlineData(3, 5)]
    [InlineData(16, 16)]
    public void Conclude_HonestDealers_EveryQuorumHoldsTheKey(int threshold, int members)
    {
        using TeamWorld team = TeamWorld.Form(threshold, members);
        TeamShares[] shares = [.. team.Shares.Values];

        Assert.Equal(team.Charter.PublicKey, team.PublicOf(1, shares[..threshold]));
        Assert.Equal(team.Charter.PublicKey, team.PublicOf(1, shares[^threshold..]));
        Assert.NotEqual(team.Charter.PublicKey, team.PublicOf(1, shares[..(threshold - 1)]));
        Assert.Equal(members, team.Charter.Signers.Count);
        Assert.Equal(team.Charter.Plan.Team, team.Charter.Team);
        Assert.False(team.Charter.Team.IsZero);
    }

    [Fact]
    public void Conclude_AnyOrder_EverybodyGetsTheSame()
    {
        using TeamWorld team = TeamWorld.Form(2, 3);
        TeamPlan plan = team.PlanFor([.. team.People]);
        List<TeamDealing> dealings = team.DealAll(plan);
        TeamOutcome one = TeamOutcome.Conclude(plan, team.Charter, dealings, []);
        dealings.Reverse();
        Assert.Equal(one.CoreDigest, TeamOutcome.Conclude(plan, team.Charter, dealings, []).CoreDigest);
    }

    [Fact]
    public void Conclude_WrongSubShare_IsProvedAndTheDealerLeftOut()
    {
        using TeamWorld team = TeamWorld.Form(2, 2);
        using var world = new TeamWorld();
        world.People.AddRange(Enumerable.Range(0, 4).Select(_ => IdentityKeys.Generate()));
        TeamPlan plan = TeamPlan.Found(TeamWorld.Ledger, 2, [.. world.People.Select(TeamWorld.RecordOf)]);
        List<TeamDealing> dealings = [.. world.People.Skip(1).Select(p => world.Deal(plan, p))];
        dealings.Add(world.Deal(plan, world.People[0], (member, subShares) => subShares[0] += member == 3 ? Scalar.One : Scalar.Zero));

        TeamOutcome before = TeamOutcome.Conclude(plan, null, dealings, []);
        Assert.Empty(before.Faults);
        Assert.Equal(PhrDataReason.CommitmentMismatch, Assert.Throws<PhrDataException>(() => before.Accept(world.People[2])).Reason);
        Assert.Empty(before.FindComplaints(world.People[1]));
        TeamComplaint complaint = TeamComplaint.FromBytes(Assert.Single(before.FindComplaints(world.People[2])).ToBytes());

        TeamOutcome after = world.Run(plan, dealings, complaint);
        TeamFault fault = Assert.Single(after.Faults);
        Assert.Equal(world.People[0].Id, fault.Member);
        Assert.Equal(PhrDataReason.CommitmentMismatch, fault.Reason);
        Assert.Equal(3, world.Charter.Dealings.Count);

        // Whoever dealt badly is still a member: its share comes from the others.
        Assert.Equal(world.Charter.PublicKey, world.PublicOf(1, world.Shares[world.People[0].Id], world.Shares[world.People[2].Id]));
        Assert.NotEqual(before.Keys[0].PublicKey, after.Keys[0].PublicKey);
    }

    [Fact]
    public void Conclude_FalseComplaint_ChangesNothing()
    {
        using TeamWorld team = TeamWorld.Form(2, 3);
        TeamPlan plan = team.PlanFor([.. team.People]);
        List<TeamDealing> dealings = team.DealAll(plan);
        TeamDealing honest = dealings[0], other = dealings[1];
        TeamOutcome outcome = TeamOutcome.Conclude(plan, team.Charter, dealings, []);

        // An honest dealer's envelope, opened before everybody: it is good, so the complaint is none.
        TeamComplaint unfounded = TeamComplaint.Create(plan, honest, team.People[2], RandomSource.System);
        Assert.False(unfounded.IsJustified(plan, honest));
        Assert.False(unfounded.IsJustified(plan, other));
        Assert.Empty(TeamOutcome.Conclude(plan, team.Charter, dealings, [unfounded]).Faults);
        Assert.Equal(outcome.CoreDigest, TeamOutcome.Conclude(plan, team.Charter, dealings, [unfounded]).CoreDigest);

        // Another point in the place of the one that opens: its proof fails.
        byte[] forged = unfounded.ToBytes();
        int at = forged.AsSpan().IndexOf(honest.Digest.ToBytes()) + Digest.Length + 2 + ActorId.Length;
        team.People[1].PublicKeys.EnvelopeKey.CopyTo(forged.AsSpan(at + 1));
        Assert.True(TeamComplaint.TryFromBytes(forged, out TeamComplaint? moved));
        Assert.False(moved.IsJustified(plan, honest));
    }

    [Fact]
    public void Conclude_CapsuleOfAnotherDealer_IsLeftOutAndNobodyOpensIt()
    {
        // The last dealer passes other dealers' capsules for its own: a complaint about them would open the envelopes that they came from.
        using var world = new TeamWorld();
        world.People.AddRange(Enumerable.Range(0, 4).Select(_ => IdentityKeys.Generate()));
        TeamPlan plan = TeamPlan.Found(TeamWorld.Ledger, 2, [.. world.People.Select(TeamWorld.RecordOf)]);
        List<TeamDealing> dealings = [.. world.People.Take(3).Select(p => world.Deal(plan, p))];
        TeamDealing own = world.Deal(plan, world.People[3]);
        TeamDealing thief = TeamBytes.Resign(own, world.People[3], dealer =>
        {
            dealings[1].Envelopes[0].Span[..Capsule.Length].CopyTo(dealer.Envelopes[0]);
            dealings[2].Envelopes[1].Span[..Capsule.Length].CopyTo(dealer.Envelopes[1]);
        });
        TeamDealing withProof = TeamBytes.Resign(thief, world.People[3], dealer =>
        {
            dealer.Sealings[0] = dealings[1].SealingOf(0);
            dealer.Sealings[1] = dealings[2].SealingOf(1);
        });

        foreach (TeamDealing bad in new[] { thief, withProof })
        {
            TeamOutcome outcome = TeamOutcome.Conclude(plan, null, [.. dealings, bad], []);
            Assert.All(world.People, p => Assert.Empty(outcome.FindComplaints(p)));
            TeamFault fault = Assert.Single(outcome.Faults);
            Assert.Equal((world.People[3].Id, PhrDataReason.InvalidProof), (fault.Member, fault.Reason));
        }

        Assert.Empty(TeamOutcome.Conclude(plan, null, [.. dealings, own], []).Faults);
    }

    [Fact]
    public void Conclude_DealingInAnothersName_HarmsNobodyAndTwoOfOneDealerNameIt()
    {
        using TeamWorld team = TeamWorld.Form(2, 4);
        TeamPlan plan = team.PlanFor([.. team.People]);
        List<TeamDealing> dealings = team.DealAll(plan);
        Digest expected = TeamOutcome.Conclude(plan, team.Charter, dealings, []).CoreDigest;
        TeamDealing forged = TeamBytes.Resign(dealings[0], team.People[3], _ => { });
        foreach (TeamDealing[] given in new TeamDealing[][] { [forged, .. dealings], [.. dealings, forged] })
        {
            TeamOutcome outcome = TeamOutcome.Conclude(plan, team.Charter, given, []);
            Assert.Empty(outcome.Faults);
            Assert.Equal(expected, outcome.CoreDigest);
        }

        TeamOutcome without = TeamOutcome.Conclude(plan, team.Charter, [.. dealings, team.Deal(plan, team.People[1])], []);
        TeamFault fault = Assert.Single(without.Faults);
        Assert.Equal((team.People[1].Id, PhrDataReason.Duplicate), (fault.Member, fault.Reason));
        Assert.Equal(TeamOutcome.Conclude(plan, team.Charter, [.. dealings.Where(d => d.Dealer != team.People[1].Id)], []).CoreDigest, without.CoreDigest);
    }

    [Fact]
    public void Conclude_RogueConstant_IsLeftOut()
    {
        // The last dealer wants the team's key to be its own: A_4 = its key - the sum of the others. It cannot prove that it knows A_4.
        using var world = new TeamWorld();
        world.People.AddRange(Enumerable.Range(0, 4).Select(_ => IdentityKeys.Generate()));
        TeamPlan plan = TeamPlan.Found(TeamWorld.Ledger, 2, [.. world.People.Select(TeamWorld.RecordOf)]);
        List<TeamDealing> dealings = [.. world.People.Take(3).Select(p => world.Deal(plan, p))];
        TeamDealing honest = world.Deal(plan, world.People[3]);
        using var own = SecretKey.Generate();
        Point rogue = own.PublicKey.Point - dealings.Aggregate(Point.Identity, (sum, d) => sum + d.Keys[0].Commitments.SharedKey.Point);
        dealings.Add(TeamBytes.Resign(honest, world.People[3], dealer => dealer.ReplaceConstant(new PublicKey(rogue))));

        TeamOutcome outcome = TeamOutcome.Conclude(plan, null, dealings, []);
        TeamFault fault = Assert.Single(outcome.Faults);
        Assert.Equal((world.People[3].Id, PhrDataReason.InvalidProof), (fault.Member, fault.Reason));
        Assert.NotEqual(own.PublicKey, outcome.Keys[0].PublicKey);

        // A proof from another round, and one by another member, prove nothing here.
        TeamPlan twin = TeamPlan.Found(TeamWorld.Ledger, 2, [.. world.People.Select(TeamWorld.RecordOf)]);
        TeamDealing replayed = TeamBytes.Resign(world.Deal(twin, world.People[3]), world.People[3], dealer => dealer.Plan = plan.Digest);
        Assert.Equal(PhrDataReason.InvalidProof, replayed.FindFault(plan, null)!.Value.Reason);
        TeamDealing copied = TeamBytes.Resign(dealings[0], world.People[3], dealer => dealer.Dealer = world.People[3].Id);
        Assert.Equal(PhrDataReason.InvalidProof, copied.FindFault(plan, null)!.Value.Reason);
    }

    [Fact]
    public void Conclude_AnotherShareThanItsOwn_IsLeftOutOfAResharing()
    {
        using TeamWorld team = TeamWorld.Form(2, 4);
        TeamPlan plan = team.PlanFor([.. team.People]);
        List<TeamDealing> dealings = [.. team.People.Skip(1).Select(p => team.Deal(plan, p))];
        using TeamShares foreign = new(team.Charter.CoreDigest, team.Charter.Team, 1, new Dictionary<int, SecretKey> { [1] = SecretKey.Generate() });
        dealings.Add(TeamDealing.Create(plan, team.Charter, foreign, team.People[0]));

        TeamFault fault = Assert.Single(TeamOutcome.Conclude(plan, team.Charter, dealings, []).Faults);
        Assert.Equal((team.People[0].Id, PhrDataReason.CommitmentMismatch), (fault.Member, fault.Reason));
        PublicKey before = team.Charter.PublicKey;
        team.Run(plan, dealings);
        Assert.Equal(before, team.Charter.PublicKey);
    }

    [Fact]
    public void Conclude_TooFewGoodDealings_SaysSo()
    {
        using TeamWorld team = TeamWorld.Form(3, 4);
        TeamPlan carry = team.PlanFor([.. team.People]);
        Assert.Equal(PhrDataReason.BelowThreshold, Assert.Throws<PhrDataException>(() => TeamOutcome.Conclude(carry, team.Charter, [.. team.DealAll(carry).Take(2)], [])).Reason);
        TeamPlan found = TeamPlan.Found(TeamWorld.Ledger, 3, [.. team.People.Select(TeamWorld.RecordOf)]);
        Assert.Equal(PhrDataReason.BelowThreshold, Assert.Throws<PhrDataException>(() => TeamOutcome.Conclude(found, null, [.. team.People.Take(2).Select(p => TeamDealing.Create(found, p))], [])).Reason);
        TeamDealing one = TeamDealing.Create(found, team.People[0]);
        Assert.Equal(PhrDataReason.Duplicate, Assert.Throws<PhrDataException>(() => TeamOutcome.Conclude(found, null, [one, one, one], [])).Reason);
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => TeamOutcome.Conclude(found, team.Charter, [], [])).Reason);
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => TeamOutcome.Conclude(carry, null, [], [])).Reason);
    }

    [Fact]
    public void FindFault_AnythingWrongInADealing_IsNamed()
    {
        using TeamWorld team = TeamWorld.Form(2, 3);
        TeamPlan plan = team.PlanFor(new TeamChange { Members = [.. team.People.Select(TeamWorld.RecordOf)], RenewKey = true });
        TeamDealing good = team.Deal(plan, team.People[0]);
        Assert.Null(good.FindFault(plan, team.Charter));

        Check(PhrDataReason.Mismatched, dealer => dealer.Plan = Digest.Random());
        Check(PhrDataReason.Mismatched, dealer => dealer.Keys.RemoveAt(1));
        Check(PhrDataReason.Mismatched, dealer => dealer.Keys.Reverse());
        Check(PhrDataReason.Mismatched, dealer => dealer.Envelopes.RemoveAt(0));
        Check(PhrDataReason.InvalidProof, dealer => dealer.Sealings.Reverse());
        Check(PhrDataReason.Mismatched, dealer => dealer.AddCoefficient(SecretKey.Generate().PublicKey));
        Check(PhrDataReason.InvalidProof, dealer => dealer.Envelopes[1] = new byte[200]);
        Check(PhrDataReason.InvalidProof, dealer => dealer.Envelopes[1] = []);
        Check(PhrDataReason.InvalidProof, dealer => dealer.ReplaceConstant(SecretKey.Generate().PublicKey, 1));
        Check(PhrDataReason.CommitmentMismatch, dealer => dealer.ReplaceConstant(SecretKey.Generate().PublicKey));
        Check(PhrDataReason.InvalidSignature, _ => { }, team.People[1]);
        using var stranger = IdentityKeys.Generate();
        Check(PhrDataReason.Mismatched, dealer => dealer.Dealer = stranger.Id, stranger);

        void Check(PhrDataReason reason, Action<TeamBytes> change, IdentityKeys? signer = null) =>
            Assert.Equal(reason, TeamBytes.Resign(good, signer ?? team.People[0], change).FindFault(plan, team.Charter)?.Reason);
    }

    [Fact]
    public void Run_MemberJoins_TheKeyStaysAndTheOldSharesDoNotMix()
    {
        using TeamWorld team = TeamWorld.Form(2, 4);
        PublicKey key = team.Charter.PublicKey;
        IdentityKeys e = team.Join();
        team.Run(team.PlanFor([.. team.People]));

        Assert.Equal((2, 1), (team.Charter.Plan.RosterEpoch, team.Charter.KeyEpoch));
        Assert.Equal(key, team.Charter.PublicKey);
        Assert.Equal(5, team.Charter.FindMember(e.Id)!.Index);
        Assert.Equal(key, team.PublicOf(1, team.Shares[e.Id], team.Shares[team.People[0].Id]));

        TeamShares old = team.OldShares.Single(o => o.Member == team.People[3].Id).Shares;
        Assert.NotEqual(key, team.PublicOf(1, team.Shares[e.Id], old));
        Assert.Throws<ArgumentException>(() => old.RequireOf(team.Charter));
    }

    [Fact]
    public void Run_MemberLeaves_NewKeyAndNoPartInTheOldOne()
    {
        using TeamWorld team = TeamWorld.Form(2, 4);
        PublicKey key = team.Charter.PublicKey;
        IdentityKeys[] stay = [.. team.People.Take(3)];
        team.Run(team.PlanFor(stay));

        Assert.Equal((2, 2), (team.Charter.Plan.RosterEpoch, team.Charter.KeyEpoch));
        Assert.Equal(key, team.Charter.FindKey(1)!.PublicKey);
        Assert.NotEqual(key, team.Charter.PublicKey);
        Assert.Null(team.Charter.FindMember(team.People[3].Id));
        Assert.Equal(team.Charter.PublicKey, team.PublicOf(2, team.Shares[stay[0].Id], team.Shares[stay[2].Id]));
        Assert.Equal(key, team.PublicOf(1, team.Shares[stay[1].Id], team.Shares[stay[2].Id]));

        TeamShares left = team.OldShares.Single(o => o.Member == team.People[3].Id).Shares;
        Assert.Null(left.Find(2));
        Assert.NotEqual(key, team.PublicOf(1, team.Shares[stay[1].Id], left));

        // What cannot be undone: as many as the threshold who kept their old shares still have the old key.
        Assert.Equal(key, team.PublicOf(1, left, team.OldShares.Single(o => o.Member == stay[0].Id).Shares));
    }

    [Fact]
    public void Run_JoinAndLeaveAtOnce_AndRetireAKey_Works()
    {
        using TeamWorld team = TeamWorld.Form(2, 4);
        IdentityKeys e = team.Join();
        IdentityKeys[] roster = [team.People[0], team.People[1], team.People[2], e];
        TeamPlan plan = team.PlanFor(roster);
        TeamDealing joiner = team.Deal(plan, e);
        Assert.Equal(2, Assert.Single(joiner.Keys).Epoch);
        team.Run(plan, [joiner, .. roster.Take(3).Select(p => team.Deal(plan, p))]);
        Assert.Equal(team.Charter.PublicKey, team.PublicOf(2, team.Shares[e.Id], team.Shares[roster[0].Id]));

        team.Run(team.PlanFor(new TeamChange { Members = [.. roster.Select(TeamWorld.RecordOf)], RetiredKeys = [1, 2], Threshold = 3 }));
        Assert.Equal(2, Assert.Single(team.Charter.Keys).Epoch);
        Assert.Null(team.Shares[e.Id].Find(1));
        Assert.Equal(3, team.Charter.PublicKey == team.PublicOf(2, [.. roster.Skip(1).Select(p => team.Shares[p.Id])]) ? team.Charter.Plan.Threshold : 0);
        Assert.NotEqual(team.Charter.PublicKey, team.PublicOf(2, team.Shares[e.Id], team.Shares[roster[0].Id]));
    }

    [Fact]
    public void Change_BrokenRules_AreRefused()
    {
        using TeamWorld team = TeamWorld.Form(3, 4);
        KeyRecord[] records = [.. team.People.Select(TeamWorld.RecordOf)];
        Assert.Throws<ArgumentException>(() => team.PlanFor(team.People[0], team.People[1]));
        Assert.Throws<ArgumentException>(() => team.PlanFor(team.People[0], team.People[0], team.People[1], team.People[2]));
        Assert.Throws<ArgumentException>(() => team.PlanFor(new TeamChange { Members = records, Threshold = 5 }));
        Assert.Throws<ArgumentException>(() => team.PlanFor(new TeamChange { Members = records, Threshold = 1 }));
        Assert.ThrowsAny<ArgumentException>(() => team.PlanFor(new TeamChange { Members = records, Threshold = -1 }));
        Assert.Throws<ArgumentException>(() => TeamPlan.Found(TeamWorld.Ledger, 1, records));
        Assert.Throws<ArgumentException>(() => TeamPlan.Found(TeamWorld.Ledger, 2, records[..1]));
        Assert.Throws<ArgumentException>(() => TeamPlan.Found(new LedgerId(1, default), 2, records));
        Assert.Throws<ArgumentException>(() => TeamPlan.Found(TeamWorld.Ledger, 2, []));
        Assert.Equal([1], team.PlanFor(new TeamChange { Members = records, RetiredKeys = [1] }).Keys.Select(k => k.Epoch));
    }

    [Fact]
    public void Change_EightLiveKeys_ANinthIsRefusedUntilOneIsRetired()
    {
        using TeamWorld team = TeamWorld.Form(2, 2);
        KeyRecord[] records = [.. team.People.Select(TeamWorld.RecordOf)];
        for (int epoch = 2; epoch <= TeamPlan.MaxKeys; epoch++)
        {
            team.Run(team.PlanFor(new TeamChange { Members = records, RenewKey = true }));
        }

        Assert.Equal(TeamPlan.MaxKeys, team.Charter.Keys.Count);
        Assert.Throws<ArgumentException>(() => team.PlanFor(new TeamChange { Members = records, RenewKey = true }));
        team.Run(team.PlanFor(new TeamChange { Members = records, RenewKey = true, RetiredKeys = [1] }));
        Assert.Equal(9, team.Charter.KeyEpoch);
    }

    [Fact]
    public void Verify_CharterOfOutsiders_IsRefused()
    {
        using TeamWorld team = TeamWorld.Form(2, 3);
        TeamCharter founding = team.Charter;
        team.Run(team.PlanFor([.. team.People]));
        TeamCharter second = team.Charter;
        second.Verify(founding);
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => second.Verify(null)).Reason);
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => founding.Verify(second)).Reason);
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => second.Verify(second)).Reason);

        // Another team of the same people is another team.
        using TeamWorld twin = TeamWorld.Form(2, 3);
        Assert.NotEqual(founding.Team, twin.Charter.Team);
        Assert.Throws<PhrDataException>(() => second.Verify(twin.Charter));

        // One member who stays and two newcomers of its own cannot outvote the members before: two of them must sign.
        IdentityKeys[] puppets = [team.Join(), team.Join()];
        TeamPlan plan = team.PlanFor([.. team.People]);
        TeamOutcome outcome = TeamOutcome.Conclude(plan, second, team.DealAll(plan), []);
        TeamSignature[] signatures = [.. puppets.Prepend(team.People[0]).Select(p => outcome.Accept(p).Signature)];
        TeamCharter coup = TeamCharter.Create(outcome, signatures);
        Assert.Equal(PhrDataReason.BelowThreshold, Assert.Throws<PhrDataException>(() => coup.Verify(second)).Reason);
    }

    [Fact]
    public void Create_CharterWithoutEnoughGoodSignatures_IsRefused()
    {
        using TeamWorld team = TeamWorld.Form(2, 3);
        TeamPlan plan = team.PlanFor([.. team.People]);
        TeamOutcome outcome = TeamOutcome.Conclude(plan, team.Charter, team.DealAll(plan), []);
        TeamSignature[] signatures = [.. team.People.Select(p => outcome.Accept(p).Signature)];
        Assert.Equal(PhrDataReason.BelowThreshold, Assert.Throws<PhrDataException>(() => TeamCharter.Create(outcome, signatures[..1])).Reason);
        Assert.Equal(PhrDataReason.BelowThreshold, Assert.Throws<PhrDataException>(() => TeamCharter.Create(outcome, [signatures[0], signatures[0]])).Reason);
        Assert.Equal(PhrDataReason.InvalidSignature, Assert.Throws<PhrDataException>(() => TeamCharter.Create(outcome, [signatures[0], signatures[1] with { Index = 3 }])).Reason);
        Assert.Equal(PhrDataReason.InvalidSignature, Assert.Throws<PhrDataException>(() => TeamCharter.Create(outcome, [signatures[0], signatures[1] with { Index = 9 }])).Reason);
        TeamCharter charter = TeamCharter.Create(outcome, signatures[1..]);
        Assert.Equal([2, 3], charter.Signers);
        Assert.Equal(outcome.CoreDigest, charter.CoreDigest);
        Assert.NotEqual(TeamCharter.Create(outcome, signatures).Digest, charter.Digest);
    }

    [Fact]
    public void Create_DealingOfAStranger_IsRefused()
    {
        using TeamWorld team = TeamWorld.Form(2, 3);
        using var stranger = IdentityKeys.Generate();
        TeamPlan plan = team.PlanFor([.. team.People]);
        Assert.Throws<ArgumentException>(() => TeamDealing.Create(plan, team.Charter, null, stranger));
        Assert.Throws<ArgumentException>(() => TeamDealing.Create(plan, team.Charter, null, team.People[0]));
        Assert.Throws<ArgumentException>(() => TeamDealing.Create(plan, team.People[0]));
        IdentityKeys e = team.Join();
        Assert.Throws<ArgumentException>(() => TeamDealing.Create(team.PlanFor([.. team.People]), team.Charter, null, e));
        Assert.Throws<ArgumentException>(() => TeamOutcome.Conclude(plan, team.Charter, team.DealAll(plan), []).Accept(stranger));
    }
}
