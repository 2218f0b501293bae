using Phr.Crypto.Hashing;
using Phr.Shared;

namespace Phr.Crypto.Tests.Trustees;

public class DrillTests
{
    [Fact]
    public async Task TryOpen_EverySubsetOfTrustees_OpensTheTestDocumentIfAndOnlyIfThePolicyIsMet()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(2, [(2, 3), (1, 1), (1, 1)], documents: 2, label: DrillAnswer.Label);
        DocumentId test = world.Header.Documents[1].Id;
        VerifiedDrillAnswer[] answers = [.. world.Trustees.Keys.Select(s => Answer(world, s))];
        for (int subset = 0; subset < 1 << answers.Length; subset++)
        {
            VerifiedDrillAnswer[] given = [.. answers.Where((_, i) => (subset >> i & 1) != 0)];
            DrillReport report = DrillReport.Create(world.Dealing, test, [.. given, .. given]);
            bool met = world.Policy.Shape.IsSatisfiedBy(given.Select(a => a.Answer.Seat.Indices));
            Assert.Equal((met, given.Length, answers.Length - given.Length), (report.IsSatisfied, report.Answered.Count, report.Silent.Count));
            Assert.Equal(met, report.TryOpen(out DocumentKey? key));
            if (key is not null)
            {
                using (key)
                {
                    Assert.Equal(TrusteeWorld.ContentOf(1), await world.DecryptAsync(test, key));
                }
            }
        }
    }

    [Fact]
    public async Task Create_DocumentThatIsNoTest_IsRefusedByTrusteeAndReader()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(1, 1)], documents: 2, label: DrillAnswer.Label);
        DocumentId real = world.Header.Documents[0].Id;
        using TrusteeShares shares = world.OpenShares(1, 1);
        IdentityKeys identity = world.Trustees[(1, 1)].Identity;
        Assert.Throws<ArgumentException>(() => DrillAnswer.Create(shares, real, identity));
        Assert.Throws<ArgumentException>(() => DrillAnswer.Create(shares, world.Header.Documents[1].Id, world.Patient.Identity));
        Assert.Throws<ArgumentException>(() => DrillReport.Create(world.Dealing, real, []));
        DrillAnswer good = Answer(world, (1, 1)).Answer;
        byte[] payload = SignedObject.Parse("drill", "phr/drill-answer/v1", good.ToBytes(), DrillAnswer.MaxLength).Payload;
        real.ToBytes().CopyTo(payload.AsSpan(payload.AsSpan().IndexOf(good.Document.ToBytes())));
        Assert.Equal(PhrDataReason.NotFound, Assert.Throws<PhrDataException>(
            () => DrillAnswer.FromBytes(SignedObject.Sign("phr/drill-answer/v1", payload, identity.ObjectSigner)).Verify(world.Dealing)).Reason);
    }

    [Fact]
    public async Task Verify_AnswerOfAnotherShareSignerOrDealing_IsRefused()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(2, 2)], label: DrillAnswer.Label);
        using TrusteeWorld other = await TrusteeWorld.CreateAsync(1, [(2, 2)], label: DrillAnswer.Label);
        DrillAnswer first = Answer(world, (1, 1)).Answer, second = Answer(world, (1, 2)).Answer;
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => first.Verify(other.Dealing)).Reason);
        Assert.Throws<ArgumentException>(() => DrillReport.Create(world.Dealing, first.Document, [Answer(other, (1, 1))]));

        // The second trustee's part and proof under the first one's name, then signed by the wrong one.
        byte[] payload = SignedObject.Parse("drill", "phr/drill-answer/v1", second.ToBytes(), DrillAnswer.MaxLength).Payload;
        int at = payload.AsSpan().IndexOf(new CanonicalCborWriter().Array(2).UInt64(1).UInt64(2).EndArray().ToBytes());
        payload[at + 2] = 1;
        Assert.Equal(PhrDataReason.InvalidProof, Assert.Throws<PhrDataException>(
            () => DrillAnswer.FromBytes(SignedObject.Sign("phr/drill-answer/v1", payload, world.Trustees[(1, 1)].Identity.ObjectSigner)).Verify(world.Dealing)).Reason);
        Assert.Equal(PhrDataReason.InvalidSignature, Assert.Throws<PhrDataException>(
            () => DrillAnswer.FromBytes(SignedObject.Sign("phr/drill-answer/v1", payload, world.Trustees[(1, 2)].Identity.ObjectSigner)).Verify(world.Dealing)).Reason);
    }

    [Fact]
    public async Task FromBytes_MutatedBytes_GivesOnlyDataExceptions()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(1, 1)], label: DrillAnswer.Label);
        TestSupport.Mutations.Run("drill answer", [Answer(world, (1, 1)).Answer.ToBytes()], b => DrillAnswer.FromBytes(b).Verify(world.Dealing) is not null, e => e is PhrDataException);
    }

    private static VerifiedDrillAnswer Answer(TrusteeWorld world, (int Group, int Member) seat)
    {
        using TrusteeShares shares = world.OpenShares(seat.Group, seat.Member);
        return DrillAnswer.FromBytes(DrillAnswer.Create(shares, world.Header.Documents[^1].Id, world.Trustees[seat].Identity).ToBytes()).Verify(world.Dealing);
    }
}
