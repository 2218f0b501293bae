using FsCheck;
using FsCheck.Fluent;

namespace Phr.Crypto.Tests.Trustees;

public class DealingPropertyTests
{
    private sealed record Case(int GroupThreshold, (int Threshold, int Members)[] Groups, int Documents, int Place, byte Flip)
    {
        public override string ToString() => $"{GroupThreshold} of [{string.Join(", ", Groups.Select(g => $"{g.Threshold}/{g.Members}"))}], {Documents} documents";
    }

    private static Gen<Case> Cases =>
        from count in Gen.Choose(1, 3)
        from members in Gen.Choose(1, 3).ListOf(count)
        from thresholds in Gen.Choose(0, 99).ListOf(count)
        from groupThreshold in Gen.Choose(1, count)
        from documents in Gen.Choose(1, 3)
        from place in Gen.Choose(0, int.MaxValue)
        from flip in Gen.Choose(1, 255)
        select new Case(groupThreshold, [.. members.Zip(thresholds, (m, t) => ((t % m) + 1, m))], documents, place, (byte)flip);

    [Fact]
    public void Create_AnyPolicyAndDocuments_EveryTrusteeOpensItsShareAndNoOtherAndAnyAlteredByteIsRefused() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(12), Prop.ForAll(Cases.ToArbitrary(), c =>
        {
            using TrusteeWorld world = TrusteeWorld.CreateAsync(c.GroupThreshold, c.Groups, c.Documents).GetAwaiter().GetResult();
            foreach (ShareEnvelope envelope in world.Envelopes)
            {
                using TrusteeShares shares = world.OpenShares(envelope.Group, envelope.Member);
                foreach (BundleDocument document in world.Header.Documents)
                {
                    Assert.Equal(world.Dealing.FindMemberKey(document.Id, envelope.Group, envelope.Member), shares.Find(document.Id)!.PublicKey);
                }

                foreach (ShareEnvelope other in world.Envelopes.Where(e => e != envelope))
                {
                    Assert.Throws<PhrDataException>(() => TrusteeShares.Open(
                        world.Dealing, other.Group, other.Member, world.Trustees[(envelope.Group, envelope.Member)].EpochKey, other.Bytes.Span));
                }
            }

            byte[] bytes = world.Dealing.Dealing.ToBytes();
            Assert.Equal(bytes, Dealing.FromBytes(bytes).ToBytes());
            bytes[c.Place % bytes.Length] ^= c.Flip;
            Assert.False(Dealing.TryFromBytes(bytes, out _));
        }));
}
