using Phr.Crypto;

namespace Phr.Consent;

// What oracles do with a grant, and what it does to their reputation.
public sealed partial class ConsentState
{
    private DateTimeOffset Deadline(RequestRecord request) => request.DeliveryDeadline(Parameters)!.Value;

    private Refusal? On(RecordDelivery c, Turn turn)
    {
        // Whether the doctor may still receive is the oracle's question before it re-encrypts. A record recalls nothing, and to refuse it would only cost an oracle that served a block too late.
        Refusal? refusal = FindJob(c.RequestId, c.Index, c.Actor, turn.Now, out RequestRecord request)
            ?? (request.IsFinal(turn.Now) ? null : Refuse(LedgerError.NotYet, "The patient may still veto."));
        if (refusal is null)
        {
            turn.Emit(new DeliveryRecorded { RequestId = c.RequestId, Index = c.Index, Oracle = c.Actor, DeliveryDigest = c.DeliveryDigest, EnvelopeDigest = c.EnvelopeDigest });
        }

        return refusal;
    }

    private Refusal? On(RefuseDelivery c, Turn turn)
    {
        Refusal? refusal = FindJob(c.RequestId, c.Index, c.Actor, turn.Now, out RequestRecord request)
            ?? (turn.Now > Deadline(request) ? Refuse(LedgerError.Expired, "The deadline for deliveries and refusals is over.") : null);
        if (refusal is null)
        {
            turn.Emit(new DeliveryRefused { RequestId = c.RequestId, Index = c.Index, Oracle = c.Actor, ReasonCode = c.ReasonCode });
        }

        return refusal;
    }

    /// <summary>Whether the actor sits at an index of a granted request's committee and has not answered yet.</summary>
    private Refusal? FindJob(RequestId id, int index, ActorId actor, DateTimeOffset now, out RequestRecord request) =>
        FindLive(id, now, out request)
        ?? (request.CommitteeMember(index)?.Oracle != actor ? Refuse(LedgerError.NotInCommittee, "The actor does not sit in the committee at that index.")
        : request.Grant is null ? Refuse(LedgerError.WrongState, "The request is not granted.")
        : request.Delivery(index) is not null || request.Refusals.Any(refused => refused.Index == index) ? Refuse(LedgerError.AlreadyExists, "The oracle answered already.")
        : null);

