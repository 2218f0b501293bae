using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Teams;

/// <summary>Damaged bytes never get anything out of a reader but its one exception; and what is accepted is written back the same.</summary>
public class TeamMutationTests
{
    [Fact]
    public void TeamObjects_DamagedBytes_AreReadOrRefused()
    {
        using TeamWorld team = TeamWorld.Form(2, 3);
        TeamPlan plan = team.PlanFor(new TeamChange { Members = [.. team.People.Select(TeamWorld.RecordOf)], RenewKey = true });
        TeamDealing dealing = team.Deal(plan, team.People[0], (_, subShares) => subShares[0] += Scalar.One);
        TeamComplaint complaint = TeamComplaint.Create(plan, dealing, team.People[1], RandomSource.System);
        Assert.True(complaint.IsJustified(plan, dealing));
        using var reply = SecretKey.Generate();
        using var request = SecretKey.Generate();
        var opening = TeamOpeningRequest.Create(
            team.People[0],
            team.Charter,
            new TeamOpeningTerms
            {
                Request = default,
                ReceivingKey = TeamRequestKey.Combine(team.Charter.PublicKey, request.PublicKey),
                KeyEpoch = 1,
                Points = [TeamPoint.Read(Digest.Random(), null, SecretKey.Generate().PublicKey), TeamPoint.Read(Digest.Random(), DocumentId.Random(), SecretKey.Generate().PublicKey)],
            },
            reply);
        byte[] answer = TeamPartial.Answer(opening, team.Charter, new TeamHelper { Identity = team.People[1], Shares = team.Shares[team.People[1].Id] });
        (TeamPartial partial, _) = TeamPartial.Open(opening, team.Charter, team.Charter.Plan.Members[1], reply, answer);
        var shares = new byte[team.Shares[team.People[0].Id].ExportedLength];
        team.Shares[team.People[0].Id].ExportTo(shares);

        Run("team plan", plan.ToBytes(), b => TeamPlan.FromBytes(b).ToBytes(), b => TeamPlan.TryFromBytes(b, out _));
        Run("team dealing", dealing.ToBytes(), b => TeamDealing.FromBytes(b).ToBytes(), b => TeamDealing.TryFromBytes(b, out _));
        Run("team complaint", complaint.ToBytes(), b => TeamComplaint.FromBytes(b).ToBytes(), b => TeamComplaint.TryFromBytes(b, out _));
        Run("team charter", team.Charter.ToBytes(), b => TeamCharter.FromBytes(b).ToBytes(), b => TeamCharter.TryFromBytes(b, out _));
        Run("team opening", opening.ToBytes(), b => TeamOpeningRequest.FromBytes(b).ToBytes(), b => TeamOpeningRequest.TryFromBytes(b, out _));
        Run("team partial", partial.ToBytes(), b => TeamPartial.FromBytes(b).ToBytes(), b => TeamPartial.TryFromBytes(b, out _));
        Run("team shares", shares, RoundTrip, b =>
        {
            bool read = TeamShares.TryFromBytes(b, out TeamShares? s);
            s?.Dispose();
            return read;
        });
    }

    private static byte[] RoundTrip(byte[] bytes)
    {
        using TeamShares shares = TeamShares.FromBytes(bytes);
        var written = new byte[shares.ExportedLength];
        shares.ExportTo(written);
        return written;
    }

    private static void Run(string name, byte[] sample, Func<byte[], byte[]> roundTrip, Func<byte[], bool> tryRead) =>
        Mutations.Run(
            name,
            [sample],
            bytes =>
            {
                if (!tryRead(bytes))
                {
                    Assert.Throws<PhrDataException>(() => roundTrip(bytes));
                    return false;
                }

                Assert.Equal(bytes, roundTrip(bytes));
                return true;
            },
            static e => e is PhrDataException);
}
