using System.Globalization;
using Phr.Crypto;

namespace Phr.Consent;

// Requests: from the question over the draw and the trustees' decisions to the grant, and every way in which a request ends.
public sealed partial class ConsentState
{
    private readonly Dictionary<RequestId, RequestRecord> _requests = [];
    private readonly List<RequestId> _requestOrder = [];
    private readonly Dictionary<BundleId, List<RequestId>> _requestsOfBundle = [];

    /// <summary>The latest request of each doctor for each bundle: the only one that can be undecided.</summary>
    private readonly Dictionary<(ActorId Doctor, BundleId Bundle), RequestId> _latest = [];

    private readonly HashSet<PublicKey> _receivingKeys = [];

    /// <summary>A request.</summary>
    /// <param name="request">Its id.</param>
    /// <param name="asOf">The time for its status: the head's.</param>
    /// <returns>The record, or null.</returns>
    public RequestRecord? GetRequest(RequestId request, DateTimeOffset asOf) => _requests.TryGetValue(request, out RequestRecord? record) ? record with { AsOf = asOf } : null;

    /// <summary>The requests that fit a filter.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="asOf">The time for their status: the head's.</param>
    /// <returns>The records in the order in which the requests were made.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="filter"/> is null.</exception>
    public IReadOnlyList<RequestRecord> ListRequests(RequestFilter filter, DateTimeOffset asOf)
    {
        ArgumentNullException.ThrowIfNull(filter);
        IEnumerable<RequestId> ids = filter.BundleId is { } bundle ? _requestsOfBundle.GetValueOrDefault(bundle) ?? [] : _requestOrder;
        return [.. ids.Select(id => _requests[id] with { AsOf = asOf }).Where(filter.Includes)];
    }

    private IEnumerable<RequestRecord> RequestsOf(BundleId bundle) => (_requestsOfBundle.GetValueOrDefault(bundle) ?? []).Select(id => _requests[id]);

    /// <summary>A request that nothing has ended.</summary>
    private Refusal? FindLive(RequestId id, DateTimeOffset now, out RequestRecord request)
    {
        request = _requests.GetValueOrDefault(id)!;
        return request is null ? Refuse(LedgerError.NotFound, "There is no such request.")
            : request.Ended is { } ended ? Refuse(LedgerError.WrongState, $"The request has ended: {ended}.")
            : now >= request.NotAfter ? Refuse(LedgerError.Expired, "The request's time is over.")
            : null;
    }

    private Refusal? On(RequestAccess c, Turn turn)
    {
        if ((RequireRole(c.Actor, ActorRoles.Doctor) ?? FindLicenceFault(c.Actor, turn.Now)) is { } unfit)
        {
            return unfit;
        }

        if (FindPinFault(c, turn.Now, out DealingRecord dealing) is { } stale)
        {
            return stale;
        }

        RequestId id = c.ComputeId(Id);
        ActorRecord doctor = _actors[c.Actor];
        Refusal? refusal = _requests.ContainsKey(id) ? Refuse(LedgerError.AlreadyExists, "The request was made before.")
            : _receivingKeys.Contains(c.ReceivingKey) ? Refuse(LedgerError.ReceivingKeyUsed, "The receiving key was used before; make one for each request.")
            : !ProvesPossession(c, id) ? Refuse(LedgerError.BadPossession, "The receiving key did not sign the request.")
            : _latest.TryGetValue((c.Actor, c.BundleId), out RequestId latest) && _requests[latest].IsUndecided(turn.Now) ? Refuse(LedgerError.OpenRequestExists, "The doctor has an open request for this bundle.")
            : FindCooldown(doctor, FindLapsed(c.Actor, c.BundleId, turn.Now), turn.Now)
            ?? FindAccessFault(dealing.Policy, doctor, c.Receiver);
        if (refusal is not null)
        {
            return refusal;
        }

        List<OracleCandidate> candidates = FindCandidates(dealing.Policy, dealing.Patient, doctor, c.Receiver, turn.Now);
        if (CommitteeDraw.OperatorCount(candidates) < dealing.Policy.CommitteeSize)
        {
            return Refuse(LedgerError.NotEnoughOracles, "There are fewer independent oracles than the committee has seats.");
        }

        if (FindLapsed(c.Actor, c.BundleId, turn.Now) is { } lapsed)
        {
            turn.Emit(new RequestExpired { RequestId = lapsed.Id });
            EmitRefreshDue(lapsed, turn);
        }

        turn.Emit(new AccessRequested
        {
            RequestId = id,
            Doctor = c.Actor,
            BundleId = c.BundleId,
            HeaderDigest = c.HeaderDigest,
            DealingDigest = c.DealingDigest,
            Epoch = c.Epoch,
            DocumentsCommitment = c.DocumentsCommitment,
            DocumentCount = c.DocumentCount,
            BodyCommitment = c.BodyCommitment,
            BodyDigest = c.BodyDigest,
            PurposeDigest = c.PurposeDigest,
            ReceivingKey = c.ReceivingKey,
            NotAfter = c.NotAfter,
            Receiver = c.Receiver,
            Candidates = candidates,
            SeedBlock = turn.Block.Number + (ulong)Parameters.DrawDelay,
        });
        return null;
    }

