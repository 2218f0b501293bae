using Phr.Crypto.Hashing;
using Phr.Crypto.Secp256k1;
using Phr.Shared;

namespace Phr.Crypto.Tests.Trustees;

public class ShareRepairTests
{
    /// <summary>Groups 2 of 4 and 1 of 2: whoever loses its share, and whoever of the group helps.</summary>
    [Fact]
    public async Task Repair_EverySeatAndEverySetOfHelpers_GivesTheLostShareBack()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(2, [(2, 4), (1, 2)], documents: 2);
        int repaired = 0;
        foreach ((int group, int member) in world.Trustees.Keys)
        {
            int size = group == 1 ? 4 : 2, threshold = group == 1 ? 2 : 1;
            int[] others = [.. Enumerable.Range(1, size).Where(i => i != member)];
            for (int subset = 0; subset < 1 << others.Length; subset++)
            {
                int[] helpers = [.. others.Where((_, i) => (subset >> i & 1) != 0)];
                if (helpers.Length != threshold)
                {
                    continue;
                }

                using var scene = new Scene(world, new PolicySeat(group, member), helpers);
                using TrusteeShares lost = world.OpenShares(group, member), back = scene.Repair();
                foreach (BundleDocument document in world.Header.Documents)
                {
                    Assert.Equal(lost.Find(document.Id)!.Scalar, back.Find(document.Id)!.Scalar);
                }

                repaired++;
            }
        }

