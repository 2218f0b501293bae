using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

/// <summary>Insurance claims: levels, who may decide, appeal, end.</summary>
public class ClaimTests
{
    private static readonly Person _insurer = Person.Of("insurer");
    private static readonly Person _otherInsurer = Person.Of("other insurer");

    [Fact]
    public void FileClaim_ThroughEveryLevel_IsApprovedByTheInsurer()
    {
        LedgerWorld world = World();
        Digest claim = File(world, 50_000);
        Assert.Equal((ClaimStatus.AwaitingDoctor, 1, true), (At(world, claim).Status, At(world, claim).Level, At(world, claim).AgencyReviews));
        world.Do(new EndorseClaim { Actor = world.Doctor.Id, ClaimId = claim, OpinionDigest = world.Fresh() });
        world.Do(new EndorseClaim { Actor = world.Hospital.Id, ClaimId = claim });
        world.Do(new EndorseClaim { Actor = world.Agency.Id, ClaimId = claim });
        world.Refused(LedgerError.WrongState, new EndorseClaim { Actor = _insurer.Id, ClaimId = claim });
        world.Do(new ApproveClaim { Actor = _insurer.Id, ClaimId = claim, Amount = 50_000 });
        ClaimRecord record = At(world, claim);
        Assert.Equal((ClaimStatus.Approved, 50_000ul, false), (record.Status, record.ApprovedAmount, record.MayAppeal));
        Assert.Equal([1, 2, 3, 4], record.Steps.Select(s => s.Level));
        Assert.Equal([world.Doctor.Id, world.Hospital.Id, world.Agency.Id, _insurer.Id], record.Steps.Select(s => s.Actor));
        world.Refused(LedgerError.WrongState, new AppealClaim { Actor = world.Patient.Id, ClaimId = claim });
        world.Refused(LedgerError.WrongState, new WithdrawClaim { Actor = world.Patient.Id, ClaimId = claim });
    }

    [Theory]
    [InlineData(99_999, false)]
    [InlineData(100_000, true)]
    [InlineData(100_001, true)]
    public void FileClaim_InsurerSetAThreshold_TheAgencyReviewsFromItOn(ulong amount, bool reviewed)
    {
        LedgerWorld world = World();
        world.Do(new SetReviewThreshold { Actor = _insurer.Id, Currency = "INR", Threshold = 100_000 });
        Digest claim = File(world, amount);
        world.Do(new SetReviewThreshold { Actor = _insurer.Id, Currency = "INR", Threshold = 1 });
        Assert.Equal(reviewed, At(world, claim).AgencyReviews);
        Assert.True(At(world, File(world, 1, currency: "EUR")).AgencyReviews);
        world.Do(new EndorseClaim { Actor = world.Doctor.Id, ClaimId = claim });
        world.Do(new EndorseClaim { Actor = world.Hospital.Id, ClaimId = claim });
        Assert.Equal(reviewed ? ClaimStatus.AwaitingAgency : ClaimStatus.AwaitingInsurer, At(world, claim).Status);
    }

    [Fact]
    public void SetReviewThreshold_ByAnybodyButAnInsurer_IsRefused()
    {
        LedgerWorld world = World();
        world.Refused(LedgerError.WrongRole, new SetReviewThreshold { Actor = world.Agency.Id, Currency = "INR", Threshold = 1 });
        world.Refused(LedgerError.Malformed, new SetReviewThreshold { Actor = _insurer.Id, Currency = "inr", Threshold = 1 });
        world.Refused(LedgerError.Malformed, new SetReviewThreshold { Actor = _insurer.Id, Currency = "RS", Threshold = 1 });
    }

