using System.Numerics;
using System.Text;
using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

/// <summary>
/// What the contract must do with a grant as the model does: <c>contracts/test/vectors/service.json</c>, random commands with their outcome and what is stored after each. With <c>PHR_WRITE_VECTORS=1</c>
/// the file is written anew first.
/// </summary>
public class ServiceVectorTests
{
    private const int Runs = 8;
    private const int Steps = 30;

    private static readonly BigInteger _terms = (BigInteger.One << 76) - 1;

    [Fact]
    public void Vectors_Committed_AreTheModels() => ContractVectors.Compare("service.json", Write());

    private static string Write()
    {
        var steps = new List<string>();
        var seen = new HashSet<LedgerError>();
        for (int run = 0; run < Runs; run++)
        {
            var random = new ContractVectors.Lehmer((ulong)(1000 + run), 7);
            LedgerWorld world = new LedgerWorld().WithBundle();
            int uses = 1 + (run % 3);
            RequestId id = world.Ask(change: request => request with { Uses = uses });
            world.Mine();
            world.Do(new DrawCommittee { Actor = world.Doctor.Id, RequestId = id });
            world.Do(new ConsentToRequest { Actor = world.Patient.Id, RequestId = id, ApprovalDigest = world.Fresh() });
            steps.Add(Step(world, id, 255, uses, (int)(world.Request(id).NotAfter - world.Now).TotalSeconds, default));
            for (int i = 0; i < Steps; i++)
            {
                world.Pass(TimeSpan.FromSeconds(random.Below(10) == 0 ? random.Below(15_000) : random.Below(600)));
                int seat = 1 + random.Below(5);
                int argument = random.Below(101);
                (int kind, LedgerCommand command) = random.Below(14) switch
                {
                    < 5 => (0, world.Delivery(id, seat)),
                    5 => (1, world.Refusal(id, seat)),
                    6 => (2, new ConfirmOpened { Actor = world.Doctor.Id, RequestId = id }),
                    7 => (3, new SettleRequest { Actor = world.Doctor.Id, RequestId = id }),
                    8 => (4, new SettleRequest { Actor = world.Guardians[0].Id, RequestId = id }),
                    < 11 => (5, new RateOracle { Actor = world.Doctor.Id, RequestId = id, Index = seat, Rating = argument }),
                    11 => (6, new UseAgain { Actor = world.Doctor.Id, RequestId = id }),
                    12 => (7, world.Delivery(id, seat) with { Index = (seat % 5) + 1 }),
                    _ => (8, (LedgerCommand)new ConfirmOpened { Actor = world.Patient.Id, RequestId = id }),
                };
                LedgerError error = world.Try(command).Error;
                seen.Add(error);
                steps.Add(Step(world, id, kind, seat, argument, error));
            }
        }

        // Else the vectors would prove little.
        LedgerError[] wanted = [LedgerError.None, LedgerError.NotYours, LedgerError.AlreadyExists, LedgerError.WrongState, LedgerError.NotYet, LedgerError.BelowQuorum, LedgerError.NotInCommittee, LedgerError.TooMany, LedgerError.Expired];
        Assert.Empty(wanted.Except(seen));
        return ContractVectors.ToJson(
            new
            {
                about = "Written by ServiceVectorTests (C#). steps: abi.encode(time, kind, seat, argument, error's selector or 0, slot 1 >> 160, slot 2 >> 160, five times terms and day of the seat's oracle). kind 255: a new grant for as many uses as seat says, argument seconds to its end; 0 deliver, 1 refuse, 2 open, 3 settle by the doctor, 4 by another, 5 rate (argument), 6 use again, 7 deliver in the next seat, 8 open by the patient.",
                steps,
            });
    }

    private static string Step(LedgerWorld world, RequestId id, int kind, int seat, int argument, LedgerError error)
    {
        RequestRecord request = world.Request(id);
        BigInteger selector = error == LedgerError.None
            ? 0
            : new BigInteger(Keccak(error + "()").AsSpan(0, 4), isUnsigned: true, isBigEndian: true);
        return ContractVectors.Words(
        [
            world.Now.ToUnixTimeSeconds(), kind, seat, argument, selector, request.PackProgress() >> 160, request.PackService() >> 160,
            .. request.Committee.Select(member => Terms(world.ReputationOf(member.Oracle))),
        ]);
    }

    private static BigInteger Terms(Reputation reputation) =>
        (reputation.Correctness + ((BigInteger)reputation.Timeliness << 20) + ((BigInteger)reputation.Rating << 40) + ((BigInteger)reputation.SinceDay << 60)) & _terms;

    private static byte[] Keccak(string text) => Phr.Crypto.Keccak256.HashData(Encoding.UTF8.GetBytes(text));
}
