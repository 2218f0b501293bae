using Phr.Crypto;

namespace Phr.Consent;

// What oracles lose who sign for false deliveries.
public sealed partial class ConsentState
{
    private readonly Dictionary<ActorId, List<DisputeRecord>> _disputes = [];

    /// <summary>The disputes that an oracle lost, in the order in which they were decided.</summary>
    /// <param name="oracle">The oracle.</param>
    /// <returns>The records.</returns>
    public IReadOnlyList<DisputeRecord> ListDisputes(ActorId oracle) => _disputes.TryGetValue(oracle, out List<DisputeRecord>? disputes) ? [.. disputes] : [];

    private Refusal? On(DisputeDelivery c, Turn turn)
    {
        Refusal? refusal = FindAccused(c.Delivery) ?? FindForeign(c.Delivery, c.DeliverySignature);
        if (refusal is null)
        {
            refusal = c.Evidence.Judge(c.Delivery.ToStatement(Id)) switch
            {
                DeliveryVerdict.False => null,
                DeliveryVerdict.Holds => Refuse(LedgerError.DeliveryHolds, "What the evidence was to show broken holds."),
                _ => Refuse(LedgerError.BadEvidence, "The evidence is not well formed, or not about this delivery."),
            };
        }

        if (refusal is null)
        {
            EmitDispute(c.Delivery, c.Actor, c.Evidence.Check, turn);
        }

        return refusal;
    }

    private Refusal? On(DisputeEquivocation c, Turn turn)
    {
        Refusal? refusal = FindAccused(c.Delivery)
            ?? FindForeign(c.Delivery, c.DeliverySignature)
            ?? FindForeign(c.Other, c.OtherSignature)
            ?? (c.Delivery with { EvidenceRoot = c.Other.EvidenceRoot, ReceivingKeyHash = c.Other.ReceivingKeyHash, Root = c.Other.Root } != c.Other
                ? Refuse(LedgerError.BadEvidence, "The two are for different jobs.")
            : c.Delivery == c.Other ? Refuse(LedgerError.DeliveryHolds, "The two are one.")
            : null);
        if (refusal is null)
        {
            EmitDispute(c.Delivery, c.Actor, DeliveryCheck.Equivocation, turn);
        }

        return refusal;
    }

    private Refusal? FindAccused(DisputedDelivery delivery) =>
        Find(delivery.Oracle) is not { Reputation: not null } oracle ? Refuse(LedgerError.NotFound, "There is no such oracle.")
        : oracle.Slashes != delivery.Slashes ? Refuse(LedgerError.StaleEpoch, "The oracle's bond was taken since, or not as often as the delivery says.")
        : null;

    /// <summary>Whether a delivery was not signed by an address that serves or served its oracle. A replaced key counts on: else replacing it would undo what was signed.</summary>
    private Refusal? FindForeign(DisputedDelivery delivery, RecoverableSignature signature) =>
        delivery.ToStatement(Id).RecoverSigner(signature) is { } signer && _addresses.TryGetValue(signer, out ActorId actor) && actor == delivery.Oracle
            ? null
            : Refuse(LedgerError.BadEvidence, "The oracle did not sign this delivery.");

    private void EmitDispute(DisputedDelivery delivery, ActorId challenger, DeliveryCheck check, Turn turn)
    {
        EmitSlash(delivery.Oracle, challenger, turn);
        turn.Emit(new DeliveryDisputed
        {
            RequestId = delivery.RequestId,
            Oracle = delivery.Oracle,
            Challenger = challenger,
            Round = delivery.Round,
            Use = delivery.Use,
            Index = delivery.Index,
            Check = check,
        });
        turn.Emit(new ReputationChanged
        {
            RequestId = delivery.RequestId,
            Oracle = delivery.Oracle,
            Reputation = _actors[delivery.Oracle].Reputation!.Observe(ReputationTerm.Correctness, 0, turn.Now) with { Correctness = 0 },
        });
    }

    private void Apply(DeliveryDisputed e, DateTimeOffset now)
    {
        if (!_disputes.TryGetValue(e.Oracle, out List<DisputeRecord>? disputes))
        {
            _disputes[e.Oracle] = disputes = [];
        }

        disputes.Add(new DisputeRecord
        {
            RequestId = e.RequestId,
            Oracle = e.Oracle,
            Challenger = e.Challenger,
            Round = e.Round,
            Use = e.Use,
            Index = e.Index,
            Check = e.Check,
            Time = now,
        });
    }
}
