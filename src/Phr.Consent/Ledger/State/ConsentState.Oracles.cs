using Phr.Crypto;

namespace Phr.Consent;

// What oracles do with a grant, and what it does to their reputation.
public sealed partial class ConsentState
{
    private const int GoodRating = 50;

    /// <summary>The oracles that may serve: active, and none of them, their operators or organisations a party to the bundle or the doctor's own.</summary>
    private List<OracleCandidate> FindCandidates(ConsentPolicy policy, ActorId patient, ActorRecord doctor, RequestReceiver receiver, DateTimeOffset now)
    {
        HashSet<ActorId> parties = [patient, doctor.Id, doctor.EffectiveOrganisation, doctor.Licence?.Organisation ?? default, .. PartiesOf(receiver)];
        foreach (PolicyMember member in policy.Groups.SelectMany(group => group.Members))
        {
            parties.UnionWith([member.Identity, member.Organisation, Find(member.Identity)?.EffectiveOrganisation ?? default]);
        }

        parties.Remove(default);
        return
        [
            .. _oracles.Select(id => _actors[id])
                .Where(oracle => IsEligibleOracle(oracle, now))
                .Where(oracle => !parties.Contains(oracle.Id) && !parties.Contains(oracle.Organisation) && !parties.Contains(oracle.Operator) && !parties.Contains(_actors[oracle.Operator].EffectiveOrganisation))
                .Select(oracle => new OracleCandidate
                {
                    Oracle = oracle.Id,
                    Operator = oracle.Operator,
                    Organisation = oracle.Organisation,
                    KeyRecordDigest = oracle.KeyRecordDigest,
                    Weight = oracle.Reputation!.At(now).Weight,
                }),
        ];
    }

    private DateTimeOffset Deadline(RequestRecord request) => request.DeliveryDeadline(Parameters)!.Value;