    private Refusal? FindLicenceFault(ActorId id, DateTimeOffset now)
    {
        ActorRecord doctor = _actors[id];
        return FindInactivity(doctor, now)
            ?? (doctor.Licence is not { } licence ? Refuse(LedgerError.LicenceMissing, "The doctor has no recorded licence.")
            : now >= licence.NotAfter ? Refuse(LedgerError.LicenceExpired, "The doctor's licence ended.")
            : null);
    }

    /// <summary>Compares what the request pins with what the ledger has.</summary>
    private Refusal? FindPinFault(RequestAccess c, DateTimeOffset now, out DealingRecord dealing)
    {
        BundleRecord? bundle = GetBundle(c.BundleId);
        dealing = FindActive(bundle, emergency: false)!;
        return c.Receiver.Kind == ReceiverKinds.Person && (c.Receiver.Id != c.Actor || c.Receiver.KeyEpoch != 0) ? Refuse(LedgerError.Malformed, "The receiver is the doctor who asks, without a team's key.")
            : bundle is null ? Refuse(LedgerError.NotFound, "The bundle is not registered.")
            : bundle.IsRevoked || dealing is null ? Refuse(LedgerError.WrongState, "The bundle is closed, or has no active dealing.")
            : _actors[bundle.Patient].Status == ActorStatus.Removed ? Refuse(LedgerError.Removed, "The patient was removed.")
            : c.HeaderDigest != bundle.HeaderDigest ? Refuse(LedgerError.StaleDigest, "The header is not the present one.")
            : c.DealingDigest != dealing.Digest ? Refuse(LedgerError.StaleDigest, "The dealing is not the active one.")
            : c.Epoch != dealing.Epoch ? Refuse(LedgerError.StaleEpoch, "The epoch is not the active one.")
            : (dealing.Policy.ReceiverKinds & c.Receiver.Kind) == 0 ? Refuse(LedgerError.ReceiverNotPermitted, "The policy does not permit this kind of receiver.")
            : FindReceiverFault(c.Receiver, c.Actor, now) is { } unfit ? unfit
            : c.NotAfter <= now ? Refuse(LedgerError.Expired, "The request's time is over before it begins.")
            : c.NotAfter > now + Parameters.MaxRequestLifetime ? Refuse(LedgerError.Malformed, "The request would last longer than the ledger allows.")
            : null;
    }

    /// <summary>A person's receiving key signs the request itself; of a team's, the part that the asking member drew.</summary>
    private bool ProvesPossession(RequestAccess c, RequestId id) => c.Possession is { } possession
        && (c.Receiver.Kind == ReceiverKinds.Team
            ? TeamRequestKey.VerifyPossession(_teams[c.Receiver.Id].Terms.PublicKey, c.ReceivingKey, Digest.FromBytes(id.ToBytes()), possession)
            : ReceivingKeyProof.VerifyPossession(c.ReceivingKey, id, possession));

    /// <summary>The doctor's last request for the bundle, if it ended without a decision: asking, looking at the draw and letting the time run out counts like cancelling.</summary>
    private RequestRecord? FindLapsed(ActorId doctor, BundleId bundle, DateTimeOffset now) =>
        _latest.TryGetValue((doctor, bundle), out RequestId id) && _requests[id] is { Ended: null, Grant: null } request && now >= request.NotAfter ? request : null;

