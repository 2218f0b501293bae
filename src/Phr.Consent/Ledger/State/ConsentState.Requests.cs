using System.Globalization;
using System.Numerics;
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

    /// <summary>What the pair's former requests left in the word of committee and deliveries.</summary>
    private readonly Dictionary<(ActorId Doctor, BundleId Bundle), BigInteger> _formerServices = [];

    private readonly HashSet<PublicKey> _receivingKeys = [];

    /// <summary>The snapshots that a draw may still need or a request pinned.</summary>
    private readonly Dictionary<int, RegistrySnapshot> _snapshots = [];

    /// <summary>The numbers of the last two snapshots, the present one last.</summary>
    private readonly List<int> _snapshotNumbers = [];

    private int PresentSnapshot => _snapshotNumbers.Count == 0 ? 0 : _snapshotNumbers[^1];

    /// <summary>A snapshot of the registry of oracles.</summary>
    /// <param name="number">Its number; null for the present one.</param>
    /// <returns>The snapshot, or null: there is none of that number, or it is older than the last two and no request pinned it.</returns>
    public RegistrySnapshot? GetSnapshot(int? number) => _snapshots.GetValueOrDefault(number ?? PresentSnapshot);

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

    private Refusal? On(Turn turn)
    {
        if (GetSnapshot(null) is { } last && turn.Block.Number < last.Block + (ulong)Parameters.SnapshotInterval)
        {
            return Refuse(LedgerError.NotYet, string.Create(CultureInfo.InvariantCulture, $"The next snapshot may be taken from block {last.Block + (ulong)Parameters.SnapshotInterval} on."));
        }

        turn.Emit(new SnapshotTaken
        {
            Number = PresentSnapshot + 1,
            Entries =
            [
                .. _oracles.Select(id => _actors[id]).Where(oracle => IsEligibleOracle(oracle, turn.Now)).OrderBy(oracle => oracle.OracleIndex).Select(oracle => new RegistryEntry
                {
                    Number = oracle.OracleIndex,
                    Weight = oracle.Reputation!.At(turn.Now).Weight,
                    Oracle = oracle.Id,
                    Unit = oracle.Unit,
                }),
            ],
        });
        return null;
    }

    /// <summary>The doctor's latest request for the bundle; an earlier one is history and nothing happens to it any more.</summary>
    private Refusal? FindLatest(RequestId id, out RequestRecord request)
    {
        request = _requests.GetValueOrDefault(id)!;
        return request is null ? Refuse(LedgerError.NotFound, "There is no such request.")
            : _latest[(request.Doctor, request.BundleId)] != id ? Refuse(LedgerError.NotFound, "The doctor has made another request for the bundle since.")
            : null;
    }

    /// <summary>A request that nothing has ended.</summary>
    private Refusal? FindLive(RequestId id, DateTimeOffset now, out RequestRecord request) =>
        FindLatest(id, out request)
        ?? (request.Ended is { } ended ? Refuse(LedgerError.WrongState, $"The request has ended: {ended}.")
        : now >= request.NotAfter ? Refuse(LedgerError.Expired, "The request's time is over.")
        : null);

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
        RequestRecord? former = _latest.TryGetValue((c.Actor, c.BundleId), out RequestId latest) ? _requests[latest] : null;
        Refusal? refusal = former?.Id == id ? Refuse(LedgerError.AlreadyExists, "The request was made before.")
            : former is { Ended: null, SettledAt: null } ? Refuse(LedgerError.OpenRequestExists, "The doctor's last request for this bundle has neither ended nor been settled; where its time is over, say so first.")
            : FindCooldown(doctor, turn.Now)
            ?? (c.EmergencyReason != 0 ? FindReviewsDue(doctor) : null)
            ?? FindAccessFault(dealing.Policy, doctor, c.Receiver)
            ?? (c.Snapshot != PresentSnapshot ? Refuse(LedgerError.StaleDigest, "The snapshot of the registry is not the present one.") : FindSnapshotFault(dealing.Policy));
        if (refusal is not null)
        {
            return refusal;
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
            Nonce = c.Nonce,
            Snapshot = c.Snapshot,
            Uses = c.Uses,
            EmergencyReason = c.EmergencyReason,
            EvidenceRoot = c.EvidenceRoot,
            Possession = c.Possession!,
            SeedBlock = turn.Block.Number + (ulong)Parameters.DrawDelay,
        });
        if (c.EmergencyReason != 0)
        {
            turn.Emit(new EmergencyDeclared { RequestId = id, Patient = dealing.Patient, Doctor = c.Actor, ReasonCode = c.EmergencyReason });
        }

        return null;
    }

    private Refusal? FindSnapshotFault(ConsentPolicy policy) =>
        GetSnapshot(null) is not { } present || present.Entries.Count < policy.CommitteeSize
            ? Refuse(LedgerError.NotEnoughOracles, "The present snapshot of the registry lists fewer oracles than the committee has seats, or there is none.")
            : null;

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
        bool emergency = c.EmergencyReason != 0;
        dealing = FindActive(bundle, emergency)!;
        return c.Receiver.Kind == ReceiverKinds.Person && (c.Receiver.Id != c.Actor || c.Receiver.KeyEpoch != 0) ? Refuse(LedgerError.Malformed, "The receiver is the doctor who asks, without a team's key.")
            : bundle is null ? Refuse(LedgerError.NotFound, "The bundle is not registered.")
            : bundle.IsRevoked || dealing is null ? Refuse(LedgerError.WrongState, "The bundle is closed, or has no active dealing.")
            : c.HeaderDigest != bundle.HeaderDigest ? Refuse(LedgerError.StaleDigest, "The header is not the present one.")
            : c.DealingDigest != dealing.Digest ? Refuse(LedgerError.StaleDigest, "The dealing is not the active one.")
            : c.Epoch != dealing.Epoch ? Refuse(LedgerError.StaleEpoch, "The epoch is not the active one.")
            : (dealing.Policy.ReceiverKinds & c.Receiver.Kind) == 0 ? Refuse(LedgerError.ReceiverNotPermitted, "The policy does not permit this kind of receiver.")
            : FindReceiverFault(c.Receiver, c.Actor, now) is { } unfit ? unfit
            : c.NotAfter <= now ? Refuse(LedgerError.Expired, "The request's time is over before it begins.")
            : c.NotAfter > now + (emergency ? Parameters.MaxEmergencyLifetime : Parameters.MaxRequestLifetime) ? Refuse(LedgerError.Malformed, "The request would last longer than the ledger allows.")
            : null;
    }

    private Refusal? FindCooldown(ActorRecord doctor, DateTimeOffset now)
    {
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

        if (_actors[request.Patient].Status == ActorStatus.Removed)
        {
            return Refuse(LedgerError.Removed, "The patient was removed.");
        }

        Digest seed = turn.RandomnessOf(request.SeedBlock);
        IReadOnlyList<RegistryEntry> drawn = CommitteeDraw.Draw(new DrawInputs
        {
            Seed = seed,
            RequestId = request.Id,
            Round = request.Round,
            Entries = _snapshots[request.DrawSnapshot].Entries,
            Seats = request.Policy.CommitteeSize,
            Parties = FindParties(request),
            Failed = request.FailedOracles,
        });
        if (drawn.Count < request.Policy.CommitteeSize)
        {
            turn.Emit(new RequestVoided { RequestId = request.Id, Cause = VoidCause.NotEnoughOracles });
            return null;
        }

        turn.Emit(new CommitteeDrawn
        {
            RequestId = request.Id,
            Round = request.Round,
            Seed = seed,
            Members =
            [
                .. drawn.Select((entry, i) => new CommitteeMember
                {
                    Index = i + 1,
                    Number = entry.Number,
                    Oracle = entry.Oracle,
                    Operator = _actors[entry.Oracle].Operator,
                    KeyRecordDigest = _actors[entry.Oracle].KeyRecordDigest,
                }),
            ],
        });
        return null;
    }

    /// <summary>Who has an interest in a request: patient, doctor, trustees and the receiving team's members, with their organisations.</summary>
    private HashSet<ActorId> FindParties(RequestRecord request)
    {
        ActorRecord doctor = _actors[request.Doctor];
        HashSet<ActorId> parties = [request.Patient, doctor.Id, doctor.EffectiveOrganisation, doctor.Licence?.Organisation ?? default, .. PartiesOf(request.Receiver)];
        foreach (PolicyMember member in request.Policy.Groups.SelectMany(group => group.Members))
        {
            parties.UnionWith([member.Identity, member.Organisation]);
        }

        parties.Remove(default);
        return parties;
    }

    private Refusal? On(ApproveRequest c, Turn turn)
    {
        Refusal? refusal = FindDecidable(c.RequestId, c.Seat, c.Actor, turn.Now, out RequestRecord request)
            ?? (request.Committee.Count == 0 ? Refuse(LedgerError.NotYet, "The committee is not drawn.")
            : request.Doctor == c.Actor ? Refuse(LedgerError.WrongRole, "Nobody approves a request of one's own.")
            : c.ApprovalDigest.IsZero ? Refuse(LedgerError.Malformed, "An approval has a digest.")
            : FindPresence(request, turn.Now));
        if (refusal is not null)
        {
            return refusal;
        }

        turn.Emit(new RequestApproved { RequestId = request.Id, Seat = c.Seat, Trustee = c.Actor, ApprovalDigest = c.ApprovalDigest });
        IEnumerable<TrusteeSeat> seats = request.Approvals.Where(approval => _actors[approval.Actor].IsActiveAt(turn.Now)).Select(approval => approval.Seat).Append(c.Seat);
        if (request.Grant is null && request.Policy.IsSatisfiedBy(seats))
        {
            // What the grant needs is looked at when it is made, not at every approval on the way.
            if ((FindLicenceFault(request.Doctor, turn.Now) ?? FindReceiverFault(request.Receiver, request.Doctor, turn.Now)
                ?? (request.EmergencyReason != 0 && request.ReviewDueAt is null ? FindReviewsDue(_actors[request.Doctor]) : null)) is { } unfit)
            {
                return unfit;
            }

            turn.Emit(new GrantIssued { RequestId = request.Id, VetoUntil = turn.Now + request.Policy.VetoWindow });
        }

        return null;
    }

    /// <summary>Where the policy asks for the patient's silence, trustees decide only after it: counted from the end of the day of the patient's last command.</summary>
    private Refusal? FindPresence(RequestRecord request, DateTimeOffset now)
    {
        TimeSpan silence = request.Policy.IncapacityAfter;
        DateTimeOffset from = _actors[request.Patient].LastSeen + silence;
        return silence > TimeSpan.Zero && now < from
            ? Refuse(LedgerError.NotYet, string.Create(CultureInfo.InvariantCulture, $"The patient was there not long ago; trustees may decide from {from:u} on."))
            : null;
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
        }

        return refusal;
    }

    private Refusal? On(CancelRequest c, Turn turn)
    {
        Refusal? refusal = FindLive(c.RequestId, turn.Now, out RequestRecord request)
            ?? (request.Doctor != c.Actor ? Refuse(LedgerError.NotYours, "Only the doctor who asked withdraws the request.")
            : request.SettledAt is not null ? Refuse(LedgerError.WrongState, "The request is settled.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new RequestCancelled { RequestId = request.Id });
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
            : FindLicenceFault(request.Doctor, turn.Now));
        if (refusal is null)
        {
            turn.Emit(new GrantAttached { RequestId = request.Id, AttachmentKind = c.AttachmentKind, AttachmentDigest = c.AttachmentDigest });
        }

        return refusal;
    }

    private Refusal? On(ExpireRequest c, Turn turn)
    {
        if (FindLatest(c.RequestId, out RequestRecord request) is { } unknown)
        {
            return unknown;
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
        return null;
    }

    private void Change(RequestId id, Func<RequestRecord, RequestRecord> change) => _requests[id] = change(Known(_requests, id));

    /// <summary>Ends a request. Approvals without a final grant leave fragments in outboxes: then the shares should be refreshed.</summary>
    private void End(RequestId id, RequestStatus status, DateTimeOffset now)
    {
        RequestRecord request = Known(_requests, id);
        _requests[id] = request with { Ended = status, EndedAt = now };
        bool becameFinal = request.Grant is { } grant && now >= grant.VetoUntil && grant.VetoUntil < request.NotAfter;
        if (request.Approvals.Count > 0 && !becameFinal)
        {
            _bundles[request.BundleId] = Known(_bundles, request.BundleId) with { RefreshDue = true };
        }
    }

    /// <summary>Voids those of the requests that are not granted and that nothing ended, whether or not their time is over; says for which bundles they had gathered approvals.</summary>
    private HashSet<BundleId> VoidUndecided(IEnumerable<RequestRecord> requests, VoidCause cause, DateTimeOffset now)
    {
        HashSet<BundleId> approved = [];
        foreach (RequestRecord request in requests.Where(request => request.Ended is null && request.Grant is null).ToArray())
        {
            _requests[request.Id] = request with { Ended = RequestStatus.Voided, EndedAt = now, VoidCause = cause };
            if (request.Approvals.Count > 0)
            {
                approved.Add(request.BundleId);
            }
        }

        return approved;
    }

    private void AddApproval(RequestId id, TrusteeSeat seat, ActorId actor, Digest digest, DateTimeOffset now) => Change(id, request => request with
    {
        Approvals = [.. request.Approvals, new ApprovalRecord { Seat = seat, Actor = actor, ApprovalDigest = digest, Time = now }],
    });

    private void CountAbandoned(ActorId id, DateTimeOffset now)
    {
        ActorRecord doctor = Known(_actors, id);
        long forgiven = doctor.AbandonedRequests == 0 ? 0 : (long)Math.Max(0, (now - doctor.LastAbandonedAt).TotalSeconds) / Math.Max(1, (long)Parameters.MaxCooldown.TotalSeconds);
        _actors[id] = doctor with { AbandonedRequests = Math.Min(byte.MaxValue, 1 + (int)Math.Max(0, doctor.AbandonedRequests - forgiven)), LastAbandonedAt = now };
    }

    private void Apply(SnapshotTaken e, ulong block)
    {
        _snapshots[e.Number] = new RegistrySnapshot { Number = e.Number, Block = block, Entries = e.Entries };
        _snapshotNumbers.Add(e.Number);
        if (_snapshotNumbers.Count > 2)
        {
            int former = _snapshotNumbers[0];
            _snapshotNumbers.RemoveAt(0);
            if (_requests.Values.All(request => request.DrawSnapshot != former))
            {
                _snapshots.Remove(former);
            }
        }
    }

    private void Apply(AccessRequested e, DateTimeOffset now)
    {
        DealingRecord dealing = KnownServing(e.BundleId, e.DealingDigest);
        if (_latest.TryGetValue((e.Doctor, e.BundleId), out RequestId latest) && _requests[latest] is var former)
        {
            if (!IsUntouched(former))
            {
                _formerServices[(e.Doctor, e.BundleId)] = former.PackService();
            }

            if (former.Ended is null)
            {
                End(latest, RequestStatus.Superseded, now);
            }
        }

        // Asked again word for word after another request of the pair: what there is to review stays to be reviewed, and is so once.
        RequestRecord? before = _requests.GetValueOrDefault(e.RequestId);
        if (before is null)
        {
            _requestOrder.Add(e.RequestId);
            if (!_requestsOfBundle.TryGetValue(e.BundleId, out List<RequestId>? ofBundle))
            {
                _requestsOfBundle[e.BundleId] = ofBundle = [];
            }

            ofBundle.Add(e.RequestId);
        }

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
            Nonce = e.Nonce,
            Snapshot = e.Snapshot,
            DrawSnapshot = e.Snapshot,
            Uses = e.Uses,
            EmergencyReason = e.EmergencyReason,
            EvidenceRoot = e.EvidenceRoot,
            Possession = e.Possession,
            TeamKey = e.Receiver.Kind == ReceiverKinds.Team ? Known(_teams, e.Receiver.Id).Terms.PublicKey : null,
            ReusesReceivingKey = !_receivingKeys.Add(e.ReceivingKey),
            SeedBlock = e.SeedBlock,
            ReviewDueAt = before?.ReviewDueAt,
            Review = before?.Review,
            AsOf = now,
        };
        _latest[(e.Doctor, e.BundleId)] = e.RequestId;
    }

    private void Apply(DenialRecorded e, DateTimeOffset now) => Change(e.RequestId, request => request with
    {
        Denials = [.. request.Denials, new DenialRecord { Seat = e.Seat, Actor = e.Trustee, ReasonCode = e.ReasonCode, Time = now }],
    });

    private void Apply(GrantIssued e, DateTimeOffset now) => Change(e.RequestId, request =>
    {
        bool byPatient = request.Approval(TrusteeSeat.Patient) is not null;
        return WithReviewDue(request, byPatient, now) with { Grant = new GrantRecord { IssuedAt = now, VetoUntil = e.VetoUntil, ByPatient = byPatient, Attachments = [] } };
    });

    private void Apply(GrantAttached e, DateTimeOffset now) => Change(e.RequestId, request => request.Grant is not { } grant
        ? throw new PhrDataException(Stage, PhrDataReason.NotFound, "the event speaks of a grant that no earlier event made.")
        : grant.Attachments.Count >= LedgerLimits.Attachments || grant.Attachments.Any(attachment => attachment.Digest == e.AttachmentDigest) ? request
        : request with { Grant = grant with { Attachments = [.. grant.Attachments, new GrantAttachment { Kind = e.AttachmentKind, Digest = e.AttachmentDigest, Time = now }] } });

    private void Apply(RequestCancelled e, DateTimeOffset now)
    {
        End(e.RequestId, RequestStatus.Cancelled, now);
        if (_requests[e.RequestId] is { Grant: null, Doctor: var doctor })
        {
            CountAbandoned(doctor, now);
        }
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
