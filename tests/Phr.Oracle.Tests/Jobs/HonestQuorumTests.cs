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
    /// <summary>What one seat did.</summary>
    public enum Answer
    {
        /// <summary>It delivered what it should.</summary>
        Honest,

        /// <summary>It did nothing.</summary>
        Absent,

        /// <summary>It re-encrypted wrongly, and signed for it.</summary>
        FalseFragments,

        /// <summary>It re-encrypted one of the two documents wrongly, and signed for it: the other one is good.</summary>
        FalseInOneDocument,

        /// <summary>It recorded another delivery than it put into the exchange.</summary>
        OtherDigest,

        /// <summary>It put bytes into the exchange that do not open.</summary>
        Garbage,

        /// <summary>It passed the next seat's delivery for its own.</summary>
        Anothers,

        /// <summary>It put nothing into the exchange.</summary>
        Nothing,
    }

    /// <summary>Who approves, besides whom the oracles answer.</summary>
    public enum Approvers
    {
        /// <summary>The patient alone.</summary>
        Patient,

        /// <summary>Two guardians and the agency's desk; and the hospital, whose fragments do not hide its share.</summary>
        TrusteesOneOfThemBad,
    }

    [Theory]
    [InlineData(2, 3, Approvers.Patient, 30)]
    [InlineData(3, 5, Approvers.Patient, 30)]
    [InlineData(6, 10, Approvers.Patient, 15)]
    [InlineData(2, 3, Approvers.TrusteesOneOfThemBad, 15)]
    [InlineData(3, 5, Approvers.TrusteesOneOfThemBad, 15)]
    public async Task OpenAsync_AnyAnswersOfTheSeats_OpensIfAndOnlyIfMAreHonestAndNamesEveryBadOne(int threshold, int size, Approvers approvers, int cases)
    {
        await using Story story = await Story.BeginAsync(committee: (threshold, size));
        RequestId request = await story.RequestAsync();
        ActorId? liar = null;
        if (approvers == Approvers.Patient)
        {
            await story.World.Patient.ConsentAsync(request);
        }
        else
        {
            liar = await ApproveAsync(story, request);
        }

        int[] seats = [.. Enumerable.Range(1, size)];
        await story.ServeAsync(request, seats);
        RequestRecord record = await story.ReadAsync(request);
        Assert.Equal(size, record.Deliveries.Count);
        byte[] garbage = [.. Enumerable.Range(0, 500).Select(i => (byte)(i % 251))];
        await story.World.Services.Exchange.PutBlockAsync(garbage);
        var answers = new Dictionary<(int Seat, Answer Answer), DeliveryRecord>();
        foreach (DeliveryRecord honest in record.Deliveries)
        {
            SampleOracle oracle = await story.SeatAsync(request, honest.Index);
            DeliveryRecord next = record.Delivery((honest.Index % size) + 1)!;
            answers[(honest.Index, Answer.Honest)] = honest;
            answers[(honest.Index, Answer.FalseFragments)] = await LieAsync(story, oracle, request, honest, _ => 0);
            answers[(honest.Index, Answer.FalseInOneDocument)] = await LieAsync(story, oracle, request, honest, fragments => fragments / 2);
            answers[(honest.Index, Answer.OtherDigest)] = honest with { DeliveryDigest = Digest.Random() };
            answers[(honest.Index, Answer.Garbage)] = honest with { EnvelopeDigest = Digest.Of(garbage) };
            answers[(honest.Index, Answer.Anothers)] = honest with { DeliveryDigest = next.DeliveryDigest, EnvelopeDigest = next.EnvelopeDigest };
            answers[(honest.Index, Answer.Nothing)] = honest with { EnvelopeDigest = Digest.Random() };
        }

        // Honest seats are twice as frequent as all else together, so that both outcomes are, also where more than half have to be.
        Gen<Answer[]> committees = Gen.ArrayOf(Gen.Frequency((2, Gen.Constant(Answer.Honest)), (1, Gen.Elements(Enum.GetValues<Answer>()))), size);
        int[] opened = new int[3];
        Prop.ForAll(committees.ToArbitrary(), committee => opened[JudgeAsync(story, request, record, answers, committee, liar).GetAwaiter().GetResult()]++)
            .Check(Config.QuickThrowOnFailure.WithMaxTest(cases));
        Assert.True(opened[2] > 0, string.Join(' ', opened));

        // What chance may have left out: exactly m, one fewer, and one fewer with one that is good for one document.
        foreach ((Answer last, int documents) in new[] { (Answer.Honest, 2), (Answer.FalseFragments, 0), (Answer.FalseInOneDocument, 1) })
        {
            Answer[] committee = [.. seats.Select(seat => seat < threshold ? Answer.Honest : seat == threshold ? last : Answer.Garbage)];
            Assert.Equal(documents, await JudgeAsync(story, request, record, answers, committee, liar));
        }
    }

    // Gives the trustee that lied.
    private static async Task<ActorId> ApproveAsync(Story story, RequestId request)
    {
        ConsentServices services = story.World.Services;
        IdentityKeys keys = story.World.SourceHospitals[0].Keys;
        var lying = new ConsentServices { Ledger = new LyingTrustee(services.Ledger, services.Exchange, keys), Records = services.Records, Exchange = services.Exchange, Time = services.Time };
        var hospital = new TrusteeClient(lying, keys, story.World.HospitalDevice);
        TrusteeClient[] approvers = [hospital, story.World.Guardians[0], story.World.Guardians[1], story.World.Regulator];
        foreach (TrusteeClient trustee in approvers)
        {
            await trustee.ApproveAsync(request);
        }

        story.Clock.Advance(TimeSpan.FromMinutes(11));
        foreach (TrusteeClient trustee in approvers)
        {
            await trustee.ReleaseAsync();
        }

        return keys.Id;
    }

    private static async Task<DeliveryRecord> LieAsync(Story story, SampleOracle oracle, RequestId request, DeliveryRecord honest, Func<int, int> truths)
    {
        (OracleDelivery lie, byte[] envelope, _) = await LyingOracle.MakeAsync(story.World.Services, oracle.Identity, oracle.Secrets, request, CancellationToken.None, truths);
        await story.World.Services.Exchange.PutBlockAsync(envelope);
        return honest with { DeliveryDigest = lie.Digest, EnvelopeDigest = Digest.Of(envelope) };
    }

    // Gives the number of documents that opened, which is the right one.
    private static async Task<int> JudgeAsync(Story story, RequestId request, RequestRecord record, Dictionary<(int Seat, Answer Answer), DeliveryRecord> answers, Answer[] committee, ActorId? liar)
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
        var doctor = new DoctorClient(services, keys, secrets, licence) { DisputesWhenOpening = false };
        OpenResult result = await doctor.OpenAsync(request, new FolderDestination(Path.Combine(story.Folder, "opened", Guid.NewGuid().ToString("n"))));

        int[] honest = [.. seats.Where(seat => seat.Answer == Answer.Honest).Select(seat => seat.Seat)];
        int[] bad = [.. seats.Where(seat => seat.Answer is not (Answer.Honest or Answer.Absent)).Select(seat => seat.Seat)];
        int half = honest.Length + seats.Count(seat => seat.Answer == Answer.FalseInOneDocument);
        int documents = (honest.Length >= record.Threshold ? 1 : 0) + (half >= record.Threshold ? 1 : 0);
        Assert.Equal((documents == 2, documents), (result.Succeeded, result.Files.Count));
        Assert.Equal(honest, result.Served.Order());
        ILookup<FaultyParty, ContributionFault> faults = result.Faults.ToLookup(fault => fault.Party);
        Assert.Equal(bad, faults[FaultyParty.Oracle].Select(fault => fault.Index).Distinct().Order());
        Assert.All(faults[FaultyParty.Oracle], fault => Assert.Equal(record.Committee[fault.Index - 1].Oracle, fault.Actor));
        Assert.Equal(liar is { } trustee ? [trustee] : [], faults[FaultyParty.Trustee].Select(fault => fault.Actor).Distinct());
        Assert.Equal(result.Faults.Count, faults[FaultyParty.Oracle].Count() + faults[FaultyParty.Trustee].Count());

        // A lie under the oracle's own signature is evidence; the rest is not.
        Assert.Equal(seats.Count(seat => seat.Answer is Answer.FalseFragments or Answer.FalseInOneDocument), result.Proofs.Count);
        return documents;
    }
}