    private Refusal? FindCooldown(ActorRecord doctor, RequestRecord? lapsed, DateTimeOffset now)
    {
        if (lapsed is not null && now < lapsed.NotAfter + Parameters.Cooldown)
        {
            return Refuse(LedgerError.CoolingDown, "The doctor's last request for the bundle ran out undecided; the next one has to wait.");
        }

        if (doctor.AbandonedRequests == 0)
        {
            return null;
        }

        TimeSpan wait = Parameters.Cooldown;
        for (int i = 1; i < doctor.AbandonedRequests && wait < Parameters.MaxCooldown; i++)
        {
            wait *= 2;
        }

        DateTimeOffset until = doctor.LastAbandonedAt + (wait < Parameters.MaxCooldown ? wait : Parameters.MaxCooldown);
        return now < until ? Refuse(LedgerError.CoolingDown, string.Create(CultureInfo.InvariantCulture, $"After abandoned requests the doctor waits until {until:u}.")) : null;
    }

    private static Refusal? FindAccessFault(ConsentPolicy policy, ActorRecord doctor, RequestReceiver receiver)
    {
        AccessDecision decision = policy.AccessRule.Evaluate(new AccessFacts
        {
            Roles = doctor.Roles,
            Speciality = doctor.Licence!.Speciality,
            Hospital = doctor.Licence.Organisation,
            Team = receiver.Kind == ReceiverKinds.Team ? receiver.Id : default(ActorId),
        });
        return decision.Outcome == AccessOutcome.Deny
            ? Refuse(LedgerError.AccessDenied, $"The access rule does not permit this doctor: {decision.FailingLeaf}.", decision.FailingLeaf)
            : null;
    }

    private Refusal? On(DrawCommittee c, Turn turn)
    {
        if (FindLive(c.RequestId, turn.Now, out RequestRecord request) is { } refusal)
        {
            return refusal;
        }

        if (request.Committee.Count > 0)
        {
            return Refuse(LedgerError.AlreadyExists, "The committee is drawn.");
        }

        if (turn.Block.Number <= request.SeedBlock)
        {
            return Refuse(LedgerError.NotYet, string.Create(CultureInfo.InvariantCulture, $"The draw is possible after block {request.SeedBlock}."));
        }

        if (turn.Block.Number - request.SeedBlock > (ulong)Parameters.DrawWindow)
        {
            turn.Emit(new RequestVoided { RequestId = request.Id, Cause = VoidCause.MissedDraw });
            return null;
        }

        Digest seed = turn.RandomnessOf(request.SeedBlock);
        turn.Emit(new CommitteeDrawn
        {
            RequestId = request.Id,
            Round = request.Round,
            Seed = seed,
            Members = CommitteeDraw.Draw(seed, request.Id, request.Round, request.Candidates, request.Policy.CommitteeSize),
        });
        return null;
    }

    private Refusal? On(ApproveRequest c, Turn turn)
    {
        Refusal? refusal = FindDecidable(c.RequestId, c.Seat, c.Actor, turn.Now, out RequestRecord request)
            ?? (request.Committee.Count == 0 ? Refuse(LedgerError.NotYet, "The committee is not drawn.")
            : request.Doctor == c.Actor ? Refuse(LedgerError.WrongRole, "Nobody approves a request of one's own.")
            : c.ApprovalDigest.IsZero ? Refuse(LedgerError.Malformed, "An approval has a digest.")
            : FindLicenceFault(request.Doctor, turn.Now) ?? FindReceiverFault(request.Receiver, request.Doctor, turn.Now));
        if (refusal is not null)
        {
            return refusal;
        }

        turn.Emit(new RequestApproved { RequestId = request.Id, Seat = c.Seat, Trustee = c.Actor, ApprovalDigest = c.ApprovalDigest });
        IEnumerable<TrusteeSeat> seats = request.Approvals.Where(approval => !approval.IsVoid && _actors[approval.Actor].IsActiveAt(turn.Now)).Select(approval => approval.Seat).Append(c.Seat);
        if (request.Grant is null && request.Policy.IsSatisfiedBy(seats))
        {
            turn.Emit(new GrantIssued { RequestId = request.Id, VetoUntil = turn.Now + request.Policy.VetoWindow });
        }

        return null;
    }

