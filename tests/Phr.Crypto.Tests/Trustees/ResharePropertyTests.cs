using FsCheck;
using FsCheck.Fluent;

namespace Phr.Crypto.Tests.Trustees;

public class ResharePropertyTests
{
    private sealed record Case((int Threshold, int Members)[] Old, int OldThreshold, (int Threshold, int Members)[] New, int NewThreshold, int Documents, int Seed)
    {
        public override string ToString() =>
            $"{OldThreshold} of [{string.Join(", ", Old.Select(g => $"{g.Threshold}/{g.Members}"))}] to {NewThreshold} of [{string.Join(", ", New.Select(g => $"{g.Threshold}/{g.Members}"))}], {Documents} documents, seed {Seed}";
    }

    // The groups stay, no threshold falls; members come and go.
    private static Gen<Case> Cases =>
        from count in Gen.Choose(1, 3)
        from members in Gen.Choose(1, 3).ListOf(count)
        from thresholds in Gen.Choose(0, 99).ListOf(count)
        from more in Gen.Choose(0, 1).ListOf(count)
        from spare in Gen.Choose(0, 1).ListOf(count)
        from groupThreshold in Gen.Choose(1, count)
        from higher in Gen.Choose(groupThreshold, count)
        from documents in Gen.Choose(1, 3)
        from seed in Gen.Choose(0, int.MaxValue)
        let old = members.Zip(thresholds, (m, t) => (Threshold: (t % m) + 1, Members: m)).ToArray()
        let next = old.Select((g, i) => (g.Threshold + more.ElementAt(i), g.Threshold + more.ElementAt(i) + spare.ElementAt(i))).ToArray()
        select new Case(old, groupThreshold, next, higher, documents, seed);

    [Fact]
    public void Combine_AnyPoliciesAndAnyQuorumOfDealers_EveryNewTrusteeHasTheShareThatTheDealingNames() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(12), Prop.ForAll(Cases.ToArbitrary(), c =>
        {
            using ReshareWorld world = ReshareWorld.CreateAsync(c.OldThreshold, c.Old, (c.NewThreshold, c.New), c.Documents).GetAwaiter().GetResult();
            var random = new Random(c.Seed);
            PolicySeat[] dealers = [.. world.Previous.Dealing.Policy.Seats];
            random.Shuffle(dealers);
            int enough = Enumerable.Range(1, dealers.Length).First(n => world.Previous.Dealing.Policy.Shape.IsSatisfiedBy(dealers.Take(n).Select(d => d.Indices)));
            VerifiedDealing dealing = world.Combine(dealers.Take(enough));
            foreach (PolicySeat seat in world.Policy.Seats)
            {
                using SecretKey stranger = SecretKey.Generate();
                ReadOnlyMemory<byte>[] envelopes = [.. dealing.Dealing.Dealers.Select(d => world.EnvelopeFor(d.Seat, seat))];
                Assert.Equal(dealing.Dealing.EnvelopesOf(seat), envelopes.Select(e => Digest.Of(e.Span)));
                using TrusteeShares shares = TrusteeShares.Open(dealing, seat, world.NewTrustees[seat.Indices].EpochKey, envelopes);
                Assert.All(world.Old.Header.Documents, d => Assert.Equal(dealing.FindMemberKey(d.Id, seat.Group, seat.Member), shares.Find(d.Id)!.PublicKey));
                Assert.Throws<PhrDataException>(() => TrusteeShares.Open(dealing, seat, stranger, envelopes));
                Assert.Throws<ArgumentException>(() => TrusteeShares.Open(dealing, seat, stranger, [.. envelopes, envelopes[0]]));
            }

            // The order in which contributions are given changes nothing.
            Assert.Equal(dealing.Dealing.Digest, Dealing.FromReshare(world.Plan, world.Of(dealers.Take(enough).Reverse())).Digest);
        }));
}