    [Fact]
    public void FileClaim_WithPartiesThatAreNone_IsRefused()
    {
        LedgerWorld world = World();
        FileClaim good = Draft(world, 10);
        world.Refused(LedgerError.Malformed, good with { Amount = 0 });
        world.Refused(LedgerError.Malformed, good with { Currency = "R1R" });
        world.Refused(LedgerError.Malformed, good with { EvidenceCommitment = default });
        world.Refused(LedgerError.WrongRole, good with { Actor = world.Guardians[0].Id });
        world.Refused(LedgerError.NotFound, good with { Insurer = world.Stranger.Id });
        world.Refused(LedgerError.WrongRole, good with { Insurer = world.Hospital.Id });
        world.Refused(LedgerError.WrongRole, good with { Doctor = world.Hospital.Id });
        world.Refused(LedgerError.WrongRole, good with { Hospital = world.Doctor.Id });
        world.Refused(LedgerError.NotFound, good with { Doctor = world.Stranger.Id });
        world.Refused(LedgerError.Expired, good with { NotAfter = world.Now });
        world.Refused(LedgerError.Malformed, good with { NotAfter = world.Now + LedgerLimits.ClaimLifetime + TimeSpan.FromSeconds(1) });
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = _insurer.Id, ReasonCode = 1 });
        world.Refused(LedgerError.Suspended, good);
        world.Do(new ReinstateActor { Actor = world.Agency.Id, Subject = _insurer.Id, ReasonCode = 1 });
        world.Do(good);
        world.Refused(LedgerError.AlreadyExists, good);
    }

    [Fact]
    public void FileClaim_PatientWhoIsTheDoctor_DecidesOnNoClaimOfTheirOwn()
    {
        LedgerWorld world = World();
        Person both = Person.Of("doctor and patient");
        world.Admit(world.Register(both, ActorRoles.Doctor | ActorRoles.Patient));
        world.Refused(LedgerError.WrongRole, Draft(world, 10) with { Actor = both.Id, Doctor = both.Id });
        world.Do(Draft(world, 10) with { Actor = both.Id });
    }

    [Fact]
    public void EndorseClaim_OutOfTurnOrUnfit_IsRefused()
    {
        LedgerWorld world = World();
        Digest claim = File(world, 10);
        world.Refused(LedgerError.NotFound, new EndorseClaim { Actor = world.Doctor.Id, ClaimId = world.Fresh() });
        foreach (Person other in (Person[])[world.Patient, world.Hospital, world.Agency, _insurer])
        {
            world.Refused(LedgerError.NotYours, new EndorseClaim { Actor = other.Id, ClaimId = claim });
            world.Refused(LedgerError.NotYours, new RejectClaim { Actor = other.Id, ClaimId = claim, ReasonCode = 1 });
            world.Refused(LedgerError.NotYours, new ApproveClaim { Actor = other.Id, ClaimId = claim, Amount = 1 });
        }

        world.Do(new WithdrawLicence { Actor = world.Agency.Id, Doctor = world.Doctor.Id, ReasonCode = 1 });
        world.Refused(LedgerError.LicenceMissing, new EndorseClaim { Actor = world.Doctor.Id, ClaimId = claim });
        world.Do(new RecordLicence { Actor = world.Agency.Id, Doctor = world.Doctor.Id, CredentialDigest = world.Fresh(), Speciality = "cardiology", NotAfter = world.Now + TimeSpan.FromDays(1) });
        world.Do(new EndorseClaim { Actor = world.Doctor.Id, ClaimId = claim });
        world.Refused(LedgerError.NotYours, new EndorseClaim { Actor = world.Doctor.Id, ClaimId = claim });
        world.Do(new EndorseClaim { Actor = world.Hospital.Id, ClaimId = claim });
        world.Refused(LedgerError.WrongRole, new EndorseClaim { Actor = _insurer.Id, ClaimId = claim });
        world.Do(new EndorseClaim { Actor = world.Agency.Id, ClaimId = claim });
        world.Refused(LedgerError.NotYours, new ApproveClaim { Actor = _otherInsurer.Id, ClaimId = claim, Amount = 1 });
        world.Refused(LedgerError.Malformed, new ApproveClaim { Actor = _insurer.Id, ClaimId = claim, Amount = 11 });
        world.Refused(LedgerError.Malformed, new ApproveClaim { Actor = _insurer.Id, ClaimId = claim, Amount = 0 });
    }

    [Fact]
    public void AppealClaim_AfterARejection_GoesToTheAgencyAndBackOnce()
    {
        LedgerWorld world = World();
        Digest claim = File(world, 10);
        world.Refused(LedgerError.WrongState, new AppealClaim { Actor = world.Patient.Id, ClaimId = claim });
        world.Do(new RejectClaim { Actor = world.Doctor.Id, ClaimId = claim, ReasonCode = 7 });
        Assert.Equal((ClaimStatus.Rejected, true), (At(world, claim).Status, At(world, claim).MayAppeal));
        world.Refused(LedgerError.WrongState, new EndorseClaim { Actor = world.Doctor.Id, ClaimId = claim });
        world.Refused(LedgerError.NotYours, new AppealClaim { Actor = world.Doctor.Id, ClaimId = claim });
        world.Do(new AppealClaim { Actor = world.Patient.Id, ClaimId = claim, GroundsDigest = world.Fresh() });
        world.Refused(LedgerError.WrongRole, new DecideAppeal { Actor = _insurer.Id, ClaimId = claim, SendBack = false });
        world.Do(new DecideAppeal { Actor = world.Agency.Id, ClaimId = claim, SendBack = true, FindingDigest = world.Fresh() });
        Assert.Equal(ClaimStatus.AwaitingInsurer, At(world, claim).Status);
        world.Do(new RejectClaim { Actor = _insurer.Id, ClaimId = claim, ReasonCode = 8 });
        Assert.Equal((ClaimStatus.Rejected, false), (At(world, claim).Status, At(world, claim).MayAppeal));
        world.Refused(LedgerError.AlreadyExists, new AppealClaim { Actor = world.Patient.Id, ClaimId = claim });
    }

    [Fact]
    public void AppealClaim_AgainstAPartialApproval_TakesNothingAway()
    {
        LedgerWorld world = World();
        Digest sent = Approved(world, 6), upheld = Approved(world, 6), expired = Approved(world, 6);
        foreach (Digest claim in (Digest[])[sent, upheld, expired])
        {
            world.Do(new AppealClaim { Actor = world.Patient.Id, ClaimId = claim });
        }

        world.Do(new DecideAppeal { Actor = world.Agency.Id, ClaimId = sent, SendBack = true });
        world.Refused(LedgerError.WrongState, new RejectClaim { Actor = _insurer.Id, ClaimId = sent, ReasonCode = 1 });
        world.Refused(LedgerError.Malformed, new ApproveClaim { Actor = _insurer.Id, ClaimId = sent, Amount = 5 });
        world.Do(new ApproveClaim { Actor = _insurer.Id, ClaimId = sent, Amount = 7 });
        Assert.Equal((ClaimStatus.Approved, 7ul), (At(world, sent).Status, At(world, sent).ApprovedAmount));

        world.Do(new DecideAppeal { Actor = world.Agency.Id, ClaimId = upheld, SendBack = false });
        Assert.Equal((ClaimStatus.Approved, 6ul), (At(world, upheld).Status, At(world, upheld).ApprovedAmount));

        world.Pass(TimeSpan.FromDays(30));
        world.Do(new ExpireClaim { Actor = world.Guardians[0].Id, ClaimId = expired });
        Assert.Equal((ClaimStatus.Approved, 6ul), (At(world, expired).Status, At(world, expired).ApprovedAmount));

        static Digest Approved(LedgerWorld world, ulong amount)
        {
            Digest claim = File(world, 10);
            world.Do(new EndorseClaim { Actor = world.Doctor.Id, ClaimId = claim });
            world.Do(new EndorseClaim { Actor = world.Hospital.Id, ClaimId = claim });
            world.Do(new EndorseClaim { Actor = world.Agency.Id, ClaimId = claim });
            world.Do(new ApproveClaim { Actor = _insurer.Id, ClaimId = claim, Amount = amount });
            return claim;
        }
    }

    [Fact]
    public void ExpireClaim_TimeOver_EndsItAndNothingElseIsDone()
    {
        LedgerWorld world = World();
        Digest claim = File(world, 10), rejected = File(world, 10), withdrawn = File(world, 10);
        world.Do(new RejectClaim { Actor = world.Doctor.Id, ClaimId = rejected, ReasonCode = 1 });
        world.Refused(LedgerError.NotYours, new WithdrawClaim { Actor = world.Doctor.Id, ClaimId = withdrawn });
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = world.Patient.Id, ReasonCode = 1 });
        world.Do(new WithdrawClaim { Actor = world.Patient.Id, ClaimId = withdrawn });
        world.Do(new ReinstateActor { Actor = world.Agency.Id, Subject = world.Patient.Id, ReasonCode = 1 });
        Assert.Equal(ClaimStatus.Withdrawn, At(world, withdrawn).Status);
        world.Refused(LedgerError.NotYet, new ExpireClaim { Actor = world.Doctor.Id, ClaimId = claim });
        world.Pass(TimeSpan.FromDays(30));
        world.Refused(LedgerError.Expired, new EndorseClaim { Actor = world.Doctor.Id, ClaimId = claim });
        world.Refused(LedgerError.Expired, new AppealClaim { Actor = world.Patient.Id, ClaimId = rejected });
        world.Do(new ExpireClaim { Actor = world.Doctor.Id, ClaimId = claim });
        Assert.Equal(ClaimStatus.Expired, At(world, claim).Status);
        world.Refused(LedgerError.WrongState, new ExpireClaim { Actor = world.Doctor.Id, ClaimId = rejected });
        Assert.Equal([claim], world.State.ListClaims(new ClaimFilter { Patient = world.Patient.Id, Status = ClaimStatus.Expired }).Select(c => c.Id));
        Assert.Equal(3, world.State.ListClaims(new ClaimFilter { Insurer = _insurer.Id, Doctor = world.Doctor.Id, Hospital = world.Hospital.Id }).Count);
    }

    [Fact]
    public void ComputeId_AnyOtherFact_IsAnotherClaim()
    {
        LedgerWorld world = World();
        FileClaim c = Draft(world, 10);
        Digest[] ids =
        [
            c.ComputeId(LedgerWorld.Id), c.ComputeId(LedgerWorld.Id with { ChainId = 5 }), (c with { Actor = world.Doctor.Id }).ComputeId(LedgerWorld.Id),
            (c with { Insurer = world.Doctor.Id }).ComputeId(LedgerWorld.Id), (c with { Amount = 11 }).ComputeId(LedgerWorld.Id), (c with { Currency = "EUR" }).ComputeId(LedgerWorld.Id),
            (c with { RelatedTo = world.Fresh() }).ComputeId(LedgerWorld.Id), (c with { EvidenceDigest = world.Fresh() }).ComputeId(LedgerWorld.Id),
            (c with { EvidenceCommitment = world.Fresh() }).ComputeId(LedgerWorld.Id), (c with { NotAfter = c.NotAfter.AddSeconds(1) }).ComputeId(LedgerWorld.Id), (c with { Salt = world.Fresh() }).ComputeId(LedgerWorld.Id),
        ];
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    /// <summary>The same facts as in contracts/test/Claims.t.sol, which expects the same id.</summary>
    [Fact]
    public void ComputeId_OfTheSharedVector_IsWhatTheContractComputes()
    {
        var claim = new FileClaim
        {
            Actor = Address(1), Insurer = Address(2), Doctor = Address(3), Hospital = Address(4), Amount = 123_456_789, Currency = "INR",
            RelatedTo = Word(5), EvidenceCommitment = Word(6), EvidenceDigest = Word(7), NotAfter = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000), Salt = Word(8),
        };
        Assert.Equal("b04b6fa22f67e954f3bef97d6dea79a0f1b6aa90500777dca0ab1587b28eaa07", claim.ComputeId(new LedgerId(31337, Address(9))).ToString());

        static ActorId Address(byte last) => ActorId.FromBytes([.. new byte[19], last]);
        static Digest Word(byte last) => Digest.FromBytes([.. new byte[31], last]);
    }

    /// <summary>Whatever is tried in whatever order: levels are climbed one at a time, nothing decided is undecided but by the one appeal, and no approval falls.</summary>
    [Fact]
    public void Claim_AnyCommands_ClimbsLevelsAndLosesNothing() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60).WithEndSize(80), Prop.ForAll<uint[]>(Climb));

    private static void Climb(uint[] script)
    {
        LedgerWorld world = World();
        Digest claim = File(world, 10);
        Person[] people = [world.Patient, world.Doctor, world.Hospital, world.Agency, _insurer, _otherInsurer];
        foreach (uint choice in script)
        {
            ActorId actor = people[choice % 6].Id;
            ClaimRecord before = At(world, claim);
            LedgerCommand command = (choice / 6 % 8) switch
            {
                0 or 1 => new EndorseClaim { Actor = actor, ClaimId = claim },
                2 => new RejectClaim { Actor = actor, ClaimId = claim, ReasonCode = 1 },
                3 or 4 => new ApproveClaim { Actor = actor, ClaimId = claim, Amount = 1 + (choice / 48 % 11) },
                5 => new AppealClaim { Actor = actor, ClaimId = claim },
                6 => new DecideAppeal { Actor = actor, ClaimId = claim, SendBack = choice / 48 % 2 == 0 },
                _ => choice / 48 % 4 == 0 ? new WithdrawClaim { Actor = actor, ClaimId = claim } : new ExpireClaim { Actor = actor, ClaimId = claim },
            };
            bool accepted = world.Try(command).IsAccepted;
            ClaimRecord after = At(world, claim);
            if (!accepted)
            {
                Assert.Equal(before, after);
                continue;
            }

            Assert.True(before.IsOpen || (command is AppealClaim && before.MayAppeal));
            Assert.True(after.ApprovedAmount >= before.ApprovedAmount && after.ApprovedAmount <= after.Amount);
            Assert.True(!before.IsAppealed || after.IsAppealed);
            Assert.True(command is not EndorseClaim || after.Level > before.Level);
            Assert.True(after.Status != ClaimStatus.Approved || after.Steps.Any(s => s.Kind == ClaimStepKind.Approved && s.Actor == _insurer.Id));
            Assert.NotEqual(world.Patient.Id, command is EndorseClaim or RejectClaim or ApproveClaim or DecideAppeal ? actor : default);
        }
    }

    private static ClaimRecord At(LedgerWorld world, Digest claim)
    {
        ClaimRecord record = world.State.GetClaim(claim)!;
        ClaimRecord replica = world.Replica.GetClaim(claim)!;
        Assert.Equal(record with { Steps = [] }, replica with { Steps = [] });
        Assert.Equal(record.Steps, replica.Steps);
        return record;
    }

    private static LedgerWorld World()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        world.Admit(world.Register(_insurer, ActorRoles.Insurer));
        world.Admit(world.Register(_otherInsurer, ActorRoles.Insurer));
        return world;
    }

    private static FileClaim Draft(LedgerWorld world, ulong amount) => new()
    {
        Actor = world.Patient.Id,
        Insurer = _insurer.Id,
        Doctor = world.Doctor.Id,
        Hospital = world.Hospital.Id,
        Amount = amount,
        Currency = "INR",
        EvidenceCommitment = world.Fresh(),
        EvidenceDigest = world.Fresh(),
        NotAfter = world.Now + TimeSpan.FromDays(30),
        Salt = world.Fresh(),
    };

    private static Digest File(LedgerWorld world, ulong amount, string currency = "INR")
    {
        FileClaim file = Draft(world, amount) with { Currency = currency };
        world.Do(file);
        return file.ComputeId(LedgerWorld.Id);
    }
}
