using FsCheck;
using FsCheck.Fluent;
using Phr.Consent;
using Phr.Crypto;
using Phr.Samples.FullFlow;
using Phr.Storage;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>Whatever the members of a committee answer: the doctor opens whenever m answers are honest, and names each bad one and nobody else.</summary>
public class HonestQuorumTests
{
    private const int Cases = 60;

    /// <summary>What one seat did.</summary>
    public enum Answer
    {
        /// <summary>It delivered what it should.</summary>
        Honest,

        /// <summary>It did nothing.</summary>
        Absent,

        /// <summary>It re-encrypted wrongly, and signed for it.</summary>
        FalseFragments,

        /// <summary>It recorded another delivery than it put into the exchange.</summary>
        OtherDigest,

        /// <summary>It put bytes into the exchange that do not open.</summary>
        Garbage,

        /// <summary>It passed the next seat's delivery for its own.</summary>
        Anothers,

        /// <summary>It put nothing into the exchange.</summary>
        Nothing,
    }

    [Fact]
    public async Task OpenAsync_AnyAnswersOfTheSeats_OpensIfAndOnlyIfMAreHonestAndNamesEveryBadOne()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        await story.ServeAsync(request, 1, 2, 3, 4, 5);
        RequestRecord record = await story.ReadAsync(request);
        byte[] garbage = [.. Enumerable.Range(0, 500).Select(i => (byte)(i % 251))];
        await story.World.Services.Exchange.PutBlockAsync(garbage);
        var answers = new Dictionary<(int Seat, Answer Answer), DeliveryRecord>();
        foreach (DeliveryRecord honest in record.Deliveries)
        {
            SampleOracle oracle = await story.SeatAsync(request, honest.Index);
            (OracleDelivery lie, byte[] envelope, _) = await LyingOracle.MakeAsync(story.World.Services, oracle.Identity, oracle.Secrets, request, CancellationToken.None);
            await story.World.Services.Exchange.PutBlockAsync(envelope);
            DeliveryRecord next = record.Delivery((honest.Index % 5) + 1)!;
            answers[(honest.Index, Answer.Honest)] = honest;
            answers[(honest.Index, Answer.FalseFragments)] = honest with { DeliveryDigest = lie.Digest, EnvelopeDigest = Digest.Of(envelope) };
            answers[(honest.Index, Answer.OtherDigest)] = honest with { DeliveryDigest = Digest.Random() };
            answers[(honest.Index, Answer.Garbage)] = honest with { EnvelopeDigest = Digest.Of(garbage) };
            answers[(honest.Index, Answer.Anothers)] = honest with { DeliveryDigest = next.DeliveryDigest, EnvelopeDigest = next.EnvelopeDigest };
            answers[(honest.Index, Answer.Nothing)] = honest with { EnvelopeDigest = Digest.Random() };
        }

        // Honest seats are as frequent as all else together, so that both outcomes are.
        Gen<Answer[]> committees = Gen.ArrayOf(Gen.Frequency((6, Gen.Constant(Answer.Honest)), (6, Gen.Elements(Enum.GetValues<Answer>()))), 5);
        int[] opened = new int[2];
        Prop.ForAll(committees.ToArbitrary(), committee =>
        {
            bool succeeded = JudgeAsync(story, request, record, answers, committee).GetAwaiter().GetResult();
            opened[succeeded ? 1 : 0]++;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases));
        Assert.True(opened.All(count => count > 0), string.Join(' ', opened));
    }

    private static async Task<bool> JudgeAsync(Story story, RequestId request, RequestRecord record, Dictionary<(int Seat, Answer Answer), DeliveryRecord> answers, Answer[] committee)
    {
        (int Seat, Answer Answer)[] seats = [.. committee.Select((answer, i) => (i + 1, answer))];
        RequestRecord shown = record with { Deliveries = [.. seats.Where(seat => seat.Answer != Answer.Absent).Select(seat => answers[seat])] };
        var services = new ConsentServices
        {
            Ledger = new LyingLedger(story.World.Ledger, _ => shown),
            Records = story.World.Services.Records,
            Exchange = story.World.Services.Exchange,
            Time = story.Clock,
        };
        (IdentityKeys keys, ISecretStore secrets, LicenceCredential licence) = story.World.DoctorDesk;
        OpenResult result = await new DoctorClient(services, keys, secrets, licence).OpenAsync(request, new FolderDestination(Path.Combine(story.Folder, "opened", Guid.NewGuid().ToString("n"))));

        int[] honest = [.. seats.Where(seat => seat.Answer == Answer.Honest).Select(seat => seat.Seat)];
        int[] bad = [.. seats.Where(seat => seat.Answer is not (Answer.Honest or Answer.Absent)).Select(seat => seat.Seat)];
        Assert.Equal((honest.Length >= record.Threshold, honest.Length >= record.Threshold ? 2 : 0), (result.Succeeded, result.Files.Count));
        Assert.Equal(honest, result.Served.Order());
        Assert.Equal(bad, result.Faults.Select(fault => fault.Index).Distinct().Order());
        Assert.All(result.Faults, fault => Assert.Equal((FaultyParty.Oracle, record.Committee[fault.Index - 1].Oracle), (fault.Party, fault.Actor)));

        // A lie under the oracle's own signature is evidence; the rest is not.
        Assert.Equal(seats.Count(seat => seat.Answer == Answer.FalseFragments), result.Proofs.Count);
        return result.Succeeded;
    }
}