    private Refusal? On(DenyRequest c, Turn turn)
    {
        Refusal? refusal = FindDecidable(c.RequestId, c.Seat, c.Actor, turn.Now, out RequestRecord request)
            ?? (request.Grant is not null ? Refuse(LedgerError.WrongState, "The request is granted.") : null);
        if (refusal is not null)
        {
            return refusal;
        }

        turn.Emit(new DenialRecorded { RequestId = request.Id, Seat = c.Seat, Trustee = c.Actor, ReasonCode = c.ReasonCode });
        if (!request.Policy.IsSatisfiedBy(request.Policy.Seats().Where(seat => seat != c.Seat && request.Denials.All(denial => denial.Seat != seat))))
        {
            turn.Emit(new RequestDenied { RequestId = request.Id });
            EmitRefreshDue(request, turn);
        }

        return null;
    }

    /// <summary>Whether the actor may decide, once, on a live request from a seat.</summary>
    private Refusal? FindDecidable(RequestId id, TrusteeSeat seat, ActorId actor, DateTimeOffset now, out RequestRecord request) =>
        FindLive(id, now, out request)
        ?? (request.Policy.FindMember(seat)?.Identity != actor ? Refuse(LedgerError.NotATrustee, "The seat is not the actor's.")
        : IsDecided(request, seat) ? Refuse(LedgerError.AlreadyExists, "The trustee decided already.")
        : null);

    private static bool IsDecided(RequestRecord request, TrusteeSeat seat) =>
        request.Approval(seat) is not null || request.Denials.Any(denial => denial.Seat == seat);

    private Refusal? On(ConsentToRequest c, Turn turn)
    {
        Refusal? refusal = FindLive(c.RequestId, turn.Now, out RequestRecord request)
            ?? (request.Patient != c.Actor ? Refuse(LedgerError.NotYours, "Only the bundle's patient consents.")
            : request.Committee.Count == 0 ? Refuse(LedgerError.NotYet, "The committee is not drawn.")
            : request.Approval(TrusteeSeat.Patient) is not null ? Refuse(LedgerError.AlreadyExists, "The patient consented already.")
            : c.ApprovalDigest.IsZero ? Refuse(LedgerError.Malformed, "An approval has a digest.")
            : FindLicenceFault(request.Doctor, turn.Now) ?? FindReceiverFault(request.Receiver, request.Doctor, turn.Now));
        if (refusal is not null)
        {
            return refusal;
        }

        turn.Emit(new PatientConsented { RequestId = request.Id, Patient = c.Actor, ApprovalDigest = c.ApprovalDigest });
        if (request.Grant is null || turn.Now < request.Grant.VetoUntil)
        {
            turn.Emit(new GrantIssued { RequestId = request.Id, VetoUntil = turn.Now });
        }

        return null;
    }

