using Phr.Crypto.Hashing;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;
using Phr.Shared;

namespace Phr.Crypto.Tests.Trustees;

public class TrusteeTests
{
    /// <summary>Guardians 2 of 3, hospital 1 of 1, agency 1 of 1; two groups must agree. Every subset of the five is tried.</summary>
    [Fact]
    public async Task TryCombine_EverySubsetOfTrustees_OpensIfAndOnlyIfThePolicyIsMet()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(2, [(2, 3), (1, 1), (1, 1)]);
        DocumentId document = world.Header.Documents[0].Id;
        (int, int)[] places = [.. world.Trustees.Keys];
        ApprovalResult[] approvals = [.. places.Select(p => world.Approve(p.Item1, p.Item2))];
        int opened = 0;
        for (int subset = 0; subset < 1 << places.Length; subset++)
        {
            int[] chosen = [.. Enumerable.Range(0, places.Length).Where(i => (subset >> i & 1) == 1)];
            ApprovalResult[] given = [.. chosen.Select(i => approvals[i])];
            DocumentKeyCombiner combiner = world.Combiner(given);
            if (given.Length > 0)
            {
                foreach (int index in new[] { 1, 3 })
                {
                    combiner.AddDelivery(world.Deliver(index, given), index);
                }
            }

            int guardians = chosen.Count(i => places[i].Item1 == 1);
            bool met = (guardians >= 2 ? 1 : 0) + chosen.Count(i => places[i].Item1 == 2) + chosen.Count(i => places[i].Item1 == 3) >= 2;
            Assert.Equal(met, combiner.TryCombine(document, out DocumentKey? key, out string missing));
            Assert.Equal(met, missing.Length == 0);
            Assert.Equal(met || given.Length == 0, combiner.Faults.Count == 0);
            if (key is not null)
            {
                using (key)
                {
                    Assert.Equal(TrusteeWorld.ContentOf(0), await world.DecryptAsync(document, key));
                }

                opened++;
            }
        }

