using Phr.Crypto.Hashing;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;
using Phr.Shared;

namespace Phr.Crypto.Tests.Trustees;

public class ReshareTests
{
    /// <summary>Guardians 2 of 3, hospital, agency; two groups must agree. Every subset of the five deals.</summary>
    [Fact]
    public async Task FromReshare_EverySubsetOfDealers_GivesTheSameKeysIfAndOnlyIfThePolicyIsMet()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(2, [(2, 3), (1, 1), (1, 1)], (2, [(2, 2), (1, 1), (1, 2)]));
        PolicySeat[] seats = [.. world.Previous.Dealing.Policy.Seats];
        int combined = 0;
        for (int subset = 0; subset < 1 << seats.Length; subset++)
        {
            PolicySeat[] dealers = [.. seats.Where((_, i) => (subset >> i & 1) != 0)];
            if (!world.Previous.Dealing.Policy.Shape.IsSatisfiedBy(dealers.Select(d => d.Indices)))
            {
                Assert.Equal(PhrDataReason.BelowThreshold, Assert.Throws<PhrDataException>(() => Dealing.FromReshare(world.Plan, world.Of(dealers))).Reason);
                continue;
            }

            VerifiedDealing dealing = world.Combine(dealers);
            Assert.Equal(world.Previous.Dealing.Documents[0].Commitments.SharedKey, dealing.Dealing.Documents[0].Commitments.SharedKey);
            Assert.All(dealing.Dealing.Dealers, d => Assert.Contains(d.Seat, dealers));
            foreach (PolicySeat seat in world.Policy.Seats)
            {
                using TrusteeShares shares = TrusteeShares.Open(
                    dealing, seat, world.NewTrustees[seat.Indices].EpochKey, [.. dealing.Dealing.Dealers.Select(d => world.EnvelopeFor(d.Seat, seat))]);
                SecretKey share = shares.Find(world.Old.Header.Documents[0].Id)!;
                Assert.Equal(dealing.FindMemberKey(world.Old.Header.Documents[0].Id, seat.Group, seat.Member), share.PublicKey);
                Assert.Equal(dealing.CommitmentOf(world.Old.Header.Documents[0].Id, seat.Group, seat.Member).Point, Point.U * share.Scalar);
            }

            combined++;
        }