    private Refusal? On(RecordDelivery c, Turn turn)
    {
        Refusal? refusal = FindJob(c.RequestId, c.Index, c.Actor, turn.Now, out RequestRecord request)
            ?? (turn.Now < request.Grant!.VetoUntil ? Refuse(LedgerError.NotYet, "The patient may still veto.")
            : FindLicenceFault(request.Doctor, turn.Now)
            ?? FindReceiverFault(request.Receiver, request.Doctor, turn.Now)
            ?? FindInactivity(_actors[_actors[c.Actor].Operator], turn.Now));
        if (refusal is null)
        {
            turn.Emit(new DeliveryRecorded
            {
                RequestId = c.RequestId,
                Index = c.Index,
                Oracle = c.Actor,
                DeliveryDigest = c.DeliveryDigest,
                EnvelopeDigest = c.EnvelopeDigest,
                DeliverySignature = c.DeliverySignature,
            });
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
        if (_requests.GetValueOrDefault(c.RequestId) is not { } request)
        {
            return Refuse(LedgerError.NotFound, "There is no such request.");
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

        EmitSettlement(request, turn);
        return null;
    }

    /// <summary>
    /// In time raises timeliness and never lowers it; late or absent lowers it; a delivery of an opened request raises correctness. A delivery that the doctor rated bad earns nothing, and costs
    /// nothing here: a rating moves the rating term alone. Whoever refused in time, or still had time, is not observed.
    /// </summary>
    private void EmitSettlement(RequestRecord request, Turn turn)
    {
        DateTimeOffset start = request.Grant!.VetoUntil;
        DateTimeOffset deadline = Deadline(request);
        foreach (CommitteeMember member in request.Committee)
        {
            Reputation before = _actors[member.Oracle].Reputation!;
            Reputation after = before;
            if (request.Delivery(member.Index) is { } delivery)
            {
                bool bad = IsRatedBad(request, member.Index);
                if (delivery.Time > deadline)
                {
                    after = after.Observe(ReputationTerm.Timeliness, 0, turn.Now);
                }
                else if (!bad)
                {
                    after = after.Reward(ReputationTerm.Timeliness, Reputation.TimelinessTarget(delivery.Time - start, Parameters.DeliveryWindow), turn.Now);
                    after = request.OpenedAt is { } opened && delivery.Time <= opened ? after.Reward(ReputationTerm.Correctness, Reputation.Full, turn.Now) : after;
                }
            }
            else if (request.Refusals.All(refused => refused.Index != member.Index) && turn.Now > deadline && deadline < request.NotAfter)
            {
                after = after.Observe(ReputationTerm.Timeliness, 0, turn.Now);
            }

            if (after != before)
            {
                turn.Emit(new ReputationChanged { RequestId = request.Id, Oracle = member.Oracle, Reputation = after });
            }
        }

        turn.Emit(new RequestSettled { RequestId = request.Id, Round = request.Round });
    }

    private static bool IsRatedBad(RequestRecord request, int index) => request.Ratings.Any(rating => rating.Index == index && rating.Rating < GoodRating);

    /// <summary>Whether nothing useful will come from a member: it refused, or the doctor rated its delivery bad.</summary>
    private static bool HasFailed(RequestRecord request, CommitteeMember member) =>
        IsRatedBad(request, member.Index) || request.Refusals.Any(refused => refused.Index == member.Index);

    private Refusal? On(RateOracle c, Turn turn)
    {
        if (_requests.GetValueOrDefault(c.RequestId) is not { } request)
        {
            return Refuse(LedgerError.NotFound, "There is no such request.");
        }

        if (request.Doctor != c.Actor)
        {
            return Refuse(LedgerError.NotYours, "Only the doctor of the grant rates.");
        }

        if (request.Delivery(c.Index) is not { } delivery)
        {
            return Refuse(LedgerError.WrongState, "Only an oracle that delivered is rated.");
        }

        if (request.Ratings.Any(rating => rating.Index == c.Index))
        {
            return Refuse(LedgerError.AlreadyExists, "The oracle is rated already.");
        }

        turn.Emit(new OracleRated { RequestId = c.RequestId, Index = c.Index, Oracle = delivery.Oracle, Rating = c.Rating, EvidenceDigest = c.EvidenceDigest });
        turn.Emit(new ReputationChanged
        {
            RequestId = c.RequestId,
            Oracle = delivery.Oracle,
            Reputation = _actors[delivery.Oracle].Reputation!.Observe(ReputationTerm.Rating, c.Rating * (Reputation.Full / 100), turn.Now),
        });
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
            : _bundles[request.BundleId].ActiveDealing != request.DealingDigest ? Refuse(LedgerError.StaleEpoch, "The dealing serves no more; make a new request.")
            : FindLicenceFault(request.Doctor, turn.Now) ?? FindReceiverFault(request.Receiver, request.Doctor, turn.Now));
        if (refusal is not null)
        {
            return refusal;
        }

        int seats = request.Policy.CommitteeSize;
        List<OracleCandidate> candidates = FindCandidates(request.Policy, request.Patient, _actors[request.Doctor], request.Receiver, turn.Now);
        List<OracleCandidate> proven = [.. candidates.Where(candidate => request.FindCommitteeIndex(candidate.Oracle) is not { } index || (request.Delivery(index) is not null && !IsRatedBad(request, index)))];
        candidates = CommitteeDraw.OperatorCount(proven) >= seats ? proven : candidates;
        if (CommitteeDraw.OperatorCount(candidates) < seats)
        {
            return Refuse(LedgerError.NotEnoughOracles, "There are fewer independent oracles than the committee has seats.");
        }

        if (request.SettledAt is null)
        {
            EmitSettlement(request, turn);
        }

        turn.Emit(new CommitteeRedrawn { RequestId = request.Id, Candidates = candidates, SeedBlock = turn.Block.Number + (ulong)Parameters.DrawDelay });
        return null;
    }

    private void Apply(CommitteeRedrawn e) => Change(e.RequestId, request => request with
    {
        Round = request.Round + 1,
        Candidates = e.Candidates,
        SeedBlock = e.SeedBlock,
        Seed = null,
        Committee = [],
        Approvals = [],
        Denials = [],
        Grant = null,
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
                DeliverySignature = e.DeliverySignature,
                Time = now,
            },
        ],
    });

    private void Apply(DeliveryRefused e, DateTimeOffset now) => Change(e.RequestId, request => request with
    {
        Refusals = [.. request.Refusals, new RefusalRecord { Index = e.Index, Oracle = e.Oracle, ReasonCode = e.ReasonCode, Time = now }],
    });

    private void Apply(OracleRated e, DateTimeOffset now) => Change(e.RequestId, request => request with
    {
        Ratings = [.. request.Ratings, new RatingRecord { Index = e.Index, Oracle = e.Oracle, Rating = e.Rating, EvidenceDigest = e.EvidenceDigest, Time = now }],
    });
}
