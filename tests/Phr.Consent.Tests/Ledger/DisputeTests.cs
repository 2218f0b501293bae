using System.Text.Json.Nodes;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Consent.Tests.Ledger;

/// <summary>Disputes on the ledger, with the evidence that the contract is tested with, too.</summary>
public class DisputeTests
{
    private const int FirstLie = 6;

    private static readonly JsonNode _file = JsonNode.Parse(File.ReadAllText(RepositoryRoot.Combine("contracts", "test", "vectors", "disputes.json")))!;

    [Fact]
    public void DisputeDelivery_FalseDelivery_TakesBondAndGoodName()
    {
        LedgerWorld world = World();
        DisputeDelivery dispute = Dispute(world, FirstLie);
        IReadOnlyList<LedgerEvent> events = world.Do(dispute);
        Assert.Equal([LedgerEventKind.NonceUsed, LedgerEventKind.BondSlashed, LedgerEventKind.DeliveryDisputed, LedgerEventKind.ReputationChanged], events.Select(e => e.Kind));
        ActorRecord oracle = world.State.GetActor(world.Oracles[0].Id)!;
        Assert.Equal((0ul, 1, 0), (oracle.Bond, oracle.Slashes, oracle.Reputation!.Correctness));
        Assert.Equal(Reputation.Prior, oracle.Reputation.Rating);
        Assert.Equal(1000ul, world.State.GetActor(world.Doctor.Id)!.Credit);
        DisputeRecord record = Assert.Single(world.State.ListDisputes(oracle.Id));
        Assert.Equal((DeliveryCheck.EquationE, world.Doctor.Id, 1), (record.Check, record.Challenger, record.Index));
        Assert.Equal(world.State.ListDisputes(oracle.Id), world.Replica.ListDisputes(oracle.Id));

        // The same evidence is spent, and so is any other about a delivery of before.
        world.Refused(LedgerError.StaleEpoch, dispute);
        world.Do(new PostBond { Actor = LedgerWorld.OperatorOf(world.Oracles[0]).Id, Oracle = world.Oracles[0].Id, Amount = 10 });
        world.Refused(LedgerError.StaleEpoch, Dispute(world, FirstLie + 2));
        Assert.Equal(10ul, world.State.GetActor(world.Oracles[0].Id)!.Bond);
    }

    [Fact]
    public void DisputeDelivery_CommittedEvidence_SlashesIfAndOnlyIfFalse()
    {
        LedgerWorld world = World();
        byte[] verdicts = Bytes(_file["verdicts"]!);
        for (int i = 0; i < verdicts.Length; i++)
        {
            LedgerDecision decision = world.Peek(Dispute(world, i));
            LedgerError expected = verdicts[i] switch { 0 => LedgerError.BadEvidence, 1 => LedgerError.DeliveryHolds, _ => LedgerError.None };
            Assert.True(decision.Error == expected, $"{_file["names"]![i]}: {decision.Error}");
        }
    }

    [Fact]
    public void DisputeDelivery_NotSignedByTheOracle_IsRefused()
    {
        LedgerWorld world = World();
        DisputeDelivery good = Dispute(world, FirstLie);
        world.Refused(LedgerError.BadEvidence, Dispute(world, FirstLie, signer: world.Oracles[1]));
        world.Refused(LedgerError.BadEvidence, good with { Delivery = good.Delivery with { Index = 2 } });
        world.Refused(LedgerError.BadEvidence, good with { Delivery = good.Delivery with { Round = 1 } });
        world.Refused(LedgerError.StaleEpoch, good with { Delivery = good.Delivery with { Slashes = 1 } });
        world.Refused(LedgerError.NotFound, good with { Delivery = good.Delivery with { Oracle = world.Doctor.Id } });
        world.Refused(LedgerError.NotFound, good with { Delivery = good.Delivery with { Oracle = world.Stranger.Id } });
        world.Refused(LedgerError.NotRegistered, good with { Actor = world.Stranger.Id });
        Assert.Equal(4000ul, world.State.GetActor(world.Oracles[0].Id)!.Bond);
    }

