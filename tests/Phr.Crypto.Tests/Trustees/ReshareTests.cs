using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;

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