        Assert.Equal((4 * 3) + 2, repaired);
    }

    [Fact]
    public async Task Repair_RepairedShare_ApprovesLikeTheLostOne()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(2, 3)]);
        using var scene = new Scene(world, new PolicySeat(1, 3), [1, 2]);
        using TrusteeShares back = scene.Repair();
        DocumentId document = world.Header.Documents[0].Id;
        ApprovalResult[] approvals = [world.Approve(1, 1), TrusteeApproval.Create(back, world.Terms, [document], world.Trustees[(1, 3)].Identity)];
        DocumentKeyCombiner combiner = world.Combiner(approvals);
        combiner.AddDelivery(world.Deliver(1, approvals), 1);
        combiner.AddDelivery(world.Deliver(3, approvals), 3);
        Assert.True(combiner.TryCombine(document, out DocumentKey? key, out _));
        key.Dispose();
    }

    [Fact]
    public async Task Repair_UnderAResharedDealing_GivesTheLostShareBack()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(1, [(2, 2)], (1, [(2, 3)]));
        world.Adopt([new(1, 1), new(1, 2)]);
        using var scene = new Scene(world.Old, new PolicySeat(1, 2), [1, 3]);
        using TrusteeShares lost = world.Old.OpenShares(1, 2), back = scene.Repair();
        Assert.Equal(lost.Find(world.Old.Header.Documents[0].Id)!.Scalar, back.Find(world.Old.Header.Documents[0].Id)!.Scalar);
    }

    [Fact]
    public async Task Create_GroupWithTooFewOthers_SaysToShareAnew()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(2, [(1, 1), (2, 2), (1, 2)]);
        using SecretKey key = SecretKey.Generate();
        foreach ((int, int) seat in new[] { (1, 1), (2, 2) })
        {
            InvalidOperationException refused = Assert.Throws<InvalidOperationException>(() => ShareRepairRequest.Create(world.Dealing, world.Trustees[seat].Identity, key.PublicKey));
            Assert.Contains("anew", refused.Message, StringComparison.Ordinal);
        }

        IdentityKeys asker = world.Trustees[(3, 1)].Identity;
        Assert.Equal([2], ShareRepairRequest.Create(world.Dealing, asker, key.PublicKey).Helpers);
        Assert.Throws<ArgumentException>(() => ShareRepairRequest.Create(world.Dealing, asker, key.PublicKey, [1]));
        Assert.Throws<ArgumentException>(() => ShareRepairRequest.Create(world.Dealing, asker, key.PublicKey, [3]));
        Assert.Throws<ArgumentException>(() => ShareRepairRequest.Create(world.Dealing, asker, key.PublicKey, []));
        Assert.Throws<ArgumentException>(() => ShareRepairRequest.Create(world.Dealing, world.Patient.Identity, key.PublicKey));
    }

    [Fact]
    public async Task Verify_RequestOfAnotherDealingOrSigner_IsRefused()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(2, 3)]);
        using TrusteeWorld other = await TrusteeWorld.CreateAsync(1, [(2, 3)]);
        using var scene = new Scene(world, new PolicySeat(1, 1), [2, 3]);
        ShareRepairRequest request = scene.Request;
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => request.Verify(other.Dealing)).Reason);
        byte[] payload = SignedObject.Parse("r", "phr/share-repair-request/v1", request.ToBytes(), ShareRepairRequest.MaxLength).Payload;
        Assert.Equal(PhrDataReason.InvalidSignature, Assert.Throws<PhrDataException>(
            () => ShareRepairRequest.FromBytes(SignedObject.Sign("phr/share-repair-request/v1", payload, world.Trustees[(1, 2)].Identity.ObjectSigner)).Verify(world.Dealing)).Reason);

        // Signed by the right trustee, with helpers that the threshold does not ask for: one is not enough, and there is no fourth.
        foreach (int[] helpers in new int[][] { [2], [2, 4] })
        {
            CanonicalCborWriter writer = new CanonicalCborWriter().Array(4).Id(world.Dealing.Dealing.Digest).Array(2).UInt64(1).UInt64(1).EndArray().Key(scene.RepairKey.PublicKey).Array(helpers.Length);
            foreach (int helper in helpers)
            {
                writer.UInt64((ulong)helper);
            }

            byte[] signed = SignedObject.Sign("phr/share-repair-request/v1", writer.EndArray().EndArray().ToBytes(), world.Trustees[(1, 1)].Identity.ObjectSigner);
            Assert.Equal(PhrDataReason.OutOfRange, Assert.Throws<PhrDataException>(() => ShareRepairRequest.FromBytes(signed).Verify(world.Dealing)).Reason);
        }
    }

    [Fact]
    public async Task Repair_HelperThatCheats_IsNamed()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(2, 3)]);
        using var scene = new Scene(world, new PolicySeat(1, 1), [2, 3]);
        (IdentityKeys identity, SecretKey key) = world.Trustees[(1, 2)];
        ShareRepairContributionResult honest = scene.Contributions[0];

        // Summands that do not add up: one point replaced, signed again.
        byte[] payload = SignedObject.Parse("c", "phr/share-repair/v1", honest.Contribution.Contribution.ToBytes(), ShareRepairContribution.MaxLength).Payload;
        byte[] summand = honest.Contribution.EnvelopeFor(2).ShareKeys[0].ToBytes();
        key.PublicKey.CopyTo(payload.AsSpan(payload.AsSpan().IndexOf(summand)));
        ShareRepairContribution wrong = ShareRepairContribution.FromBytes(SignedObject.Sign("phr/share-repair/v1", payload, identity.ObjectSigner));
        PhrDataException refused = Assert.Throws<PhrDataException>(() => wrong.Verify(scene.Repaired));
        Assert.Equal(PhrDataReason.CommitmentMismatch, refused.Reason);
        Assert.Contains("helper 2", refused.Message, StringComparison.Ordinal);
        Assert.Equal(PhrDataReason.InvalidSignature, Assert.Throws<PhrDataException>(() => ShareRepairContribution.FromBytes(
            SignedObject.Sign("phr/share-repair/v1", payload, world.Trustees[(1, 3)].Identity.ObjectSigner)).Verify(scene.Repaired)).Reason);

        // A summand other than the committed one, sealed to helper 3.
        byte[] seven = new byte[32];
        seven[31] = 7;
        byte[] bad = Envelope.Seal(
            world.Trustees[(1, 3)].EpochKey.PublicKey, identity.Id, identity.PublicKeys.ObjectKey, ShareRepairContribution.ShareContext(honest.Contribution.Contribution.CoreDigest, 3), seven);
        payload = SignedObject.Parse("c", "phr/share-repair/v1", honest.Contribution.Contribution.ToBytes(), ShareRepairContribution.MaxLength).Payload;
        Digest.Of(bad).CopyTo(payload.AsSpan(payload.AsSpan().IndexOf(honest.Envelopes[1].Digest.ToBytes())));
        VerifiedShareRepairContribution lying = ShareRepairContribution.FromBytes(SignedObject.Sign("phr/share-repair/v1", payload, identity.ObjectSigner)).Verify(scene.Repaired);
        (IdentityKeys third, SecretKey thirdKey) = world.Trustees[(1, 3)];
        refused = Assert.Throws<PhrDataException>(() => ShareRepairSum.Create(
            scene.Repaired, [lying, scene.Contributions[1].Contribution], third, thirdKey, [bad, scene.Contributions[1].Envelopes[1].Bytes]));
        Assert.Equal(PhrDataReason.CommitmentMismatch, refused.Reason);
        Assert.Contains("helper 2", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ShareRepairSum.Create(scene.Repaired, [lying], third, thirdKey, [bad]));
        Assert.Throws<ArgumentException>(() => ShareRepairSum.Create(scene.Repaired, [lying, lying], third, thirdKey, [bad, bad]));

        // A sum that is another number: signed and sealed well.
        ShareRepairSumResult[] sums = scene.Sums();
        byte[] context = new CanonicalCborWriter().Array(4).Text("phr/share-repair-total/v1").Id(scene.Request.Digest).UInt64(2).Array(2)
            .Id(scene.Contributions[0].Contribution.Contribution.Digest).Id(scene.Contributions[1].Contribution.Contribution.Digest).EndArray().EndArray().ToBytes();
        byte[] other = Envelope.Seal(scene.RepairKey.PublicKey, identity.Id, identity.PublicKeys.ObjectKey, context, seven);
        payload = SignedObject.Parse("s", "phr/share-repair-sum/v1", sums[0].Sum.ToBytes(), ShareRepairSum.MaxLength).Payload;
        Digest.Of(other).CopyTo(payload.AsSpan(payload.AsSpan().IndexOf(sums[0].Envelope.Digest.ToBytes())));
        var forged = new ShareRepairSumResult(
            ShareRepairSum.FromBytes(SignedObject.Sign("phr/share-repair-sum/v1", payload, identity.ObjectSigner)), sums[0].Envelope with { Bytes = other, Digest = Digest.Of(other) });
        refused = Assert.Throws<PhrDataException>(() => scene.Repair([forged, sums[1]]));
        Assert.Equal(PhrDataReason.CommitmentMismatch, refused.Reason);
        Assert.Contains("helper 2", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => scene.Repair([sums[0]]));
        Assert.Throws<ArgumentException>(() => scene.Repair([sums[0], sums[0]]));
        Assert.Equal(PhrDataReason.DigestMismatch, Assert.Throws<PhrDataException>(() => scene.Repair([sums[0] with { Envelope = sums[1].Envelope }, sums[1]])).Reason);
        using SecretKey stranger = SecretKey.Generate();
        Assert.Throws<ArgumentException>(() => TrusteeShares.Repair(scene.Repaired, scene.Verified, sums, stranger));
    }

    [Fact]
    public async Task Repair_PartsOfAnotherRepair_AreRefused()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(2, 3)]);
        using Scene one = new(world, new PolicySeat(1, 1), [2, 3]), two = new(world, new PolicySeat(1, 1), [2, 3]);
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => one.Contributions[0].Contribution.Contribution.Verify(two.Repaired)).Reason);
        Assert.Throws<ArgumentException>(() => TrusteeShares.Repair(one.Repaired, two.Verified, one.Sums(), one.RepairKey));
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => one.Repair(two.Sums())).Reason);
        using TrusteeShares first = world.OpenShares(1, 1);
        Assert.Throws<ArgumentException>(() => ShareRepairContribution.Create(one.Repaired, first, world.Trustees[(1, 1)].Identity));
    }

    [Fact]
    public async Task Readers_MutatedBytes_GiveOnlyDataExceptions()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(2, 3)], documents: 2);
        using var scene = new Scene(world, new PolicySeat(1, 1), [2, 3]);
        TestSupport.Mutations.Run("share repair request", [scene.Request.ToBytes()], b => ShareRepairRequest.FromBytes(b).Verify(world.Dealing) is not null, e => e is PhrDataException);
        TestSupport.Mutations.Run(
            "share repair", [scene.Contributions[0].Contribution.Contribution.ToBytes()], b => ShareRepairContribution.FromBytes(b).Verify(scene.Repaired) is not null, e => e is PhrDataException);
        TestSupport.Mutations.Run("share repair sum", [scene.Sums()[0].Sum.ToBytes()], b => ShareRepairSum.TryFromBytes(b, out _), e => e is PhrDataException);
    }

    private sealed class Scene : IDisposable
    {
        private readonly TrusteeWorld _world;

        public Scene(TrusteeWorld world, PolicySeat seat, int[] helpers)
        {
            _world = world;
            Request = ShareRepairRequest.FromBytes(ShareRepairRequest.Create(world.Dealing, world.Trustees[seat.Indices].Identity, RepairKey.PublicKey, helpers).ToBytes());
            Repaired = Request.Verify(world.Dealing);
            Contributions =
            [
                .. helpers.Select(h =>
                {
                    using TrusteeShares shares = world.OpenShares(seat.Group, h);
                    ShareRepairContributionResult result = ShareRepairContribution.Create(Repaired, shares, world.Trustees[(seat.Group, h)].Identity);
                    return result with { Contribution = ShareRepairContribution.FromBytes(result.Contribution.Contribution.ToBytes()).Verify(Repaired) };
                }),
            ];
        }

        public SecretKey RepairKey { get; } = SecretKey.Generate();

        public ShareRepairRequest Request { get; }

        public ShareRepair Repaired { get; }

        public ShareRepairContributionResult[] Contributions { get; }

        public IEnumerable<VerifiedShareRepairContribution> Verified => Contributions.Select(c => c.Contribution);

        public ShareRepairSumResult[] Sums() =>
        [
            .. Request.Helpers.Select((h, place) =>
            {
                (IdentityKeys identity, SecretKey key) = _world.Trustees[(Request.Seat.Group, h)];
                ShareRepairSumResult sum = ShareRepairSum.Create(Repaired, Verified, identity, key, [.. Contributions.Select(c => c.Envelopes[place].Bytes)]);
                return sum with { Sum = ShareRepairSum.FromBytes(sum.Sum.ToBytes()) };
            }),
        ];

        public TrusteeShares Repair(IEnumerable<ShareRepairSumResult>? sums = null) => TrusteeShares.Repair(Repaired, Verified, sums ?? Sums(), RepairKey);

        public void Dispose() => RepairKey.Dispose();
    }
}