    [Fact]
    public void DisputeEquivocation_TwoDeliveriesOfOneJob_TakeTheBond()
    {
        LedgerWorld world = World();
        (DisputedDelivery first, RecoverableSignature one) = Delivery(world, 0, world.Oracles[0]);
        (DisputedDelivery second, RecoverableSignature other) = Signed(Delivery(world, FirstLie, world.Oracles[0]).Delivery with { RequestId = first.RequestId }, world.Oracles[0]);
        var dispute = new DisputeEquivocation { Actor = world.Patient.Id, Delivery = first, DeliverySignature = one, Other = second, OtherSignature = other };
        world.Refused(LedgerError.DeliveryHolds, dispute with { Other = first, OtherSignature = one });
        world.Refused(LedgerError.BadEvidence, dispute with { OtherSignature = one });
        (DisputedDelivery later, RecoverableSignature laterSignature) = Signed(second with { Use = 1 }, world.Oracles[0]);
        world.Refused(LedgerError.BadEvidence, dispute with { Other = later, OtherSignature = laterSignature });
        (DisputedDelivery foreign, RecoverableSignature foreignSignature) = Signed(second with { Oracle = world.Oracles[1].Id }, world.Oracles[1]);
        world.Refused(LedgerError.BadEvidence, dispute with { Other = foreign, OtherSignature = foreignSignature });
        world.Do(dispute);
        Assert.Equal((0ul, 1), (world.State.GetActor(world.Oracles[0].Id)!.Bond, world.State.GetActor(world.Oracles[0].Id)!.Slashes));
        Assert.Equal(DeliveryCheck.Equivocation, Assert.Single(world.State.ListDisputes(world.Oracles[0].Id)).Check);
    }

    [Fact]
    public void DisputeDelivery_SignedCommand_GoesThroughItsBytes()
    {
        LedgerWorld world = World();
        Assert.True(world.TrySigned(Dispute(world, FirstLie), world.Doctor.Key).IsAccepted);
    }

    private static LedgerWorld World()
    {
        LedgerWorld world = new LedgerWorld().WithPeople();
        ActorRecord oracle = world.State.GetActor(world.Oracles[0].Id)!;
        world.Do(new PostBond { Actor = LedgerWorld.OperatorOf(world.Oracles[0]).Id, Oracle = oracle.Id, Amount = 4000 - oracle.Bond });
        return world;
    }

    private static DisputeDelivery Dispute(LedgerWorld world, int index, Person? signer = null)
    {
        (DisputedDelivery delivery, RecoverableSignature signature) = Delivery(world, index, signer ?? world.Oracles[0]);
        return new DisputeDelivery { Actor = world.Doctor.Id, Delivery = delivery, DeliverySignature = signature, Evidence = DeliveryEvidence.FromBytes(Bytes(_file["evidence"]![index]!)) };
    }

    private static (DisputedDelivery Delivery, RecoverableSignature Signature) Delivery(LedgerWorld world, int index, Person signer)
    {
        byte[] words = Bytes(_file["statements"]![index]!);
        return Signed(
            new DisputedDelivery
            {
                Oracle = world.Oracles[0].Id, Slashes = 0, Round = 0, Use = 0, Index = 1,
                RequestId = RequestId.FromBytes(words.AsSpan(0, 32)),
                Root = Digest.FromBytes(words.AsSpan(32, 32)),
                EvidenceRoot = Digest.FromBytes(words.AsSpan(64, 32)),
                ReceivingKeyHash = Digest.FromBytes(words.AsSpan(96, 32)),
            },
            signer);
    }

    private static (DisputedDelivery Delivery, RecoverableSignature Signature) Signed(DisputedDelivery delivery, Person signer) =>
        (delivery, delivery.ToStatement(LedgerWorld.Id).Sign(signer.Key));

    private static byte[] Bytes(JsonNode node) => Convert.FromHexString(((string)node!)[2..]);
}