    private Refusal? On(ConfirmOpened c, Turn turn)
    {
        Refusal? refusal = FindLive(c.RequestId, turn.Now, out RequestRecord request)
            ?? (request.Doctor != c.Actor ? Refuse(LedgerError.NotYours, "Only the doctor who asked opens.")
            : request.OpenedAt is not null ? Refuse(LedgerError.AlreadyExists, "The opening is confirmed already.")
            : request.Deliveries.Count < request.Threshold ? Refuse(LedgerError.BelowQuorum, "Fewer oracles delivered than are needed to open.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new OpeningConfirmed { RequestId = c.RequestId });
        }

        return refusal;
    }

    private Refusal? On(SettleRequest c, Turn turn)
    {
        if (FindLatest(c.RequestId, out RequestRecord request) is { } unknown)
        {
            return unknown;
        }

        if (request.Ended is not null || request.Grant is not { } grant || turn.Now < grant.VetoUntil)
        {
            return Refuse(LedgerError.WrongState, "Only a final grant is settled.");
        }

        if (request.SettledAt is not null)
        {
            return Refuse(LedgerError.AlreadyExists, "The request is settled.");
        }

        bool answered = c.Actor == request.Doctor && request.Deliveries.Count + request.Refusals.Count == request.Committee.Count;
        if (request.OpenedAt is null && !answered && turn.Now <= Deadline(request) && turn.Now < request.NotAfter)
        {
            return Refuse(LedgerError.NotYet, "The documents are not opened, and the deadline for deliveries is not over.");
        }

        turn.Emit(new RequestSettled { RequestId = request.Id, Round = request.Round });
        return null;
    }

    /// <summary>What the facts of a round make of a member's reputation. Whoever refused in time, or still had time, is not observed.</summary>
    private Reputation Settle(RequestRecord request, CommitteeMember member, DateTimeOffset now)
    {
        DateTimeOffset deadline = Deadline(request);
        DeliveryRecord? delivery = request.Delivery(member.Index);
        return KnownReputation(member.Oracle).After(
            new ServiceOutcome
            {
                Level = delivery?.Level,
                BeforeOpening = delivery?.BeforeOpening ?? false,
                Missed = delivery is null && request.Refusals.All(refused => refused.Index != member.Index) && now > deadline && deadline < request.NotAfter,
                Rating = request.Rating(member.Index)?.Rating,
            },
            now);
    }

    private static bool IsRatedBad(RequestRecord request, int index) => request.Rating(index) is { Rating: < Reputation.FairRating };

    /// <summary>Whether nothing useful will come from a member: it refused, or the doctor rated its delivery bad.</summary>
    private static bool HasFailed(RequestRecord request, CommitteeMember member) =>
        IsRatedBad(request, member.Index) || request.Refusals.Any(refused => refused.Index == member.Index);

    private Refusal? On(RateOracle c, Turn turn)
    {
        if (FindLatest(c.RequestId, out RequestRecord request) is { } unknown)
        {
            return unknown;
        }

        if (request.Doctor != c.Actor)
        {
            return Refuse(LedgerError.NotYours, "Only the doctor of the grant rates.");
        }

        if (request.Delivery(c.Index) is null)
        {
            return Refuse(LedgerError.WrongState, "Only an oracle that delivered is rated.");
        }

        if (request.Rating(c.Index) is not null)
        {
            return Refuse(LedgerError.AlreadyExists, "The oracle is rated already.");
        }

        turn.Emit(new OracleRated { RequestId = c.RequestId, Index = c.Index, Rating = c.Rating, EvidenceDigest = c.EvidenceDigest });
        return null;
    }

    private Refusal? On(RedrawCommittee c, Turn turn)
    {
        Refusal? refusal = FindLive(c.RequestId, turn.Now, out RequestRecord request)
            ?? (request.Doctor != c.Actor && request.Patient != c.Actor ? Refuse(LedgerError.NotYours, "The doctor or the patient asks for a second committee.")
            : request.Round >= LedgerLimits.RoundMax ? Refuse(LedgerError.AlreadyExists, "The second committee was drawn already.")
            : !request.IsFinal(turn.Now) ? Refuse(LedgerError.WrongState, "Only a final grant gets a second committee.")
            : request.OpenedAt is not null ? Refuse(LedgerError.WrongState, "The doctor has opened the documents.")
            : turn.Now <= Deadline(request) && request.Committee.Count(member => !HasFailed(request, member)) >= request.Threshold ? Refuse(LedgerError.NotYet, "The oracles still have time.")
            : !IsActiveDealing(request) ? Refuse(LedgerError.StaleEpoch, "The dealing serves no more; make a new request.")
            : FindLicenceFault(request.Doctor, turn.Now) ?? FindReceiverFault(request.Receiver, request.Doctor, turn.Now));
        if (refusal is not null)
        {
            return refusal;
        }

        if (FindSnapshotFault(request.Policy) is { } missing)
        {
            return missing;
        }

        if (request.SettledAt is null)
        {
            turn.Emit(new RequestSettled { RequestId = request.Id, Round = request.Round });
        }

        turn.Emit(new CommitteeRedrawn { RequestId = request.Id, Snapshot = PresentSnapshot, SeedBlock = turn.Block.Number + (ulong)Parameters.DrawDelay });
        return null;
    }

    /// <summary>Whether the pinned dealing is the active one of its track.</summary>
    private bool IsActiveDealing(RequestRecord request)
    {
        BundleRecord bundle = _bundles[request.BundleId];
        return bundle.ActiveDealing == request.DealingDigest || bundle.ActiveEmergencyDealing == request.DealingDigest;
    }

    private Refusal? On(UseAgain c, Turn turn)
    {
        Refusal? refusal = FindLive(c.RequestId, turn.Now, out RequestRecord request)
            ?? (request.Doctor != c.Actor ? Refuse(LedgerError.NotYours, "Only the doctor who asked uses the grant again.")
            : request.SettledAt is null ? Refuse(LedgerError.WrongState, "The present use is not settled.")
            : request.Used + 1 >= request.Uses ? Refuse(LedgerError.TooMany, "The request asked for no more uses.")
            : FindLicenceFault(request.Doctor, turn.Now) ?? FindReceiverFault(request.Receiver, request.Doctor, turn.Now));
        if (refusal is null)
        {
            turn.Emit(new UsedAgain { RequestId = request.Id, Used = request.Used + 1 });
        }

        return refusal;
    }

    private void Apply(UsedAgain e, DateTimeOffset now) => Change(e.RequestId, request => request with
    {
        Used = e.Used,
        UsedAgainAt = now,
        Deliveries = [],
        Refusals = [],
        Ratings = [],
        OpenedAt = null,
        SettledAt = null,
    });

    private void Apply(CommitteeRedrawn e) => Change(e.RequestId, request => request with
    {
        Round = request.Round + 1,
        DrawSnapshot = e.Snapshot,
        SeedBlock = e.SeedBlock,
        FailedOracles = [.. request.Committee.Where(member => request.Delivery(member.Index) is null || IsRatedBad(request, member.Index)).Select(member => member.Number)],
        Seed = null,
        DrawnAt = null,
        Parties = [],
        Committee = [],
        FormerCommittee = request.Committee,
        Approvals = [],
        Denials = [],
        Grant = null,
        UsedAgainAt = null,
        Deliveries = [],
        Refusals = [],
        Ratings = [],
        OpenedAt = null,
        SettledAt = null,
    });

    private void Apply(DeliveryRecorded e, DateTimeOffset now) => Change(e.RequestId, request => request with
    {
        Deliveries =
        [
            .. request.Deliveries,
            new DeliveryRecord
            {
                Index = e.Index,
                Oracle = e.Oracle,
                DeliveryDigest = e.DeliveryDigest,
                EnvelopeDigest = e.EnvelopeDigest,
                Time = now,
                Level = Reputation.LevelOf(now - ServiceStart(request), Parameters.DeliveryWindow),
            },
        ],
    });

    private void Apply(OpeningConfirmed e, DateTimeOffset now) => Change(e.RequestId, request => request with
    {
        OpenedAt = now,
        Deliveries = [.. request.Deliveries.Select(delivery => delivery with { BeforeOpening = true })],
    });

    private void Apply(RequestSettled e, DateTimeOffset now)
    {
        RequestRecord request = Known(_requests, e.RequestId);
        ServiceStart(request);
        foreach (CommitteeMember member in request.Committee)
        {
            SetReputation(member.Oracle, Settle(request, member, now));
        }

        Change(e.RequestId, record => record with { SettledAt = now });
    }

    private void Apply(DeliveryRefused e, DateTimeOffset now) => Change(e.RequestId, request => request with
    {
        Refusals = [.. request.Refusals, new RefusalRecord { Index = e.Index, Oracle = e.Oracle, ReasonCode = e.ReasonCode, Time = now }],
    });

    /// <summary>A rating counts when the request is settled; where it is settled already, at once.</summary>
    private void Apply(OracleRated e, DateTimeOffset now)
    {
        RequestRecord request = Known(_requests, e.RequestId);
        ActorId oracle = request.CommitteeMember(e.Index)?.Oracle ?? throw new PhrDataException(Stage, PhrDataReason.NotFound, "the event speaks of a seat that the committee does not have.");
        _requests[e.RequestId] = request with
        {
            Ratings = [.. request.Ratings, new RatingRecord { Index = e.Index, Oracle = oracle, Rating = e.Rating, EvidenceDigest = e.EvidenceDigest, Time = now }],
        };
        if (request.SettledAt is not null)
        {
            SetReputation(oracle, KnownReputation(oracle).Observe(ReputationTerm.Rating, Reputation.RatingTarget(e.Rating), now));
        }
    }

    private Reputation KnownReputation(ActorId oracle) =>
        Known(_actors, oracle).Reputation ?? throw new PhrDataException(Stage, PhrDataReason.NotFound, "the event speaks of the reputation of an actor that is no oracle.");

    private void SetReputation(ActorId oracle, Reputation reputation) => _actors[oracle] = Known(_actors, oracle) with { Reputation = reputation };

    private static DateTimeOffset ServiceStart(RequestRecord request) =>
        request.ServiceStart ?? throw new PhrDataException(Stage, PhrDataReason.NotFound, "the event speaks of a grant that no earlier event made.");
}
