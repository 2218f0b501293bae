using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

/// <summary>The life of a request from end to end.</summary>
public class StoryTests
{
    [Fact]
    public void Story_TrusteesGrant_OraclesServeAndReputationRises()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestId id = world.Ask();
        Assert.Equal(RequestStatus.AwaitingDraw, world.Request(id).Status);
        world.Mine();
        world.Do(new DrawCommittee { Actor = world.Patient.Id, RequestId = id });
        RequestRecord request = world.Request(id);
        Assert.Equal(RequestStatus.Open, request.Status);
        Assert.Equal(5, request.Committee.Count);
        Assert.Equal(world.DrawnAnew(request), request.Committee.Select(member => member.Number));

        world.Do(world.Approval(id, 1, 1));
        world.Do(world.Approval(id, 1, 3));
        Assert.Equal(RequestStatus.Open, world.Request(id).Status);
        Assert.Contains(world.Do(world.Approval(id, 2, 1)), e => e is GrantIssued);
        Assert.Equal(RequestStatus.VetoWindow, world.Request(id).Status);
        world.Refused(LedgerError.NotYet, world.Delivery(id, 1));
        world.Pass(world.Policy.VetoWindow);
        Assert.Equal(RequestStatus.Granted, world.Request(id).Status);
        Assert.True(world.Request(id).IsFinal(world.Now));

        Reputation before = world.ReputationOf(request.Committee[0].Oracle);
        for (int i = 1; i <= 3; i++)
        {
            world.Do(world.Delivery(id, i));
        }

        world.Do(new ConfirmOpened { Actor = world.Doctor.Id, RequestId = id });
        world.Do(new RateOracle { Actor = world.Doctor.Id, RequestId = id, Index = 1, Rating = 90 });
        world.Do(new SettleRequest { Actor = world.Patient.Id, RequestId = id });
        Assert.Equal(RequestStatus.Settled, world.Request(id).Status);
        Assert.True(world.ReputationOf(request.Committee[0].Oracle).Score > before.Score);
        Assert.Equal(before, world.ReputationOf(request.Committee[4].Oracle));
        world.Do(new RevokeGrant { Actor = world.Patient.Id, RequestId = id, ReasonCode = 3 });
        Assert.Equal(RequestStatus.Revoked, world.Request(id).Status);
        Assert.Equal(world.Snapshot(world.State), world.Snapshot(world.Replica));
    }

    [Fact]
    public void Story_EveryCommandSigned_IsAcceptedFromItsActorAlone()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        RequestAccess asking = world.Asking();
        Assert.Equal(LedgerError.BadSignature, world.TrySigned(asking, world.Stranger.Key).Error);
        Assert.True(world.TrySigned(asking, world.Doctor.Key).IsAccepted);
        RequestId id = asking.ComputeId(LedgerWorld.Id);
        world.Mine();
        Assert.True(world.TrySigned(new DrawCommittee { Actor = world.Guardians[1].Id, RequestId = id }, world.Guardians[1].Key).IsAccepted);
        ConsentToRequest consent = new() { Actor = world.Patient.Id, RequestId = id, ApprovalDigest = world.Fresh() };
        Assert.Equal(LedgerError.BadSignature, world.TrySigned(consent, world.Doctor.Key).Error);
        SignedCommand signed = SignedCommand.Sign(consent, world.State.GetNonce(world.Patient.Id), LedgerWorld.Id, world.Patient.Key);
        Assert.True(world.TrySigned(signed).IsAccepted);
        Assert.Equal(LedgerError.WrongNonce, world.TrySigned(signed).Error);
        Assert.True(world.Request(id).IsFinal(world.Now));
        Assert.True(world.Request(id).Grant!.ByPatient);
        Assert.Equal(world.Snapshot(world.State), world.Snapshot(world.Replica));
    }
}
