using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

public class RecoveryTests
{
    private static readonly Person _found = Person.Of("the patient's new key");

    [Fact]
    public void Recovery_Quorum_ReplacesTheKeyAfterTheDelay()
    {
        LedgerWorld world = Proposed(out ProposeRecovery proposal);
        world.Refused(LedgerError.BelowQuorum, new CompleteRecovery { Actor = world.Doctor.Id, Patient = world.Patient.Id });
        Support(world, 1, 1);
        Support(world, 1, 3);
        Assert.Null(world.State.GetRecovery(world.Patient.Id)!.EffectiveAt);
        Support(world, 2, 1);
        Assert.Equal(world.Now + world.Parameters.RecoveryDelay, world.State.GetRecovery(world.Patient.Id)!.EffectiveAt);
        world.Refused(LedgerError.WrongState, Supporting(world, 3, 1));
        world.Refused(LedgerError.NotYet, new CompleteRecovery { Actor = world.Doctor.Id, Patient = world.Patient.Id });
        world.Pass(world.Parameters.RecoveryDelay);
        world.Do(new CompleteRecovery { Actor = world.Doctor.Id, Patient = world.Patient.Id });
        ActorRecord patient = world.State.GetActor(world.Patient.Id)!;
        Assert.Equal((_found.Id, proposal.KeyRecordDigest), (patient.LedgerAddress, patient.KeyRecordDigest));
        Assert.Null(world.State.GetRecovery(world.Patient.Id));
        RevokeBundle revoke = new() { Actor = world.Patient.Id, BundleId = world.Bundle, ReasonCode = 1 };
        Assert.Equal(LedgerError.BadSignature, world.TrySigned(revoke, world.Patient.Key).Error);
        Assert.True(world.TrySigned(revoke, _found.Key).IsAccepted);
    }

    [Fact]
    public void Recovery_PatientCancels_NothingHappens()
    {
        LedgerWorld world = Proposed(out _);
        Support(world, 1, 1);
        Support(world, 1, 2);
        Support(world, 3, 1);
        world.Pass(world.Parameters.RecoveryDelay);
        world.Refused(LedgerError.NotFound, new CancelRecovery { Actor = world.Doctor.Id });
        world.Do(new CancelRecovery { Actor = world.Patient.Id });
        world.Refused(LedgerError.NotFound, new CompleteRecovery { Actor = world.Doctor.Id, Patient = world.Patient.Id });
        Assert.Equal(world.Patient.Id, world.State.GetActor(world.Patient.Id)!.LedgerAddress);
    }

    [Fact]
    public void ProposeRecovery_Refusals_AreNamed()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        ProposeRecovery proposal = Proposal(world);
        world.Refused(LedgerError.NotATrustee, proposal with { Actor = world.Doctor.Id });
        world.Refused(LedgerError.NotATrustee, proposal with { Actor = world.Patient.Id });
        world.Refused(LedgerError.NotYours, proposal with { Patient = world.Doctor.Id });
        world.Refused(LedgerError.NotFound, proposal with { Patient = world.Stranger.Id });
        world.Refused(LedgerError.NotFound, proposal with { BundleId = BundleId.FromBytes(new byte[32]) });
        world.Refused(LedgerError.AddressInUse, proposal with { NewLedgerAddress = world.Guardians[0].Id });
        world.Refused(LedgerError.Malformed, proposal with { KeyRecordDigest = default });
        world.Refused(LedgerError.Expired, proposal with { ValidUntil = world.Now });
        world.Do(proposal);
        world.Refused(LedgerError.AlreadyExists, proposal with { Actor = world.Guardians[1].Id });
        world.Pass(world.Parameters.RecoveryDelay);
        world.Refused(LedgerError.Expired, Supporting(world, 1, 1));
        world.Do(proposal with { Actor = world.Guardians[1].Id });
    }

    [Fact]
    public void SupportRecovery_WrongSeatAddressOrTwice_IsRefused()
    {
        LedgerWorld world = Proposed(out _);
        world.Refused(LedgerError.NotATrustee, Supporting(world, 1, 1) with { Seat = new TrusteeSeat(1, 2) });
        world.Refused(LedgerError.StaleDigest, Supporting(world, 1, 1) with { NewLedgerAddress = world.Stranger.Id });
        world.Refused(LedgerError.NotFound, Supporting(world, 1, 1) with { Patient = world.Doctor.Id });
        Support(world, 1, 1);
        world.Refused(LedgerError.AlreadyExists, Supporting(world, 1, 1));
        world.Do(new SuspendActor { Actor = world.Agency.Id, Subject = world.Guardians[0].Id, ReasonCode = 1 });
        Support(world, 1, 2);
        Support(world, 2, 1);
        Assert.Null(world.State.GetRecovery(world.Patient.Id)!.EffectiveAt);
        Support(world, 3, 1);
        Assert.NotNull(world.State.GetRecovery(world.Patient.Id)!.EffectiveAt);
    }

    [Fact]
    public void Recovery_NewDealingMeanwhile_DecidesNoMore()
    {
        LedgerWorld world = Proposed(out ProposeRecovery proposal);
        Support(world, 1, 1);
        Support(world, 1, 2);
        Support(world, 3, 1);
        world.ActivateNewDealing();
        world.Pass(world.Parameters.RecoveryDelay);
        world.Refused(LedgerError.StaleEpoch, new CompleteRecovery { Actor = world.Doctor.Id, Patient = world.Patient.Id });
        world.Do(proposal);
    }

    private static LedgerWorld Proposed(out ProposeRecovery proposal)
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        proposal = Proposal(world);
        world.Do(proposal);
        return world;
    }

    private static ProposeRecovery Proposal(LedgerWorld world) => new()
    {
        Actor = world.Guardians[0].Id,
        Patient = world.Patient.Id,
        BundleId = world.Bundle,
        NewLedgerAddress = _found.Id,
        KeyRecordDigest = world.Fresh(),
        ValidUntil = world.Later,
    };

    private static SupportRecovery Supporting(LedgerWorld world, int group, int member) => new()
    {
        Actor = world.Policy.FindMember(new TrusteeSeat(group, member))!.Identity,
        Patient = world.Patient.Id,
        NewLedgerAddress = _found.Id,
        Seat = new TrusteeSeat(group, member),
    };

    private static void Support(LedgerWorld world, int group, int member) => world.Do(Supporting(world, group, member));
}