        // {2 or 3 guardians} x {hospital, agency, both} plus {hospital and agency} with fewer guardians.
        Assert.Equal((4 * 3) + 4, opened);
    }

    [Fact]
    public async Task TryCombine_FewerThanMOracles_DoesNotOpenAndSaysWhy()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(1, 1)], m: 3, n: 5);
        ApprovalResult approval = world.Approve(1, 1);
        DocumentKeyCombiner combiner = world.Combiner(approval);
        combiner.AddDelivery(world.Deliver(1, approval), 1);
        combiner.AddDelivery(world.Deliver(2, approval), 2);
        Assert.False(combiner.TryCombine(world.Header.Documents[0].Id, out _, out string missing));
        Assert.NotEmpty(missing);
        combiner.AddDelivery(world.Deliver(5, approval), 5);
        Assert.True(combiner.TryCombine(world.Header.Documents[0].Id, out DocumentKey? key, out _));
        key.Dispose();
    }

    [Fact]
    public async Task TryCombine_PatientsOwnConsent_NeedsNoTrustee()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(2, [(2, 2), (1, 1)], documents: 3);
        DocumentId second = world.Header.Documents[1].Id;
        ApprovalResult consent = TrusteeApproval.CreateByPatient(world.Patient, world.Dealing, world.Terms, [second]);
        DocumentKeyCombiner combiner = world.Combiner(consent);
        combiner.AddDelivery(world.Deliver(1, consent), 1);
        combiner.AddDelivery(world.Deliver(2, consent), 2);
        Assert.True(combiner.TryCombine(second, out DocumentKey? key, out _));
        Assert.Equal(TrusteeWorld.ContentOf(1), await world.DecryptAsync(second, key));
        key.Dispose();

        // Partial access by mathematics: the other documents' keys are independent.
        Assert.False(combiner.TryCombine(world.Header.Documents[0].Id, out _, out _));
        Assert.False(combiner.TryCombine(world.Header.Documents[2].Id, out _, out _));
    }

    [Fact]
    public async Task AddDelivery_WrongReencryption_NamesTheOracleAndTheSpareOpens()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(1, 1)], m: 2, n: 3);
        ApprovalResult approval = world.Approve(1, 1);
        OracleDelivery honest = world.Deliver(2, approval);
        OracleDelivery lie = Forge(world, honest, world.Oracles[1].Identity, frag =>
        {
            // A re-encryption of another point, with the honest proof: E1 replaced by E1 + G.
            var e1 = new PublicKey(Point.FromBytes(frag.AsSpan(0, 33)) + Point.Generator);
            e1.CopyTo(frag);
        });
        DocumentKeyCombiner combiner = world.Combiner(approval);
        Assert.True(combiner.AddDelivery(world.Deliver(1, approval), 1));
        Assert.False(combiner.AddDelivery(lie, 2));
        ContributionFault fault = Assert.Single(combiner.Faults);
        Assert.Equal(FaultyParty.Oracle, fault.Party);
        Assert.Equal(world.Oracles[1].Identity.Id, fault.Actor);
        Assert.Equal(PhrDataReason.InvalidProof, fault.Reason);
        Assert.False(combiner.TryCombine(world.Header.Documents[0].Id, out _, out _));
        Assert.True(combiner.AddDelivery(world.Deliver(3, approval), 3));
        Assert.True(combiner.TryCombine(world.Header.Documents[0].Id, out DocumentKey? key, out _));
        key.Dispose();
    }

    [Fact]
    public async Task AddDelivery_SignedByAnotherOracle_IsRefused()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(1, 1)]);
        ApprovalResult approval = world.Approve(1, 1);
        OracleDelivery stolen = Forge(world, world.Deliver(1, approval), world.Oracles[1].Identity, _ => { });
        Assert.False(world.Combiner(approval).AddDelivery(stolen, 1));
        PhrDataException refused = Assert.Throws<PhrDataException>(() => OracleDelivery.Open(world.Terms, 1, world.ReceivingKey, Envelope.Seal(
            world.ReceivingKey.PublicKey, world.Oracles[0].Identity.Id, world.Oracles[0].Identity.PublicKeys.ObjectKey, world.Terms.DeliveryContext(1), stolen.ToBytes())));
        Assert.Equal(PhrDataReason.InvalidSignature, refused.Reason);
    }

    /// <summary>A trustee whose fragments hide another scalar than its share: found with the doctor's secret alone, before any oracle serves.</summary>
    [Fact]
    public async Task AddApproval_FragmentsOfAnotherScalar_NamesTheTrusteeBeforeAnyOracleServed()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(1, 2)], m: 3, n: 5);
        ApprovalResult bad = ApproveWithForeignScalar(world, 1, 1, from: 0);
        var combiner = new DocumentKeyCombiner(world.Terms, world.Dealing, world.ReceivingKey);
        Assert.False(combiner.AddApproval(bad.Approval));
        ContributionFault fault = Assert.Single(combiner.Faults);
        Assert.Equal(FaultyParty.Trustee, fault.Party);
        Assert.Equal(world.Trustees[(1, 1)].Identity.Id, fault.Actor);
        Assert.Equal(0, fault.Index);

        // The other trustee's approval suffices: garbage does not block.
        ApprovalResult good = world.Approve(1, 2);
        Assert.True(combiner.AddApproval(good.Approval));
        foreach (int index in new[] { 1, 2, 4 })
        {
            combiner.AddDelivery(world.Deliver(index, good), index);
        }

        Assert.True(combiner.TryCombine(world.Header.Documents[0].Id, out DocumentKey? key, out _));
        key.Dispose();
    }

    /// <summary>Only the last fragment is off the polynomial: the check looks at every fragment, not only at the first m.</summary>
    [Fact]
    public async Task HidesTheShare_OnlyTheLastFragmentIsForeign_IsStillFound()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(1, 1)], m: 3, n: 5);
        ApprovalResult bad = ApproveWithForeignScalar(world, 1, 1, from: 4);
        Assert.False(bad.Approval.HidesTheShare(world.ReceivingKey, out DocumentId document));
        Assert.Equal(world.Header.Documents[0].Id, document);
        Assert.True(world.Approve(1, 1).Approval.HidesTheShare(world.ReceivingKey, out _));
    }

    [Fact]
    public async Task Open_ShareThatIsNotTheCommittedOne_IsRefusedWithCommitmentMismatch()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(1, 2)]);
        ShareEnvelope first = world.Envelopes[0], second = world.Envelopes[1];
        Assert.Equal(PhrDataReason.DigestMismatch, Assert.Throws<PhrDataException>(
            () => TrusteeShares.Open(world.Dealing, 1, 1, world.Trustees[(1, 1)].EpochKey, second.Bytes.Span)).Reason);
        Assert.Equal(PhrDataReason.AuthenticationFailed, Assert.Throws<PhrDataException>(
            () => TrusteeShares.Open(world.Dealing, 1, 1, world.Trustees[(1, 2)].EpochKey, first.Bytes.Span)).Reason);

        // A dishonest patient seals another scalar and signs for it.
        byte[] wrong = new byte[32];
        wrong[31] = 7;
        VerifiedDealing dishonest = DealWithEnvelope(world, 0, core => Envelope.Seal(
            world.Trustees[(1, 1)].EpochKey.PublicKey, world.Patient.PublicKeys.Id, world.Patient.PublicKeys.ObjectKey, Dealing.ShareContext(core, 1, 1), wrong), out byte[] envelope);
        Assert.Equal(PhrDataReason.CommitmentMismatch, Assert.Throws<PhrDataException>(
            () => TrusteeShares.Open(dishonest, 1, 1, world.Trustees[(1, 1)].EpochKey, envelope)).Reason);
    }

    [Fact]
    public async Task Verify_ApprovalUnderAnyOtherTerms_IsRefused()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(1, 1)]);
        TrusteeApproval approval = world.Approve(1, 1).Approval.Approval;
        RequestTerms terms = world.Terms;
        RequestTerms With(Func<RequestTerms, RequestTerms> change) => change(terms);
        RequestTerms[] others =
        [
            With(t => Copy(t, request: RequestId.Parse(new string('2', 64)))),
            With(t => Copy(t, purpose: Digest.Of("other"u8))),
            With(t => Copy(t, notAfter: t.NotAfter.AddSeconds(1))),
            With(t => Copy(t, receiving: SecretKey.Generate().PublicKey)),
            With(t => Copy(t, committee: new OracleCommittee(3, t.Committee.Seats))),
            With(t => Copy(t, committee: new OracleCommittee(2, t.Committee.Seats.Reverse()))),
        ];
        foreach (RequestTerms other in others)
        {
            Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => approval.Verify(world.Dealing, other)).Reason);
        }
    }

    [Fact]
    public async Task Verify_ApprovalResignedWithForeignFragmentIds_IsRefused()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(1, 1)]);
        TrusteeApproval approval = world.Approve(1, 1).Approval.Approval;

        // The trustee's own signature over another id: it no longer follows from what was approved.
        byte[] bytes = approval.ToBytes();
        int at = bytes.AsSpan().IndexOf(approval.Documents[0].Fragments[0].Id.ToBytes());
        bytes[at] ^= 1;
        SignedObject.Parts parts = SignedObject.Parse("approval", "phr/approval-statement/v1", bytes, TrusteeApproval.MaxLength);
        byte[] resigned = SignedObject.Sign("phr/approval-statement/v1", parts.Payload, world.Trustees[(1, 1)].Identity.ObjectSigner);
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => TrusteeApproval.FromBytes(resigned).Verify(world.Dealing, world.Terms)).Reason);
        Assert.Equal(PhrDataReason.InvalidSignature, Assert.Throws<PhrDataException>(
            () => TrusteeApproval.FromBytes(SignedObject.Sign("phr/approval-statement/v1", SignedObject.Parse("approval", "phr/approval-statement/v1", approval.ToBytes(), TrusteeApproval.MaxLength).Payload, world.Oracles[0].Identity.ObjectSigner))
                .Verify(world.Dealing, world.Terms)).Reason);
    }

    [Fact]
    public async Task OpenFragments_EnvelopeOfAnotherOracle_IsRefused()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(1, 1)]);
        ApprovalResult approval = world.Approve(1, 1);
        Assert.Equal(PhrDataReason.DigestMismatch, Assert.Throws<PhrDataException>(
            () => approval.Approval.OpenFragments(1, world.Oracles[0].EnvelopeKey, approval.Envelopes[1].Bytes.Span)).Reason);
        Assert.Equal(PhrDataReason.AuthenticationFailed, Assert.Throws<PhrDataException>(
            () => approval.Approval.OpenFragments(2, world.Oracles[0].EnvelopeKey, approval.Envelopes[1].Bytes.Span)).Reason);
    }

    /// <summary>A trustee that leaves a flag off could give the receiver a signature that only fails at the doctor, so that an honest oracle seems to lie.</summary>
    [Fact]
    public async Task OpenFragments_FragmentsWithoutBothFlags_AreRefusedByTheOracle()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(1, 1)]);
        ApprovalResult approval = world.Approve(1, 1);
        IdentityKeys trustee = world.Trustees[(1, 1)].Identity;
        byte[] context = world.Terms.FragmentContext(1, 1, 1);
        using EnvelopeContent content = Envelope.Open(world.Oracles[0].EnvelopeKey, trustee.Id, trustee.PublicKeys.ObjectKey, context, approval.Envelopes[0].Bytes.Span);
        byte[] plaintext = content.Bytes.ToArray();
        plaintext[^1] = 0xC2;
        byte[] envelope = Envelope.Seal(world.Oracles[0].EnvelopeKey.PublicKey, trustee.Id, trustee.PublicKeys.ObjectKey, context, plaintext);
        SignedObject.Parts parts = SignedObject.Parse("approval", "phr/approval-statement/v1", approval.Approval.Approval.ToBytes(), TrusteeApproval.MaxLength);
        byte[] payload = [.. parts.Payload];
        Digest.Of(envelope).CopyTo(payload.AsSpan(payload.AsSpan().IndexOf(approval.Envelopes[0].Digest.ToBytes())));
        VerifiedApproval forged = TrusteeApproval.FromBytes(SignedObject.Sign("phr/approval-statement/v1", payload, trustee.ObjectSigner)).Verify(world.Dealing, world.Terms);
        Assert.Equal(PhrDataReason.InvalidSignature, Assert.Throws<PhrDataException>(() => forged.OpenFragments(1, world.Oracles[0].EnvelopeKey, envelope)).Reason);
    }

    /// <summary>What is wrong with the fragments that a trustee seals and signs for, one thing at a time; each is announced as well as it can be, so that only the oracle's own check stands in its way.</summary>
    public enum FalseFragment
    {
        SharePublicKey,
        ReceivingKey,
        Signer,
        Id,
        Precursor,
        Commitment,
        CommitmentAnnouncedToo,
        AnotherDocument,
        AnotherDocumentUnderItsName,
        AnotherSeat,
        DocumentMissing,
    }

    [Theory]
    [InlineData(FalseFragment.SharePublicKey, PhrDataReason.InvalidSignature)]
    [InlineData(FalseFragment.ReceivingKey, PhrDataReason.InvalidSignature)]
    [InlineData(FalseFragment.Signer, PhrDataReason.InvalidSignature)]
    [InlineData(FalseFragment.Id, PhrDataReason.Mismatched)]
    [InlineData(FalseFragment.Precursor, PhrDataReason.Mismatched)]
    [InlineData(FalseFragment.Commitment, PhrDataReason.Mismatched)]
    [InlineData(FalseFragment.CommitmentAnnouncedToo, PhrDataReason.InvalidSignature)]
    [InlineData(FalseFragment.AnotherDocument, PhrDataReason.Mismatched)]
    [InlineData(FalseFragment.AnotherDocumentUnderItsName, PhrDataReason.Mismatched)]
    [InlineData(FalseFragment.AnotherSeat, PhrDataReason.Mismatched)]
    [InlineData(FalseFragment.DocumentMissing, null)]
    public async Task OpenFragments_FalseFragmentThatTheTrusteeSignedFor_IsRefusedByTheOracle(FalseFragment what, PhrDataReason? reason)
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(2, 2)], documents: 2);
        ApprovalResult honest = world.Approve(1, 1);
        IdentityKeys trustee = world.Trustees[(1, 1)].Identity;
        DocumentId[] ids = [.. world.Header.Documents.Select(d => d.Id)];
        byte[][] fragments = [.. FragmentsOf(world, honest, 1)];
        byte[] payload = [.. SignedObject.Parse("approval", "phr/approval-statement/v1", honest.Approval.Approval.ToBytes(), TrusteeApproval.MaxLength).Payload];
        ApprovedDocument first = honest.Approval.Approval.Documents[0];
        using var other = SecretKey.Generate();
        using TrusteeShares shares = world.OpenShares(1, 1), colleague = world.OpenShares(1, 2);
        SecretKey share = shares.Find(ids[0])!;
        switch (what)
        {
            case FalseFragment.SharePublicKey:
                Regenerate(colleague.Find(ids[0])!, world.Terms.ReceivingKey, trustee.Signer);
                break;
            case FalseFragment.ReceivingKey:
                Regenerate(share, other.PublicKey, trustee.Signer);
                break;
            case FalseFragment.Signer:
                Regenerate(share, world.Terms.ReceivingKey, world.Trustees[(1, 2)].Identity.Signer);
                break;
            case FalseFragment.Id:
                Replace(fragments[0], first.Fragments[0].Id.ToBytes(), Digest.Random().ToBytes());
                break;
            case FalseFragment.Precursor:
                Replace(fragments[0], first.Precursor.ToBytes(), other.PublicKey.ToBytes());
                break;
            case FalseFragment.Commitment:
                Replace(fragments[0], first.Fragments[0].Commitment.ToBytes(), other.PublicKey.ToBytes());
                break;
            case FalseFragment.CommitmentAnnouncedToo:
                Replace(fragments[0], first.Fragments[0].Commitment.ToBytes(), other.PublicKey.ToBytes());
                Replace(payload, first.Fragments[0].Commitment.ToBytes(), other.PublicKey.ToBytes());
                break;
            case FalseFragment.AnotherDocument:
                fragments[0] = [.. fragments[1]];
                break;
            case FalseFragment.AnotherDocumentUnderItsName:
                (ids[0], ids[1]) = (ids[1], ids[0]);
                (fragments[0], fragments[1]) = (fragments[1], fragments[0]);
                break;
            case FalseFragment.AnotherSeat:
                fragments[0] = FragmentsOf(world, honest, 2)[0];
                break;
            default:
                (ids, fragments) = (ids[..1], fragments[..1]);
                break;
        }

        var plaintext = new CanonicalCborWriter().Array(ids.Length);
        for (int d = 0; d < ids.Length; d++)
        {
            plaintext.Array(2).Id(ids[d]).Bytes(fragments[d]).EndArray();
        }

        byte[] envelope = Envelope.Seal(world.Oracles[0].EnvelopeKey.PublicKey, trustee.Id, trustee.PublicKeys.ObjectKey, world.Terms.FragmentContext(1, 1, 1), plaintext.EndArray().ToBytes());
        Replace(payload, honest.Envelopes[0].Digest.ToBytes(), Digest.Of(envelope).ToBytes());
        VerifiedApproval forged = TrusteeApproval.FromBytes(SignedObject.Sign("phr/approval-statement/v1", payload, trustee.ObjectSigner)).Verify(world.Dealing, world.Terms);
        PhrDataException refused = Assert.Throws<PhrDataException>(() => forged.OpenFragments(1, world.Oracles[0].EnvelopeKey, envelope));
        if (reason is { } expected)
        {
            Assert.True(refused.Reason == expected, refused.Message);
        }

        // All fragments of the first document anew, with ids that follow from what was approved, and announced.
        void Regenerate(SecretKey key, PublicKey receiving, Signer signer)
        {
            byte[] context = world.Terms.ContextOf(world.Dealing.FindDocument(ids[0])!, 1, 1, share.PublicKey);
            VerifiedKeyFrag[] made = Umbral.GenerateKeyFrags(
                key, receiving, signer, new KeyFragOptions { Threshold = 2, Shares = 3 }, (precursor, k) => world.Terms.KeyFragId(context, precursor, k + 1), RandomSource.System);
            Replace(payload, first.Precursor.ToBytes(), made[0].Precursor.ToBytes());
            foreach ((int k, VerifiedKeyFrag fragment) in made.Index())
            {
                using (fragment)
                {
                    Replace(payload, first.Fragments[k].Id.ToBytes(), fragment.Id.ToArray());
                    Replace(payload, first.Fragments[k].Commitment.ToBytes(), fragment.Commitment.ToBytes());
                    fragments[0] = k == 0 ? fragment.ToBytes() : fragments[0];
                }
            }
        }
    }

    private static List<byte[]> FragmentsOf(TrusteeWorld world, ApprovalResult approval, int seat)
    {
        IdentityKeys trustee = world.Trustees[(1, 1)].Identity;
        using EnvelopeContent content = Envelope.Open(world.Oracles[seat - 1].EnvelopeKey, trustee.Id, trustee.PublicKeys.ObjectKey, world.Terms.FragmentContext(1, 1, seat), approval.Envelopes[seat - 1].Bytes.Span);
        var reader = new CanonicalCborReader("test", content.Bytes.ToArray(), Envelope.MaxLength);
        var fragments = new List<byte[]>();
        reader.BeginArray(approval.Approval.Approval.Documents.Count);
        foreach (ApprovedDocument document in approval.Approval.Approval.Documents)
        {
            reader.BeginArray(2);
            Assert.Equal(document.Id, reader.DocumentId());
            fragments.Add(reader.BytesExactly(KeyFrag.Length));
            reader.EndArray();
        }

        return fragments;
    }

    private static void Replace(byte[] bytes, byte[] old, byte[] replacement)
    {
        int at = bytes.AsSpan().IndexOf(old);
        Assert.True(at >= 0);
        replacement.CopyTo(bytes.AsSpan(at));
    }

    [Fact]
    public async Task AddDelivery_WithoutAQuorum_IsTheOraclesFault()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(2, 2)]);
        ApprovalResult first = world.Approve(1, 1), second = world.Approve(1, 2);
        DocumentKeyCombiner combiner = world.Combiner(first, second);
        Assert.False(combiner.AddDelivery(world.Deliver(1, first), 1));
        Assert.Equal((FaultyParty.Oracle, PhrDataReason.BelowThreshold), (Assert.Single(combiner.Faults).Party, combiner.Faults[0].Reason));
        Assert.True(combiner.AddDelivery(world.Deliver(2, first, second), 2));
    }

    [Fact]
    public async Task Create_NewEpoch_OldSharesAndApprovalsDoNotMixWithTheNew()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(2, 2)]);
        ApprovalResult old = world.Approve(1, 1);
        DealingResult next = Dealing.Create(world.Patient, world.Header, world.Policy, world.Dealing.Dealing);
        Assert.Equal(2u, next.Dealing.Dealing.Epoch);
        Assert.Equal(world.Dealing.Dealing.Digest, next.Dealing.Dealing.PreviousDigest);
        Assert.NotEqual(world.Dealing.FindMemberKey(world.Header.Documents[0].Id, 1, 1), next.Dealing.FindMemberKey(world.Header.Documents[0].Id, 1, 1));
        RequestTerms terms = world.MakeTerms(next.Dealing, 2, "33");
        Assert.Throws<PhrDataException>(() => old.Approval.Approval.Verify(next.Dealing, terms));
        Assert.Throws<PhrDataException>(() => TrusteeShares.Open(next.Dealing, 1, 1, world.Trustees[(1, 1)].EpochKey, world.Envelopes[0].Bytes.Span));
        using TrusteeShares oldShares = world.OpenShares(1, 1);
        Assert.Throws<ArgumentException>(() => TrusteeApproval.Create(oldShares, terms, [world.Header.Documents[0].Id], world.Trustees[(1, 1)].Identity));
    }

    [Fact]
    public async Task Verify_DealingOfAnotherHeader_IsRefused()
    {
        using TrusteeWorld one = await TrusteeWorld.CreateAsync(1, [(1, 1)]), other = await TrusteeWorld.CreateAsync(1, [(1, 1)]);
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => one.Dealing.Dealing.Verify(other.Header)).Reason);
        Assert.Throws<ArgumentException>(() => Dealing.Create(other.Patient, one.Header, one.Policy));
    }

    /// <summary>Coalition table, second row: m oracles together with the doctor of a granted request learn that trustee's share, and so are trusted not to.</summary>
    [Fact]
    public async Task Coalition_DoctorWithMOracles_LearnsTheShareOfAnApprovingTrustee_AndWithFewerLearnsNothing()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(1, 1)], m: 2, n: 3);
        ApprovalResult approval = world.Approve(1, 1);
        Point member = world.Dealing.FindMemberKey(world.Header.Documents[0].Id, 1, 1)!.Point;
        (Scalar At, Scalar Key)[] keys = [.. Enumerable.Range(1, 2).Select(index => FragmentKey(world, approval, index, 0, world.ReceivingKey))];
        Scalar d = Disclosed(world, approval, world.ReceivingKey).D;
        Assert.Equal(member, Point.MultiplyBase(Interpolate(keys) * d));

        // One fragment alone is consistent with every share: a second one that gives it exists for each.
        foreach (Scalar any in (Scalar[])[Scalar.One, Scalar.Random(RandomSource.System), Scalar.Random(RandomSource.System)])
        {
            Scalar[] lambda = Lagrange.AtZero<Scalar>([keys[0].At, keys[1].At]);
            Scalar second = ((any * d.Invert()) - (lambda[0] * keys[0].Key)) * lambda[1].Invert();
            Assert.Equal(any, Interpolate([keys[0], (keys[1].At, second)]) * d);
        }
    }

    /// <summary>Coalition table, the same row: what all oracles and the doctor have of one document gives nothing of another that was not approved.</summary>
    [Fact]
    public async Task Coalition_DoctorWithAllOracles_OfOneDocument_HasNothingOfAnother()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(1, 1)], documents: 2, m: 2, n: 3);
        DocumentId granted = world.Header.Documents[0].Id, other = world.Header.Documents[1].Id;
        ApprovalResult approval = world.Approve(1, 1, granted);
        Assert.Equal([granted], approval.Approval.Approval.Documents.Select(document => document.Id));

        // Who has the trustee's share of the one has neither its share of the other nor the other's delegating key.
        Scalar share = Interpolate([.. Enumerable.Range(1, 3).Select(index => FragmentKey(world, approval, index, 0, world.ReceivingKey)).Take(2)]) * Disclosed(world, approval, world.ReceivingKey).D;
        Assert.Equal(world.Dealing.FindMemberKey(granted, 1, 1)!.Point, Point.MultiplyBase(share));
        Assert.NotEqual(world.Dealing.FindMemberKey(other, 1, 1)!.Point, Point.MultiplyBase(share));
        Assert.NotEqual(world.Header.Documents[1].DelegatingKey.Point, Point.MultiplyBase(share));

        DocumentKeyCombiner combiner = world.Combiner(approval);
        for (int index = 1; index <= 3; index++)
        {
            combiner.AddDelivery(world.Deliver(index, approval), index);
        }

        Assert.True(combiner.TryCombine(granted, out DocumentKey? key, out _));
        using (key)
        {
            Assert.Equal(TrusteeWorld.ContentOf(0), await world.DecryptAsync(granted, key));
            await Assert.ThrowsAnyAsync<Exception>(() => world.DecryptAsync(other, key));
        }

        Assert.False(combiner.TryCombine(other, out _, out _));
    }

    /// <summary>Coalition table, last row: oracles alone hold no receiving secret, and without it even all fragments combine to nothing.</summary>
    [Fact]
    public async Task Coalition_AllOraclesWithoutTheDoctor_CannotOpen()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(1, 1)], m: 2, n: 3);
        ApprovalResult approval = world.Approve(1, 1);
        byte[] delivery = world.DeliverSealed(1, approval);
        Point member = world.Dealing.FindMemberKey(world.Header.Documents[0].Id, 1, 1)!.Point;
        using SecretKey guess = SecretKey.Generate();

        // Whatever secret of their own, or made up, they put in the doctor's place.
        foreach (SecretKey own in world.Oracles.Select(o => o.EnvelopeKey).Append(guess))
        {
            Assert.Throws<ArgumentException>(() => new DocumentKeyCombiner(world.Terms, world.Dealing, own));
            Assert.Throws<PhrDataException>(() => OracleDelivery.Open(world.Terms, 1, own, delivery));
            Scalar d = Disclosed(world, approval, own).D;
            (Scalar At, Scalar Key)[] all = [.. Enumerable.Range(1, 3).Select(index => FragmentKey(world, approval, index, 0, own))];
            foreach ((Scalar At, Scalar Key)[] some in ((Scalar At, Scalar Key)[][])[all, all[..2], all[1..], [all[0], all[2]]])
            {
                Assert.NotEqual(member, Point.MultiplyBase(Interpolate(some) * d));
            }
        }
    }

    // What a holder of the fragments computes who has this key in the receiver's place: the point that both sides know, and the number that hides the share.
    private static (Point Shared, Scalar D) Disclosed(TrusteeWorld world, ApprovalResult approval, SecretKey receiver)
    {
        Point x = approval.Approval.Approval.Documents[0].Precursor.Point, b = world.ReceivingKey.PublicKey.Point, shared = x * receiver.Scalar;
        return (shared, UmbralHash.SharedSecret(x, b, shared));
    }

    // An oracle's fragment of a document, opened as the oracle does, and where on the polynomial it lies.
    private static (Scalar At, Scalar Key) FragmentKey(TrusteeWorld world, ApprovalResult approval, int index, int document, SecretKey receiver)
    {
        ApprovedDocument approved = approval.Approval.Approval.Documents[document];
        using EnvelopeContent content = Envelope.Open(
            world.Oracles[index - 1].EnvelopeKey, approval.Approval.Approval.Approver, world.Trustees[(1, 1)].Identity.PublicKeys.ObjectKey,
            world.Terms.FragmentContext(1, 1, index), approval.Envelopes[index - 1].Bytes.Span);
        byte[] plaintext = content.Bytes.ToArray();
        var reader = new CanonicalCborReader("test", plaintext, 1 << 20);
        reader.BeginArray(1);
        reader.BeginArray(2);
        reader.DocumentId();
        Assert.True(Scalar.TryFromBytes(reader.BytesExactly(KeyFrag.Length).AsSpan(73, 32), out Scalar key));
        Point shared = Disclosed(world, approval, receiver).Shared;
        return (UmbralHash.KeyFragIndex(approved.Precursor.Point, world.ReceivingKey.PublicKey.Point, shared, approved.Fragments[index - 1].Id.ToBytes()), key);
    }

    private static Scalar Interpolate((Scalar At, Scalar Key)[] fragments) =>
        Lagrange.WeightedSum<Scalar>(Lagrange.AtZero<Scalar>([.. fragments.Select(f => f.At)]), [.. fragments.Select(f => f.Key)]);

    [Fact]
    public void TrusteePolicy_OneOrganisationThatDecidesAlone_IsRefused()
    {
        ActorId clinic = ActorId.Parse(new string('a', 40));
        TrusteeMember Member(ActorId organisation)
        {
            using IdentityKeys keys = IdentityKeys.Generate();
            return new TrusteeMember(keys.Id, organisation, keys.PublicKeys.ObjectKey, keys.PublicKeys.SignerKey, keys.PublicKeys.EnvelopeKey);
        }

        var groups = new[] { new TrusteeGroup("a", 1, [Member(clinic), Member(default)]), new TrusteeGroup("b", 1, [Member(clinic)]) };
        Assert.Throws<ArgumentException>(() => new TrusteePolicy(2, groups, new TrusteePolicyOptions()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrusteePolicy(3, groups, new TrusteePolicyOptions()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrusteePolicy(1, groups, new TrusteePolicyOptions { CommitteeThreshold = 2, CommitteeSize = 4 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrusteePolicy(1, groups, new TrusteePolicyOptions { CommitteeThreshold = 1, CommitteeSize = 1 }));
        _ = new TrusteePolicy(1, groups, new TrusteePolicyOptions { CommitteeThreshold = 1, CommitteeSize = 1, SingleOracle = true });
    }

    [Fact]
    public async Task Readers_MutatedBytes_GiveOnlyDataExceptions()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(2, [(2, 3), (1, 1)], documents: 2);
        ApprovalResult approval = world.Approve(1, 1);
        ApprovalResult consent = TrusteeApproval.CreateByPatient(world.Patient, world.Dealing, world.Terms, [world.Header.Documents[0].Id]);
        TestSupport.Mutations.Run("dealing", [world.Dealing.Dealing.ToBytes()], b => Dealing.TryFromBytes(b, out _), e => e is PhrDataException);
        TestSupport.Mutations.Run("approval", [approval.Approval.Approval.ToBytes(), consent.Approval.Approval.ToBytes()], b => TrusteeApproval.FromBytes(b) is not null, e => e is PhrDataException);
        TestSupport.Mutations.Run("delivery", [world.Deliver(1, approval).ToBytes()], b => OracleDelivery.FromBytes(b) is not null, e => e is PhrDataException);
    }

    private static RequestTerms Copy(
        RequestTerms t, RequestId? request = null, Digest? purpose = null, DateTimeOffset? notAfter = null, PublicKey? receiving = null, OracleCommittee? committee = null) => new()
        {
            Ledger = t.Ledger,
            Request = request ?? t.Request,
            HeaderDigest = t.HeaderDigest,
            DealingDigest = t.DealingDigest,
            Epoch = t.Epoch,
            ReceivingKey = receiving ?? t.ReceivingKey,
            PurposeDigest = purpose ?? t.PurposeDigest,
            NotAfter = notAfter ?? t.NotAfter,
            Committee = committee ?? t.Committee,
        };

    // Changes the first capsule fragment of a delivery and signs the result again as the oracle itself would.
    private static OracleDelivery Forge(TrusteeWorld world, OracleDelivery delivery, IdentityKeys oracle, Action<byte[]> change)
    {
        byte[] frag = delivery.Fragments[0].Bytes.ToArray();
        change(frag);
        return OracleDelivery.Create(
            world.Terms, delivery.Index, delivery.Statement.EvidenceRoot, [new DeliveredFragment(delivery.Fragments[0].Place, frag), .. delivery.Fragments.Skip(1)], oracle);
    }

    // What a cheating trustee does: well-formed, signed fragments, but of a scalar that is not its share.
    private static ApprovalResult ApproveWithForeignScalar(TrusteeWorld world, int group, int member, int from)
    {
        IdentityKeys identity = world.Trustees[(group, member)].Identity;
        ApprovalResult honest = world.Approve(group, member);
        using SecretKey foreign = SecretKey.Generate();
        ApprovedDocument document = honest.Approval.Approval.Documents[0];
        byte[] bytes = honest.Approval.Approval.ToBytes();
        SignedObject.Parts parts = SignedObject.Parse("approval", "phr/approval-statement/v1", bytes, TrusteeApproval.MaxLength);
        byte[] payload = [.. parts.Payload];
        for (int k = from; k < document.Fragments.Count; k++)
        {
            int at = payload.AsSpan().IndexOf(document.Fragments[k].Commitment.ToBytes());
            new PublicKey(Point.U * Scalar.Random(RandomSource.System)).CopyTo(payload.AsSpan(at));
        }

        TrusteeApproval forged = TrusteeApproval.FromBytes(SignedObject.Sign("phr/approval-statement/v1", payload, identity.ObjectSigner));
        return new ApprovalResult(forged.Verify(world.Dealing, world.Terms), honest.Envelopes);
    }

    // A dealing in which one envelope is replaced, signed by the patient.
    private static VerifiedDealing DealWithEnvelope(TrusteeWorld world, int index, Func<Digest, byte[]> seal, out byte[] envelope)
    {
        Dealing dealing = world.Dealing.Dealing;
        envelope = seal(dealing.CoreDigest);
        SignedObject.Parts parts = SignedObject.Parse("dealing", "phr/dealing/v1", dealing.ToBytes(), Dealing.MaxLength);
        byte[] payload = [.. parts.Payload];
        int at = payload.AsSpan().IndexOf(dealing.EnvelopeDigests[index].ToBytes());
        Digest.Of(envelope).CopyTo(payload.AsSpan(at));
        return Dealing.FromBytes(SignedObject.Sign("phr/dealing/v1", payload, world.Patient.Identity.ObjectSigner)).Verify(world.Header);
    }
}