        Assert.Equal((4 * 3) + 4, combined);
    }

    [Fact]
    public async Task Reshare_ToOtherTrustees_TheDocumentOpensUnderTheNewDealingEndToEnd()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(2, [(2, 3), (1, 1)], (2, [(3, 3), (1, 2)]), documents: 2);
        world.Adopt([new(1, 1), new(1, 3), new(2, 1)]);
        Assert.Equal(2u, world.Old.Dealing.Dealing.Epoch);
        await AssertOpensAsync(world.Old, (1, 1), (1, 2), (1, 3), (2, 2));
        Assert.False(Opens(world.Old, (1, 1), (1, 2), (2, 1), (2, 2)));
    }

    [Fact]
    public async Task Story_OneTrusteeLies_TheOthersDealTheNextEpoch()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(1, [(2, 3)]);
        VerifiedDealing previous = world.Previous;
        BundleHeader header = world.Old.Header;
        Dictionary<PolicySeat, IdentityKeys> identities = world.OldTrustees.ToDictionary(t => new PolicySeat(t.Key.Group, t.Key.Member), t => t.Value.Identity);
        Dictionary<PolicySeat, SecretKey> epochKeys = world.NewTrustees.ToDictionary(t => new PolicySeat(t.Key.Group, t.Key.Member), t => t.Value.EpochKey);
        TrusteeShares SharesOf(PolicySeat seat) => world.Old.OpenShares(seat.Group, seat.Member);
        byte[] LieUnder(VerifiedResharePlan plan) => new ReshareForger(world, new PolicySeat(1, 1)) { Plan = plan, ForeignTwins = true }.Make().Contribution.ToBytes();
        var leftOut = new List<string>();

        #region reshare-story
        // Every trustee has offered an envelope key for the next epoch; one of them proposes the refresh.
        EnvelopeKeyOffer[] offers = [.. identities.Select(t => EnvelopeKeyOffer.Create(t.Value, header.LedgerId, header.BundleId, previous.Dealing.Epoch + 1, epochKeys[t.Key].PublicKey))];
        TrusteePolicy policy = previous.Dealing.Policy.WithEnvelopeKeys(offers);
        VerifiedResharePlan plan = ResharePlan.Create(previous, policy, offers, identities[new(1, 2)]);

        // When the patient's veto window over the plan has passed, trustees share their own shares onward.
        var results = new Dictionary<PolicySeat, ReshareContributionResult>();
        foreach (PolicySeat dealer in new PolicySeat[] { new(1, 2), new(1, 3) })
        {
            using TrusteeShares own = SharesOf(dealer);
            results.Add(dealer, ReshareContribution.Create(plan, own, identities[dealer]));
        }

        // Anyone checks each contribution; each new trustee checks its envelope, or complains (ShareComplaint). Who deals badly is left out.
        var good = new List<VerifiedReshareContribution>();
        foreach (byte[] received in results.Values.Select(r => r.Contribution.Contribution.ToBytes()).Append(LieUnder(plan)))
        {
            try
            {
                good.Add(ReshareContribution.FromBytes(received).Verify(plan));
            }
            catch (PhrDataException e)
            {
                leftOut.Add(e.Message);
            }
        }

        // The rest satisfies the old policy: the next dealing is the same bytes for all, and each of its dealers confirms it.
        var dealing = Dealing.FromReshare(plan, good);
        ReshareConfirmation[] confirmations = [.. dealing.Dealers.Select(d => ReshareConfirmation.Create(plan, good, identities[d.Seat]))];
        VerifiedDealing next = dealing.Verify(previous, confirmations);

        // A trustee's new shares come from one envelope of each dealer. The old ones are of no use beside them.
        var seat = new PolicySeat(1, 1);
        IEnumerable<ShareEnvelope> envelopes = dealing.Dealers.Select(d => results[d.Seat].Envelopes.Single(e => e.Group == seat.Group && e.Member == seat.Member));
        using TrusteeShares shares = TrusteeShares.Open(next, seat, epochKeys[seat], [.. envelopes.Select(e => e.Bytes)]);
        #endregion

        Assert.Contains("(1, 1)", Assert.Single(leftOut), StringComparison.Ordinal);
        Assert.Equal([new PolicySeat(1, 2), new PolicySeat(1, 3)], dealing.Dealers.Select(d => d.Seat));
        Assert.Equal(2u, shares.Dealing.Dealing.Epoch);
    }

    [Fact]
    public async Task Refresh_ThreeEpochsInARow_EachLeadsBackToThePatientsDealing()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(1, [(2, 3)]);
        for (uint epoch = 2; epoch <= 4; epoch++)
        {
            world.Adopt([new(1, 2), new(1, 3)]);
            Assert.Equal(epoch, world.Old.Dealing.Dealing.Epoch);
            Assert.True(world.Old.Dealing.Dealing.IsReshared);
            await AssertOpensAsync(world.Old, (1, 1), (1, 2));
            world.Propose();
        }
    }

    /// <summary>The largest policies that a dealing takes: nothing that a reader bounds is bounded too tightly.</summary>
    [Theory]
    [InlineData(1, 16, 16)]
    [InlineData(8, 2, 2)]
    [InlineData(8, 1, 2)]
    public async Task FromReshare_LargestPolicies_AreReadAndGiveEveryShare(int groups, int threshold, int members)
    {
        (int, int)[] shape = [.. Enumerable.Repeat((threshold, members), groups)];
        using ReshareWorld world = await ReshareWorld.CreateAsync(groups, shape);
        world.Adopt(world.Previous.Dealing.Policy.Seats);
        Assert.Equal(groups * threshold, world.Old.Dealing.Dealing.Dealers.Count);
        foreach (PolicySeat seat in world.Policy.Seats)
        {
            using TrusteeShares shares = world.Old.OpenShares(seat.Group, seat.Member);
            Assert.NotNull(shares.Find(world.Old.Header.Documents[0].Id));
        }
    }

    [Fact]
    public async Task Verify_BadContribution_IsRefusedAndNamesTheDealer()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(2, [(2, 3), (1, 1)], (2, [(2, 2), (1, 1)]), documents: 2);
        var dealer = new PolicySeat(1, 2);
        using SecretKey other = SecretKey.Generate();
        (PhrDataReason Reason, ReshareForger Forger)[] cases =
        [
            (PhrDataReason.CommitmentMismatch, new(world, dealer) { OtherSecret = other }),
            (PhrDataReason.InvalidProof, new(world, dealer) { ForeignTwins = true }),
            (PhrDataReason.InvalidProof, new(world, dealer) { ProofOfAnother = true }),
            (PhrDataReason.Mismatched, new(world, dealer) { PlanDigest = Digest.Of("another plan"u8) }),
            (PhrDataReason.Mismatched, new(world, dealer) { Epoch = 3 }),
            (PhrDataReason.Mismatched, new(world, dealer) { Shape = new SharingShape(2, [new(1, 2), new(1, 1)]) }),
            (PhrDataReason.InvalidSignature, new(world, dealer) { SignedBy = world.OldTrustees[(1, 1)].Identity }),
        ];
        Assert.NotNull(new ReshareForger(world, dealer).Make().Contribution.Verify(world.Plan));
        foreach ((PhrDataReason reason, ReshareForger forger) in cases)
        {
            PhrDataException refused = Assert.Throws<PhrDataException>(() => forger.Make().Contribution.Verify(world.Plan));
            Assert.Equal(reason, refused.Reason);
            Assert.True(reason == PhrDataReason.Mismatched || refused.Message.Contains("(1, 2)", StringComparison.Ordinal), refused.Message);
        }
    }

    [Fact]
    public async Task Verify_ContributionToAnotherPlanOfTheSameEpoch_IsRefused()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(1, [(2, 2)]);
        ReshareContribution first = world.Contributions[new(1, 1)].Contribution.Contribution;
        VerifiedResharePlan again = ResharePlan.Create(world.Previous, world.Policy, world.Offers, world.OldTrustees[(1, 2)].Identity);
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => first.Verify(again)).Reason);
        Assert.Throws<ArgumentException>(() => Dealing.FromReshare(again, world.Of(world.Plan.Plan.Dealers)));
    }

    [Fact]
    public async Task VerifyEnvelope_WrongSubShareToOneTrustee_TheDealerIsNamedLeftOutAndTheRestGoOn()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(1, [(2, 3)], (1, [(2, 2)]));
        var bad = new PolicySeat(1, 1);
        PolicySeat victim = new(1, 2);
        (ReshareContribution contribution, ShareEnvelope[] envelopes) = new ReshareForger(world, bad) { Tamper = (seat, secret) => secret[31] ^= (byte)(seat == victim ? 1 : 0) }.Make();
        VerifiedReshareContribution verified = contribution.Verify(world.Plan);
        verified.VerifyEnvelope(new(1, 1), world.NewTrustees[(1, 1)].EpochKey, envelopes[0].Bytes.Span);
        Assert.Equal(PhrDataReason.CommitmentMismatch, Assert.Throws<PhrDataException>(
            () => verified.VerifyEnvelope(victim, world.NewTrustees[(1, 2)].EpochKey, envelopes[1].Bytes.Span)).Reason);
        ShareComplaint complaint = Complain(world, verified, victim, envelopes[1]);
        Assert.True(complaint.HasOpening);
        Assert.Equal(ComplaintVerdict.DealerAtFault, complaint.Judge(verified, envelopes[1].Bytes.Span));

        // Nobody deals again: the other two are enough.
        world.Adopt([new(1, 2), new(1, 3)]);
        await AssertOpensAsync(world.Old, (1, 1), (1, 2));
    }

    [Fact]
    public async Task Judge_EnvelopesThatAreNoEnvelopes_AreTheDealersFault()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(1, [(1, 1)], (1, [(1, 1)]));
        var seat = new PolicySeat(1, 1);
        byte[] garbage = new byte[200];
        (string Name, bool Opening, ReshareForger Forger)[] cases =
        [
            ("no capsule", false, new(world, seat) { Replace = (_, _, _) => garbage }),
            ("too short", false, new(world, seat) { Replace = (_, _, _) => [1, 2, 3] }),
            ("altered body", true, new(world, seat) { Replace = (_, _, bytes) => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)] }),
        ];
        foreach ((string name, bool opening, ReshareForger forger) in cases)
        {
            (ReshareContribution contribution, ShareEnvelope[] envelopes) = forger.Make();
            VerifiedReshareContribution verified = contribution.Verify(world.Plan);
            Assert.Throws<PhrDataException>(() => verified.VerifyEnvelope(seat, world.NewTrustees[(1, 1)].EpochKey, envelopes[0].Bytes.Span));
            ShareComplaint complaint = Complain(world, verified, seat, envelopes[0]);
            Assert.True(opening == complaint.HasOpening, name);
            Assert.Equal(ComplaintVerdict.DealerAtFault, complaint.Judge(verified, envelopes[0].Bytes.Span));
        }
    }

    /// <summary>A dealer that takes an honest dealer's capsule for its own would have the trustee show how the honest one's envelope opens.</summary>
    [Fact]
    public async Task Complaint_CapsuleCopiedFromAnotherDealer_ShowsNoOpeningAndNamesTheCopier()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(1, [(2, 2)], (1, [(2, 2)]));
        PolicySeat honest = new(1, 1), copier = new(1, 2), seat = new(1, 1);
        byte[] original = world.EnvelopeFor(honest, seat).ToArray();
        (ReshareContribution contribution, ShareEnvelope[] envelopes) = new ReshareForger(world, copier)
        {
            Replace = (s, _, bytes) => s == seat ? [.. original[..Capsule.Length], .. bytes[Capsule.Length..]] : bytes,
        }.Make();
        VerifiedReshareContribution verified = contribution.Verify(world.Plan);
        Assert.Equal(PhrDataReason.InvalidProof, Assert.Throws<PhrDataException>(
            () => verified.VerifyEnvelope(seat, world.NewTrustees[(1, 1)].EpochKey, envelopes[0].Bytes.Span)).Reason);
        ShareComplaint complaint = Complain(world, verified, seat, envelopes[0]);
        Assert.False(complaint.HasOpening);
        Assert.Equal(ComplaintVerdict.DealerAtFault, complaint.Judge(verified, envelopes[0].Bytes.Span));
    }

    [Fact]
    public async Task Complaint_AgainstAnHonestDealer_CannotBeMadeOrIsTheTrusteesFault()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(1, [(1, 2)], (1, [(1, 2)]));
        var seat = new PolicySeat(1, 1);
        VerifiedReshareContribution honest = world.Contributions[new(1, 2)].Contribution;
        ShareEnvelope envelope = world.Contributions[new(1, 2)].Envelopes[0];
        (IdentityKeys identity, SecretKey key) = world.NewTrustees[(1, 1)];
        Assert.Throws<InvalidOperationException>(() => ShareComplaint.Create(honest, seat, identity, key, envelope.Bytes.Span));

        // The true opening shows that there is nothing wrong; a false one shows nothing.
        Assert.Equal(ComplaintVerdict.TrusteeAtFault, ForgeComplaint(honest.Contribution.Digest, envelope, seat, identity, key, key).Judge(honest, envelope.Bytes.Span));
        using SecretKey other = SecretKey.Generate();
        Assert.Equal(ComplaintVerdict.TrusteeAtFault, ForgeComplaint(honest.Contribution.Digest, envelope, seat, identity, other, key).Judge(honest, envelope.Bytes.Span));
        Assert.Equal(ComplaintVerdict.TrusteeAtFault, ForgeComplaint(honest.Contribution.Digest, envelope, seat, identity, key, other).Judge(honest, envelope.Bytes.Span));

        // That an envelope is not to be had, nobody can judge; nor a complaint without an opening of one that looks good.
        ShareComplaint missing = ShareComplaint.Create(honest, seat, identity, key, []);
        Assert.Equal(ComplaintVerdict.Undecided, missing.Judge(honest, []));
        Assert.Equal(ComplaintVerdict.Undecided, missing.Judge(honest, envelope.Bytes.Span));

        // Another's signature, another's contribution, another envelope.
        Assert.Equal(PhrDataReason.InvalidSignature, Assert.Throws<PhrDataException>(
            () => ForgeComplaint(honest.Contribution.Digest, envelope, seat, world.NewTrustees[(1, 2)].Identity, key, key).Judge(honest, envelope.Bytes.Span)).Reason);
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => missing.Judge(world.Contributions[new(1, 1)].Contribution, envelope.Bytes.Span)).Reason);
        Assert.Equal(PhrDataReason.DigestMismatch, Assert.Throws<PhrDataException>(() => missing.Judge(honest, world.Contributions[new(1, 2)].Envelopes[1].Bytes.Span)).Reason);
        Assert.Throws<ArgumentException>(() => ShareComplaint.Create(honest, seat, world.NewTrustees[(1, 2)].Identity, key, envelope.Bytes.Span));
        Assert.Throws<ArgumentException>(() => ShareComplaint.Create(honest, seat, identity, other, envelope.Bytes.Span));
        Assert.Throws<ArgumentException>(() => ShareComplaint.Create(honest, new(2, 1), identity, key, envelope.Bytes.Span));
    }

    [Fact]
    public async Task Complaint_OfThePatientsDealing_IsJudgedAlike()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(1, 2)]);
        var seat = new PolicySeat(1, 1);
        (IdentityKeys identity, SecretKey key) = world.Trustees[(1, 1)];
        ShareEnvelope good = world.Envelopes[0];
        Assert.Throws<InvalidOperationException>(() => ShareComplaint.Create(world.Dealing, seat, identity, key, good.Bytes.Span));
        Assert.Equal(ComplaintVerdict.TrusteeAtFault, ForgeComplaint(world.Dealing.Dealing.Digest, good, seat, identity, key, key).Judge(world.Dealing, good.Bytes.Span));

        byte[] wrong = new byte[32];
        wrong[31] = 7;
        Dealing dealing = world.Dealing.Dealing;
        byte[] envelope = Envelope.Seal(key.PublicKey, world.Patient.PublicKeys.Id, world.Patient.PublicKeys.ObjectKey, Dealing.ShareContext(dealing.CoreDigest, 1, 1), wrong);
        byte[] payload = SignedObject.Parse("dealing", "phr/dealing/v1", dealing.ToBytes(), Dealing.MaxLength).Payload;
        Digest.Of(envelope).CopyTo(payload.AsSpan(payload.AsSpan().IndexOf(dealing.EnvelopeDigests[0].ToBytes())));
        VerifiedDealing dishonest = Dealing.FromBytes(SignedObject.Sign("phr/dealing/v1", payload, world.Patient.Identity.ObjectSigner)).Verify(world.Header);

        // In public a trustee only says so: it shows no opening, which would be of its shares. Whom it trusts to judge, it shows one.
        var said = ShareComplaint.FromBytes(ShareComplaint.Create(dishonest, seat, identity, key, envelope).ToBytes());
        Assert.False(said.HasOpening);
        Assert.Equal(ComplaintVerdict.Undecided, said.Judge(dishonest, envelope));
        Assert.Throws<InvalidOperationException>(() => ShareComplaint.CreateForArbiter(world.Dealing, seat, identity, key, good.Bytes.Span));
        var complaint = ShareComplaint.FromBytes(ShareComplaint.CreateForArbiter(dishonest, seat, identity, key, envelope).ToBytes());
        Assert.Equal(ComplaintVerdict.DealerAtFault, complaint.Judge(dishonest, envelope));
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => complaint.Judge(world.Dealing, envelope)).Reason);
    }

    [Fact]
    public async Task Create_PlanThatRelaxesSomething_IsRefused()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(2, [(2, 3), (2, 2)], (2, [(2, 3), (2, 2)]), m: 3, n: 5);
        TrusteePolicy good = world.Policy;
        using IdentityKeys authority = IdentityKeys.Generate();
        TrustAnchor[] anchors = [new(authority.Id, authority.PublicKeys.ObjectKey)];
        (string Name, TrusteePolicy Policy)[] relaxed =
        [
            ("group threshold", With(good, groupThreshold: 1)),
            ("member threshold", With(good, groups: [new TrusteeGroup("group-1", 1, good.Groups[0].Members), good.Groups[1]])),
            ("group name", With(good, groups: [new TrusteeGroup("others", 2, good.Groups[0].Members), good.Groups[1]])),
            ("group order", With(good, groups: good.Groups.Reverse())),
            ("m", With(good, new TrusteePolicyOptions { CommitteeThreshold = 2, CommitteeSize = 3 })),
            ("licence authority", With(good, new TrusteePolicyOptions { CommitteeThreshold = 3, CommitteeSize = 5, LicenceAuthorities = anchors })),
            ("operator", With(good, new TrusteePolicyOptions { CommitteeThreshold = 3, CommitteeSize = 5, OracleOperators = anchors })),
        ];
        foreach ((string name, TrusteePolicy policy) in relaxed)
        {
            ArgumentException refused = Assert.Throws<ArgumentException>(() => ResharePlan.Create(world.Previous, policy, world.Offers, world.OldTrustees[(1, 1)].Identity));
            Assert.True(refused.InnerException is PhrDataException { Reason: PhrDataReason.OutOfRange }, name);
            Assert.NotNull(policy.FindRelaxation(world.Previous.Dealing.Policy));
        }

        Assert.Null(good.FindRelaxation(world.Previous.Dealing.Policy));
        Assert.Null(With(good, groups: [new TrusteeGroup("group-1", 3, good.Groups[0].Members), good.Groups[1]]).FindRelaxation(good));
        Assert.Null(With(good, new TrusteePolicyOptions { CommitteeThreshold = 4, CommitteeSize = 7 }).FindRelaxation(good));
        Assert.NotNull(With(good, new TrusteePolicyOptions { CommitteeThreshold = 3, CommitteeSize = 4 }).FindRelaxation(With(good, new TrusteePolicyOptions { CommitteeThreshold = 3, CommitteeSize = 3 })));
    }

    [Fact]
    public async Task Verify_PlanOfAnotherDealingSignerOrKey_IsRefused()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(1, [(2, 3)]);
        VerifiedDealing old = world.Previous;
        IdentityKeys proposer = world.OldTrustees[(1, 1)].Identity;
        using IdentityKeys stranger = IdentityKeys.Generate();
        Assert.Throws<ArgumentException>(() => ResharePlan.Create(old, world.Policy, world.Offers, stranger));
        Assert.Throws<ArgumentException>(() => ResharePlan.Create(old, world.Policy, world.Offers[1..], proposer));
        Assert.Throws<ArgumentException>(() => ResharePlan.Create(old, world.Policy, world.Offers, proposer, [new PolicySeat(1, 2)]));
        Assert.Throws<ArgumentException>(() => ResharePlan.Create(old, world.Policy, world.Offers, proposer, [new PolicySeat(1, 2), new PolicySeat(1, 4)]));
        Assert.Throws<ArgumentException>(() => ResharePlan.Create(old, world.Old.Policy, world.Offers, proposer));

        // An offer of another epoch, and one that somebody else signed.
        EnvelopeKeyOffer late = EnvelopeKeyOffer.Create(proposer, TrusteeWorld.Ledger, world.Old.Header.BundleId, 3, world.NewTrustees[(1, 1)].EpochKey.PublicKey);
        Assert.Throws<ArgumentException>(() => ResharePlan.Create(old, world.Policy, [late, .. world.Offers[1..]], proposer));
        byte[] payload = SignedObject.Parse("offer", "phr/envelope-key/v1", world.Offers[0].ToBytes(), 512).Payload;
        EnvelopeKeyOffer forged = EnvelopeKeyOffer.FromBytes(SignedObject.Sign("phr/envelope-key/v1", payload, stranger.ObjectSigner));
        Assert.Throws<ArgumentException>(() => ResharePlan.Create(old, world.Policy, [forged, .. world.Offers[1..]], proposer));

        // Signed by another trustee than it names; of the dealing before the last.
        byte[] plan = SignedObject.Parse("plan", "phr/reshare-plan/v1", world.Plan.Plan.ToBytes(), ResharePlan.MaxLength).Payload;
        Assert.Equal(PhrDataReason.InvalidSignature, Assert.Throws<PhrDataException>(
            () => ResharePlan.FromBytes(SignedObject.Sign("phr/reshare-plan/v1", plan, world.OldTrustees[(1, 2)].Identity.ObjectSigner)).Verify(old)).Reason);
        VerifiedDealing next = world.Combine([new(1, 1), new(1, 2)]);
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => world.Plan.Plan.Verify(next)).Reason);
    }

    [Fact]
    public async Task Verify_ResharedDealing_NeedsEveryDealersConfirmationAndTheDealingBefore()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(2, [(2, 3), (1, 1)]);
        PolicySeat[] dealers = [new(1, 1), new(1, 3), new(2, 1)];
        Dealing dealing = Dealing.FromReshare(world.Plan, world.Of(dealers));
        ReshareConfirmation[] good = world.Confirm(dealers);
        Assert.Equal(dealing.Digest, dealing.Verify(world.Previous, [.. good, .. good.Reverse()]).Dealing.Digest);
        for (int without = 0; without < good.Length; without++)
        {
            PhrDataException refused = Assert.Throws<PhrDataException>(() => dealing.Verify(world.Previous, good.Where((_, i) => i != without)));
            Assert.Equal(PhrDataReason.InvalidSignature, refused.Reason);
            Assert.Contains(dealers[without].ToString(), refused.Message, StringComparison.Ordinal);
        }

        // Confirmations of another quorum's dealing, signed by somebody else, or by a dealer in another's seat.
        Assert.Throws<PhrDataException>(() => dealing.Verify(world.Previous, world.Confirm([new(1, 1), new(1, 2), new(2, 1)])));
        byte[] payload = SignedObject.Parse("c", "phr/reshare-confirmation/v1", good[0].ToBytes(), 256).Payload;
        ReshareConfirmation forged = ReshareConfirmation.FromBytes(SignedObject.Sign("phr/reshare-confirmation/v1", payload, world.OldTrustees[(1, 2)].Identity.ObjectSigner));
        Assert.Throws<PhrDataException>(() => dealing.Verify(world.Previous, [forged, .. good[1..]]));
        Assert.Equal(PhrDataReason.InvalidSignature, Assert.Throws<PhrDataException>(() => forged.Verify(dealing, world.Previous)).Reason);
        good[0].Verify(dealing, world.Previous);
        Assert.Throws<ArgumentException>(() => ReshareConfirmation.Create(world.Plan, world.Of(dealers), world.OldTrustees[(1, 2)].Identity));

        // The patient's way of verifying is not open to it, nor this way to the patient's.
        Assert.Equal(PhrDataReason.InvalidSignature, Assert.Throws<PhrDataException>(() => dealing.Verify(world.Old.Header)).Reason);
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => world.Previous.Dealing.Verify(world.Previous, good)).Reason);
        using ReshareWorld another = await ReshareWorld.CreateAsync(2, [(2, 3), (1, 1)]);
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => dealing.Verify(another.Previous, good)).Reason);
        Assert.Throws<ArgumentException>(() => TrusteeShares.Open(world.Combine(dealers), 1, 1, world.NewTrustees[(1, 1)].EpochKey, world.EnvelopeFor(new(1, 1), new(1, 1)).Span));
    }

    [Fact]
    public async Task Verify_ResharedDealingAlteredAnywhere_IsRefused()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(1, [(2, 2)], (1, [(2, 2)]));
        PolicySeat[] dealers = [new(1, 1), new(1, 2)];
        byte[] bytes = Dealing.FromReshare(world.Plan, world.Of(dealers)).ToBytes();
        ReshareConfirmation[] confirmations = world.Confirm(dealers);
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] altered = [.. bytes];
            altered[at] ^= (byte)(1 << (at % 8));
            if (Dealing.TryFromBytes(altered, out Dealing? dealing))
            {
                Assert.Throws<PhrDataException>(() => dealing.Verify(world.Previous, confirmations));
            }
        }
    }

    /// <summary>Dealers who conspire to relax the policy can sign what they like: nobody takes it.</summary>
    [Fact]
    public async Task Verify_DealingUnderARelaxedPolicySignedByAllDealers_IsRefused()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(1, [(2, 2)], (1, [(2, 2)]));
        TrusteePolicy relaxed = With(world.Policy, groups: [new TrusteeGroup("group-1", 1, world.Policy.Groups[0].Members)]);
        VerifiedDealing dealing = world.Combine([new(1, 1), new(1, 2)]);
        CanonicalCborWriter old = new(), next = new();
        world.Policy.Write(old);
        relaxed.Write(next);
        byte[] payload = SignedObject.Parse("plan", "phr/reshare-plan/v1", world.Plan.Plan.ToBytes(), ResharePlan.MaxLength).Payload;
        byte[] changed = Splice(payload, old.ToBytes(), next.ToBytes());
        ResharePlan plan = ResharePlan.FromBytes(SignedObject.Sign("phr/reshare-plan/v1", changed, world.OldTrustees[(1, 1)].Identity.ObjectSigner));
        Assert.Equal(PhrDataReason.OutOfRange, Assert.Throws<PhrDataException>(() => plan.Verify(world.Previous)).Reason);
        var conspired = new VerifiedResharePlan(plan, world.Previous);
        VerifiedReshareContribution[] contributions =
        [
            .. dealing.Dealing.Dealers.Select(d =>
            {
                using TrusteeShares shares = world.Old.OpenShares(d.Seat.Group, d.Seat.Member);
                return ReshareContribution.Create(conspired, shares, world.OldTrustees[d.Seat.Indices].Identity).Contribution;
            }),
        ];
        Dealing weak = Dealing.FromReshare(conspired, contributions);
        ReshareConfirmation[] confirmations = [.. world.OldTrustees.Values.Select(t => ReshareConfirmation.Create(conspired, contributions, t.Identity))];
        Assert.Equal(PhrDataReason.OutOfRange, Assert.Throws<PhrDataException>(() => weak.Verify(world.Previous, confirmations)).Reason);
    }

    /// <summary>What dealers could sign between them: fewer dealers, somebody else's key for a dealer's, another secret.</summary>
    [Fact]
    public async Task Verify_DealingThatItsDealersForged_IsRefused()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(1, [(2, 2)], (1, [(2, 2)]));
        using IdentityKeys stranger = IdentityKeys.Generate();
        using SecretKey other = SecretKey.Generate();
        Dealing dealing = world.Combine([new(1, 1), new(1, 2)]).Dealing;
        byte[] bytes = dealing.ToBytes();
        byte[] first = DealerBytes(dealing.Dealers[0], dealing.Dealers[0].ObjectKey), second = DealerBytes(dealing.Dealers[1], dealing.Dealers[1].ObjectKey);
        byte[] foreign = DealerBytes(dealing.Dealers[1], stranger.PublicKeys.ObjectKey);
        using GroupSharingResult shared = GroupSharing.Split(other, world.Policy.Shape, 2);
        IdentityKeys one = world.OldTrustees[(1, 1)].Identity, two = world.OldTrustees[(1, 2)].Identity;
        (PhrDataReason Reason, byte[] Bytes, IdentityKeys[] Signers)[] cases =
        [
            (PhrDataReason.BelowThreshold, Splice(bytes, [0x82, .. first, .. second], [0x81, .. first]), [one]),
            (PhrDataReason.Mismatched, Splice(bytes, second, foreign), [one, stranger]),
            (PhrDataReason.CommitmentMismatch, Splice(bytes, dealing.Documents[0].Commitments.ToBytes(), shared.Commitments.ToBytes()), [one, two]),
        ];
        foreach ((PhrDataReason reason, byte[] forged, IdentityKeys[] signers) in cases)
        {
            var read = Dealing.FromBytes(forged);
            ReshareConfirmation[] confirmations = [.. signers.Select((s, i) => ReshareConfirmation.FromBytes(SignedObject.Sign(
                "phr/reshare-confirmation/v1",
                new CanonicalCborWriter().Array(3).Id(read.PlanDigest).Id(read.Digest).Array(2).UInt64(1).UInt64((ulong)i + 1).EndArray().EndArray().ToBytes(),
                s.ObjectSigner)))];
            Assert.Equal(reason, Assert.Throws<PhrDataException>(() => read.Verify(world.Previous, confirmations)).Reason);
        }
    }

    [Fact]
    public async Task OldAndNewShares_MixedInAnyWay_DoNotGiveTheKey()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(1, [(2, 2)]);
        DocumentId document = world.Old.Header.Documents[0].Id;
        using TrusteeShares old1 = world.Old.OpenShares(1, 1), old2 = world.Old.OpenShares(1, 2);
        ApprovalResult oldApproval = world.Old.Approve(1, 1);
        PublicKey shared = world.Previous.Dealing.Documents[0].Commitments.SharedKey;
        world.Adopt([new(1, 1), new(1, 2)]);
        using TrusteeShares new1 = world.Old.OpenShares(1, 1), new2 = world.Old.OpenShares(1, 2);
        Scalar[] weights = Redistribution.Weights<Scalar>([new(1, 1), new(1, 2)]);
        Point Key(TrusteeShares a, TrusteeShares b) => Point.MultiplyBase(Lagrange.WeightedSum<Scalar>(weights, [a.Find(document)!.Scalar, b.Find(document)!.Scalar]));
        Assert.Equal(shared.Point, Key(old1, old2));
        Assert.Equal(shared.Point, Key(new1, new2));
        Assert.NotEqual(shared.Point, Key(old1, new2));
        Assert.NotEqual(shared.Point, Key(new1, old2));

        // Nor do their approvals: each names its dealing.
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => oldApproval.Approval.Approval.Verify(world.Old.Dealing, world.Old.Terms)).Reason);
        Assert.Throws<ArgumentException>(() => TrusteeApproval.Create(old1, world.Old.Terms, [document], world.NewTrustees[(1, 1)].Identity));
    }

    [Fact]
    public async Task Refresh_ByThePatient_NeedsEveryTrusteesOffer()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(2, 2)]);
        Dictionary<(int, int), (IdentityKeys Identity, SecretKey EpochKey)> next = world.Trustees.ToDictionary(t => t.Key, t => (t.Value.Identity, SecretKey.Generate()));
        EnvelopeKeyOffer Offer((int, int) seat, uint epoch) =>
            EnvelopeKeyOffer.Create(next[seat].Identity, TrusteeWorld.Ledger, world.Header.BundleId, epoch, next[seat].EpochKey.PublicKey);
        Dealing old = world.Dealing.Dealing;
        Assert.Throws<ArgumentException>(() => Dealing.Refresh(world.Patient, world.Header, old, [Offer((1, 1), 2)]));
        Assert.Throws<ArgumentException>(() => Dealing.Refresh(world.Patient, world.Header, old, [Offer((1, 1), 2), Offer((1, 2), 3)]));
        Assert.Throws<ArgumentException>(() => Dealing.Refresh(world.Patient, world.Header, old, [Offer((1, 1), 1), Offer((1, 2), 1)]));
        Assert.Throws<ArgumentException>(() => Dealing.Create(world.Patient, world.Header, world.Policy, old, 1));
        Assert.Throws<ArgumentException>(() => Dealing.Create(world.Patient, world.Header, world.Policy, null, 0));

        // Another chain of the bundle may have taken the epoch between.
        Assert.Equal(3u, Dealing.Refresh(world.Patient, world.Header, old, [Offer((1, 1), 3), Offer((1, 2), 3)]).Dealing.Dealing.Epoch);
        Assert.Equal((4u, true), (Dealing.Create(world.Patient, world.Header, world.Policy, null, 4).Dealing.Dealing.Epoch, Dealing.Create(world.Patient, world.Header, world.Policy, null, 4).Dealing.Dealing.PreviousDigest.IsZero));
        DealingResult refreshed = Dealing.Refresh(world.Patient, world.Header, old, [Offer((1, 2), 2), Offer((1, 1), 2)]);
        Assert.Equal((2u, old.Digest, false), (refreshed.Dealing.Dealing.Epoch, refreshed.Dealing.Dealing.PreviousDigest, refreshed.Dealing.Dealing.IsReshared));
        world.Become(refreshed.Dealing, refreshed.Envelopes, next);
        await AssertOpensAsync(world, (1, 1), (1, 2));

        // The patient may also take what the trustees dealt for the one before.
        Assert.Equal(3u, Dealing.Reshare(world.Patient, world.Header, refreshed.Dealing.Dealing, world.Policy).Dealing.Dealing.Epoch);
        next.Values.ToList().ForEach(t => t.EpochKey.Dispose());
    }

    [Fact]
    public async Task Readers_MutatedBytes_GiveOnlyDataExceptions()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(2, [(2, 2), (1, 1)], (2, [(2, 2), (1, 1)]), documents: 2);
        PolicySeat[] dealers = [new(1, 1), new(1, 2), new(2, 1)];
        Dealing dealing = Dealing.FromReshare(world.Plan, world.Of(dealers));
        ReshareConfirmation[] confirmations = world.Confirm(dealers);
        (ReshareContribution bad, ShareEnvelope[] envelopes) = new ReshareForger(world, dealers[0]) { Tamper = (_, secret) => secret[31] ^= 1 }.Make();
        ShareComplaint complaint = Complain(world, bad.Verify(world.Plan), new(1, 1), envelopes[0]);
        TestSupport.Mutations.Run("reshare plan", [world.Plan.Plan.ToBytes()], b => ResharePlan.TryFromBytes(b, out _), e => e is PhrDataException);
        TestSupport.Mutations.Run(
            "reshare contribution", [world.Contributions[dealers[0]].Contribution.Contribution.ToBytes()], b => ReshareContribution.FromBytes(b).Verify(world.Plan) is not null, e => e is PhrDataException);
        TestSupport.Mutations.Run("reshare confirmation", [confirmations[0].ToBytes()], b => ReshareConfirmation.TryFromBytes(b, out _), e => e is PhrDataException);
        TestSupport.Mutations.Run("reshared dealing", [dealing.ToBytes()], b => Dealing.FromBytes(b).Verify(world.Previous, confirmations) is not null, e => e is PhrDataException);
        VerifiedReshareContribution verified = bad.Verify(world.Plan);
        TestSupport.Mutations.Run("share complaint", [complaint.ToBytes()], b => ShareComplaint.FromBytes(b).Judge(verified, envelopes[0].Bytes.Span) is ComplaintVerdict.DealerAtFault, e => e is PhrDataException);
    }

    private static ShareComplaint Complain(ReshareWorld world, VerifiedReshareContribution contribution, PolicySeat seat, ShareEnvelope envelope)
    {
        (IdentityKeys identity, SecretKey key) = world.NewTrustees[seat.Indices];
        return ShareComplaint.FromBytes(ShareComplaint.Create(contribution, seat, identity, key, envelope.Bytes.Span).ToBytes());
    }

    // A signed complaint whose point and proof are of the given keys, whatever the envelope holds.
    private static ShareComplaint ForgeComplaint(Digest subject, ShareEnvelope envelope, PolicySeat seat, IdentityKeys identity, SecretKey pointKey, SecretKey proofKey)
    {
        Capsule capsule = Capsule.FromSimpleBytes(envelope.Bytes.Span[..Capsule.Length]);
        Point sum = capsule.E + capsule.V;
        byte[] context = new CanonicalCborWriter().Array(4).Text("phr/share-complaint-proof/v1").Id(subject).Id(envelope.Digest)
            .Array(2).UInt64((ulong)seat.Group).UInt64((ulong)seat.Member).EndArray().EndArray().ToBytes();
        DleqProof proof = DleqProof.Create(proofKey.Scalar, Point.Generator, sum, context, Memory.RandomSource.System);
        byte[] payload = new CanonicalCborWriter().Array(4).Id(subject).Id(envelope.Digest).Array(2).UInt64((ulong)seat.Group).UInt64((ulong)seat.Member).EndArray()
            .Array(2).Key(new PublicKey(sum * pointKey.Scalar)).Bytes(proof.ToBytes()).EndArray().EndArray().ToBytes();
        return ShareComplaint.FromBytes(SignedObject.Sign("phr/share-complaint/v1", payload, identity.ObjectSigner));
    }

    private static TrusteePolicy With(TrusteePolicy policy, TrusteePolicyOptions? options = null, int? groupThreshold = null, IEnumerable<TrusteeGroup>? groups = null) => new(
        groupThreshold ?? policy.GroupThreshold,
        groups ?? policy.Groups,
        options ?? new TrusteePolicyOptions { CommitteeThreshold = policy.CommitteeThreshold, CommitteeSize = policy.CommitteeSize });

    private static byte[] DealerBytes(ResharingDealer dealer, PublicKey objectKey)
    {
        CanonicalCborWriter writer = new CanonicalCborWriter().Array(6).Array(2).UInt64((ulong)dealer.Seat.Group).UInt64((ulong)dealer.Seat.Member).EndArray()
            .Id(dealer.Identity).Key(objectKey).Id(dealer.ContributionDigest).Id(dealer.CoreDigest).Array(dealer.EnvelopeDigests.Count);
        foreach (Digest envelope in dealer.EnvelopeDigests)
        {
            writer.Id(envelope);
        }

        return writer.EndArray().EndArray().ToBytes();
    }

    private static byte[] Splice(byte[] bytes, byte[] old, byte[] replacement)
    {
        int at = bytes.AsSpan().IndexOf(old);
        return [.. bytes[..at], .. replacement, .. bytes[(at + old.Length)..]];
    }

    internal static async Task AssertOpensAsync(TrusteeWorld world, params (int Group, int Member)[] seats)
    {
        DocumentKeyCombiner combiner = Combiner(world, seats);
        for (int d = 0; d < world.Header.Documents.Count; d++)
        {
            DocumentId document = world.Header.Documents[d].Id;
            Assert.True(combiner.TryCombine(document, out DocumentKey? key, out _));
            using (key)
            {
                Assert.Equal(TrusteeWorld.ContentOf(d), await world.DecryptAsync(document, key));
            }
        }

        Assert.Empty(combiner.Faults);
    }

    internal static bool Opens(TrusteeWorld world, params (int Group, int Member)[] seats)
    {
        bool opens = Combiner(world, seats).TryCombine(world.Header.Documents[0].Id, out DocumentKey? key, out _);
        key?.Dispose();
        return opens;
    }

    private static DocumentKeyCombiner Combiner(TrusteeWorld world, (int Group, int Member)[] seats)
    {
        ApprovalResult[] approvals = [.. seats.Select(s => world.Approve(s.Group, s.Member))];
        DocumentKeyCombiner combiner = world.Combiner(approvals);
        combiner.AddDelivery(world.Deliver(1, approvals), 1);
        combiner.AddDelivery(world.Deliver(2, approvals), 2);
        return combiner;
    }
}