    private Refusal? On(VetoRequest c, Turn turn)
    {
        Refusal? refusal = FindLive(c.RequestId, turn.Now, out RequestRecord request)
            ?? (request.Patient != c.Actor ? Refuse(LedgerError.NotYours, "Only the bundle's patient vetoes.")
            : request.IsFinal(turn.Now) ? Refuse(LedgerError.Expired, "The grant is final; revoke it instead.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new RequestVetoed { RequestId = request.Id });
            EmitRefreshDue(request, turn);
        }

        return refusal;
    }

    private Refusal? On(CancelRequest c, Turn turn)
    {
        Refusal? refusal = FindLive(c.RequestId, turn.Now, out RequestRecord request)
            ?? (request.Doctor != c.Actor ? Refuse(LedgerError.NotYours, "Only the doctor who asked withdraws the request.")
            : request.Grant is not null ? Refuse(LedgerError.WrongState, "The request is granted.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new RequestCancelled { RequestId = request.Id });
            EmitRefreshDue(request, turn);
        }

        return refusal;
    }

    private Refusal? On(RevokeGrant c, Turn turn)
    {
        Refusal? refusal = FindLive(c.RequestId, turn.Now, out RequestRecord request)
            ?? (request.Patient != c.Actor ? Refuse(LedgerError.NotYours, "Only the bundle's patient revokes.")
            : request.Grant is null ? Refuse(LedgerError.WrongState, "The request is not granted.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new GrantRevoked { RequestId = request.Id, ReasonCode = c.ReasonCode });
            EmitRefreshDue(request, turn);
        }

        return refusal;
    }

    private Refusal? On(AttachToGrant c, Turn turn)
    {
        Refusal? refusal = FindLive(c.RequestId, turn.Now, out RequestRecord request)
            ?? (request.Patient != c.Actor ? Refuse(LedgerError.NotYours, "Only the bundle's patient attaches to a grant.")
            : request.Grant is not { } grant ? Refuse(LedgerError.WrongState, "The request is not granted.")
            : turn.Now < grant.VetoUntil ? Refuse(LedgerError.NotYet, "The grant is not final.")
            : c.AttachmentKind != GrantAttachmentKind.SearchTokens ? Refuse(LedgerError.NotSupported, "This version attaches search tokens alone.")
            : c.AttachmentDigest.IsZero ? Refuse(LedgerError.Malformed, "An attachment has a digest.")
            : grant.Attachments.Any(attachment => attachment.Digest == c.AttachmentDigest) ? Refuse(LedgerError.AlreadyExists, "It is attached already.")
            : grant.Attachments.Count >= LedgerLimits.Attachments ? Refuse(LedgerError.TooMany, "The grant has as many attachments as the ledger allows.")
            : FindLicenceFault(request.Doctor, turn.Now));
        if (refusal is null)
        {
            turn.Emit(new GrantAttached { RequestId = request.Id, AttachmentKind = c.AttachmentKind, AttachmentDigest = c.AttachmentDigest });
        }

        return refusal;
    }

    private Refusal? On(ExpireRequest c, Turn turn)
    {
        if (_requests.GetValueOrDefault(c.RequestId) is not { } request)
        {
            return Refuse(LedgerError.NotFound, "There is no such request.");
        }

        if (request.Ended is not null || request.SettledAt is not null)
        {
            return Refuse(LedgerError.WrongState, "The request has ended, or is settled.");
        }

        if (turn.Now < request.NotAfter)
        {
            return Refuse(LedgerError.NotYet, "The request's time is not over.");
        }

        turn.Emit(new RequestExpired { RequestId = request.Id });
        EmitRefreshDue(request, turn);
        return null;
    }

    /// <summary>Approvals without a final grant leave fragments in outboxes: the shares should be refreshed.</summary>
    private static void EmitRefreshDue(RequestRecord request, Turn turn)
    {
        bool becameFinal = request.Grant is { } grant && turn.Now >= grant.VetoUntil && grant.VetoUntil < request.NotAfter;
        if (request.Approvals.Count > 0 && !becameFinal)
        {
            turn.Emit(new RefreshDue { BundleId = request.BundleId, RequestId = request.Id });
        }
    }

    private void Change(RequestId id, Func<RequestRecord, RequestRecord> change) => _requests[id] = change(Known(_requests, id));

    private void End(RequestId id, RequestStatus status, DateTimeOffset now) => Change(id, request => request with { Ended = status, EndedAt = now });

    private void AddApproval(RequestId id, TrusteeSeat seat, ActorId actor, Digest digest, DateTimeOffset now) => Change(id, request => request with
    {
        Approvals = [.. request.Approvals, new ApprovalRecord { Seat = seat, Actor = actor, ApprovalDigest = digest, Time = now }],
    });

    /// <summary>Approvals of a suspended or removed trustee count no more where nothing is granted yet.</summary>
    private void VoidApprovalsOf(ActorId actor)
    {
        foreach (RequestRecord request in _requests.Values.Where(request => request.Ended is null && request.Grant is null && request.Approvals.Any(approval => approval.Actor == actor)).ToArray())
        {
            _requests[request.Id] = request with { Approvals = [.. request.Approvals.Select(approval => approval.Actor == actor ? approval with { IsVoid = true } : approval)] };
        }
    }

    private void CountAbandoned(ActorId id, DateTimeOffset now)
    {
        ActorRecord doctor = Known(_actors, id);
        long forgiven = doctor.AbandonedRequests == 0 ? 0 : Math.Max(0, (now - doctor.LastAbandonedAt).Ticks) / Math.Max(1, Parameters.MaxCooldown.Ticks);
        _actors[id] = doctor with { AbandonedRequests = 1 + (int)Math.Max(0, doctor.AbandonedRequests - forgiven), LastAbandonedAt = now };
    }

    private void Apply(AccessRequested e, DateTimeOffset now)
    {
        DealingRecord dealing = KnownServing(e.BundleId, e.DealingDigest);
        _requests[e.RequestId] = new RequestRecord
        {
            Id = e.RequestId,
            Doctor = e.Doctor,
            Patient = dealing.Patient,
            BundleId = e.BundleId,
            HeaderDigest = e.HeaderDigest,
            DealingDigest = e.DealingDigest,
            Epoch = e.Epoch,
            Policy = dealing.Policy,
            PolicyDigest = dealing.PolicyDigest,
            DocumentsCommitment = e.DocumentsCommitment,
            DocumentCount = e.DocumentCount,
            BodyCommitment = e.BodyCommitment,
            BodyDigest = e.BodyDigest,
            PurposeDigest = e.PurposeDigest,
            ReceivingKey = e.ReceivingKey,
            Receiver = e.Receiver,
            RequestedAt = now,
            NotAfter = e.NotAfter,
            Candidates = e.Candidates,
            SeedBlock = e.SeedBlock,
            AsOf = now,
        };
        _requestOrder.Add(e.RequestId);
        if (!_requestsOfBundle.TryGetValue(e.BundleId, out List<RequestId>? ofBundle))
        {
            _requestsOfBundle[e.BundleId] = ofBundle = [];
        }

        ofBundle.Add(e.RequestId);
        _latest[(e.Doctor, e.BundleId)] = e.RequestId;
        _receivingKeys.Add(e.ReceivingKey);
    }

    private void Apply(DenialRecorded e, DateTimeOffset now) => Change(e.RequestId, request => request with
    {
        Denials = [.. request.Denials, new DenialRecord { Seat = e.Seat, Actor = e.Trustee, ReasonCode = e.ReasonCode, Time = now }],
    });

    private void Apply(GrantIssued e, DateTimeOffset now) => Change(e.RequestId, request => request with
    {
        Grant = new GrantRecord { IssuedAt = now, VetoUntil = e.VetoUntil, ByPatient = request.Approval(TrusteeSeat.Patient) is not null, Attachments = [] },
    });

    private void Apply(GrantAttached e, DateTimeOffset now) => Change(e.RequestId, request => request.Grant is not { } grant
        ? throw new PhrDataException(Stage, PhrDataReason.NotFound, "the event speaks of a grant that no earlier event made.")
        : request with { Grant = grant with { Attachments = [.. grant.Attachments, new GrantAttachment { Kind = e.AttachmentKind, Digest = e.AttachmentDigest, Time = now }] } });

    private void Apply(RequestCancelled e, DateTimeOffset now)
    {
        End(e.RequestId, RequestStatus.Cancelled, now);
        CountAbandoned(_requests[e.RequestId].Doctor, now);
    }

    private void Apply(RequestExpired e, DateTimeOffset now)
    {
        RequestRecord request = Known(_requests, e.RequestId);
        End(e.RequestId, RequestStatus.Expired, now);
        if (request.Grant is null)
        {
            CountAbandoned(request.Doctor, now);
        }
    }

    private void Apply(RequestVoided e, DateTimeOffset now)
    {
        End(e.RequestId, RequestStatus.Voided, now);
        Change(e.RequestId, request => request with { VoidCause = e.Cause });
        if (e.Cause == VoidCause.MissedDraw)
        {
            CountAbandoned(_requests[e.RequestId].Doctor, now);
        }
    }

    private void Apply(GrantRevoked e, DateTimeOffset now)
    {
        End(e.RequestId, RequestStatus.Revoked, now);
        Change(e.RequestId, request => request with { RevocationReason = e.ReasonCode });
    }
}
