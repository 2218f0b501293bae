using System.Text.Json.Nodes;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Consent.Tests;

/// <summary>
/// Drives the same commands, drawn by a script of numbers, at a ledger and at a <see cref="ConsentState"/> of its own, and compares every outcome. Most commands are
/// what the right actor might do next; the rest are too early, too late, of the wrong actor or about the wrong thing.
/// </summary>
internal sealed class RandomCommands(LedgerStory story, Func<DateTimeOffset> now, Func<TimeSpan, Task> advance, Func<ulong, Task<Digest>>? findRandomness = null, bool comparesLeaves = true)
{
    private static readonly TimeSpan[] Steps = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(20), TimeSpan.FromHours(1), TimeSpan.FromHours(8), TimeSpan.FromDays(3)];
    private static readonly Person Newcomer = Person.Named("newcomer");
    private static readonly Person Spare = Person.Named("patient, new key");

    private static readonly Lazy<IReadOnlyList<(byte[] Statement, byte[] Evidence)>> _evidence = new(() =>
    {
        JsonNode file = JsonNode.Parse(File.ReadAllText(RepositoryRoot.Combine("contracts", "test", "vectors", "disputes.json")))!;
        return [.. file["statements"]!.AsArray().Zip(file["evidence"]!.AsArray(), (s, e) => (Convert.FromHexString(((string)s!)[2..]), Convert.FromHexString(((string)e!)[2..])))];
    });

    private readonly ConsentState _model = new(story.Ledger.Id, story.Ledger.Parameters);
    private readonly Dictionary<ulong, Digest> _randomness = [];
    private readonly List<RequestId> _requests = [];
    private readonly List<Digest> _dealings = [story.Dealing];
    private readonly List<Digest> _plans = [];
    private readonly List<Digest> _claims = [];
    private LedgerHead? _head;

    public int Accepted { get; private set; }

    public int Refused { get; private set; }

    public ConsentState Model => _model;

    /// <summary>
    /// Whether the history is to stay lively for long: keys are replaced before they end, nobody is removed for good but the newcomer, and a closed bundle is followed by another.
    /// </summary>
    public bool Lasts { get; init; }

    /// <summary>Told of each command before it is submitted.</summary>
    public Func<SignedCommand, Task>? BeforeSubmit { get; init; }

    /// <summary>How many commands of each kind were accepted.</summary>
    public SortedDictionary<LedgerCommandKind, int> Kinds { get; } = [];

    /// <summary>How many commands of each kind were refused, and why.</summary>
    public Dictionary<(LedgerCommandKind Kind, LedgerError Error), int> Refusals { get; } = [];

    /// <summary>Takes in what the ledger has already.</summary>
    public async Task BeginAsync() => await FollowModelAsync(submitted: null);

    public async Task RunAsync(IEnumerable<int> script)
    {
        foreach (int number in script)
        {
            var choices = new Choices((uint)number);
            if (Lasts)
            {
                await RenewAsync();
            }

            bool vetoable = _requests.Count > 0 && _model.GetRequest(_requests[^1], now())!.Status == RequestStatus.VetoWindow;
            if (choices.Below(vetoable ? 2 : 12) == 0)
            {
                await advance(vetoable ? LedgerStory.Policy.VetoWindow : choices.Pick(Steps));
            }
            else if (Lasts && choices.Below(4) == 0)
            {
                await SubmitRareAsync(choices);
            }
            else
            {
                LedgerCommand command = (choices.Below(8) == 0 ? NextOfAClaim(choices) : choices.Below(24) == 0 ? NextDispute(choices) : null) ?? (choices.Below(3) > 0 ? UsefulCommand(choices) : null) ?? NextCommand(choices);
                await SubmitAsync(Sign(command, choices));
            }
        }
    }

    /// <summary>Undoes what would leave nothing to do for the rest of a long history.</summary>
    private async Task RenewAsync()
    {
        foreach (Person person in LedgerStory.Everybody.Where(person => _model.GetActor(person.Id) is { } actor && actor.ValidUntil < now().AddDays(4) && actor.Status != ActorStatus.Suspended))
        {
            ActorRecord actor = _model.GetActor(person.Id)!;
            var replacement = new ReplaceKey { Actor = actor.Id, NewLedgerAddress = actor.LedgerAddress, KeyRecordDigest = LedgerStory.Fresh(), ValidUntil = now().AddDays(30) };
            await SubmitAsync(SignedCommand.Sign(replacement, _model.GetNonce(actor.Id), story.Ledger.Id, SignerOf(actor.LedgerAddress).Key));
        }

        bool isReady = LedgerStory.Trustees.Select(trustee => trustee.Trustee).Append(LedgerStory.Patient).All(person => _model.GetActor(person.Id)!.IsActiveAt(now()));
        if (isReady && _model.GetBundle(story.Bundle)!.IsRevoked && _model.GetActor(LedgerStory.Patient.Id)!.LedgerAddress == LedgerStory.Patient.Id)
        {
            await story.SealAnotherAsync();
            await FollowModelAsync(submitted: null);
            _dealings.Add(story.Dealing);
        }
    }

    /// <summary>Takes one of the longer stories a step further that chance alone seldom brings to an end: reshares, emergencies, recoveries, second committees, bonds.</summary>
    private async Task SubmitRareAsync(Choices choices)
    {
        BundleRecord bundle = _model.GetBundle(story.Bundle)!;
        switch (choices.Below(5))
        {
            case 0 when bundle is { PendingReshare: { } plan, PendingDealing: null } && _model.GetReshare(story.Bundle, plan)!.NotBefore is var from && now() < from:
                await advance(from - now());
                return;
            case 2 when _model.GetRecovery(LedgerStory.Patient.Id) is { EffectiveAt: { } effective } && now() < effective && choices.Below(4) == 0:
                await advance(effective - now());
                return;
            case var what:
                if (RareCommand(what, bundle, choices) is { } command)
                {
                    await SubmitAsync(Sign(command, choices));
                }

                return;
        }
    }

    private LedgerCommand? RareCommand(int what, BundleRecord bundle, Choices choices)
    {
        (Person trustee, TrusteeSeat seat) = choices.Pick([.. LedgerStory.Trustees]);
        RequestRecord? request = _requests.Count == 0 ? null : _model.GetRequest(_requests[^1], now())!;
        switch (what)
        {
            case 0 when bundle.PendingDealing is { } waiting:
                return choices.Below(6) > 0 ? null : new ComplainOfDealing { Actor = trustee.Id, BundleId = story.Bundle, DealingDigest = waiting, Seat = seat, EvidenceDigest = LedgerStory.Fresh() };
            case 0 when bundle.PendingReshare is { } plan:
                ReshareRecord reshare = _model.GetReshare(story.Bundle, plan)!;
                return reshare.Contributions.Count > 3 && choices.Below(3) == 0
                    ? new ComplainOfReshare { Actor = trustee.Id, BundleId = story.Bundle, PlanDigest = plan, Seat = seat, Dealer = choices.Pick(reshare.Contributions).Seat, EvidenceDigest = LedgerStory.Fresh() }
                    : NextOfTheReshare(reshare, choices);
            case 0:
                return LedgerStory.Reshare(story.Bundle, bundle, now()) with { Actor = trustee.Id, Epoch = bundle.LastEpoch + 1, HeaderDigest = _model.GetDealing(story.Bundle, bundle.ActiveDealing!.Value)!.HeaderDigest };
            case 1 when bundle.ActiveEmergencyDealing is null:
                return bundle.PendingDealing is not null ? null : new ProposeDealing
                {
                    Actor = LedgerStory.Patient.Id,
                    BundleId = story.Bundle,
                    HeaderDigest = bundle.HeaderDigest,
                    Epoch = bundle.LastEpoch + 1,
                    PreviousDealingDigest = default,
                    DealingDigest = LedgerStory.Fresh(),
                    Policy = LedgerStory.Policy with { Emergency = true },
                };
            case 1:
                RequestId[] due = [.. _requests.Where(id => _model.GetRequest(id, now()) is { ReviewDueAt: not null, Review: null })];
                return due.Length > 0 && choices.Below(2) == 0
                    ? new ReviewEmergency { Actor = LedgerStory.Patient.Id, RequestId = choices.Pick(due), Finding = choices.Below(3) == 0 ? EmergencyFinding.Unjustified : EmergencyFinding.Justified }
                    : story.Request(bundle) with { EmergencyReason = 1, DealingDigest = bundle.ActiveEmergencyDealing!.Value, Epoch = bundle.EmergencyEpoch, NotAfter = now().AddHours(22) };
            case 2 when _model.GetRecovery(LedgerStory.Patient.Id) is null:
                return new ProposeRecovery { Actor = trustee.Id, Patient = LedgerStory.Patient.Id, BundleId = story.Bundle, NewLedgerAddress = Spare.Id, KeyRecordDigest = LedgerStory.Fresh(), ValidUntil = now().AddDays(90) };
            case 2:
                RecoveryRecord recovery = _model.GetRecovery(LedgerStory.Patient.Id)!;
                return recovery.EffectiveAt is null ? new SupportRecovery { Actor = trustee.Id, Patient = LedgerStory.Patient.Id, NewLedgerAddress = recovery.NewLedgerAddress, Seat = seat }
                    : now() >= recovery.EffectiveAt && choices.Below(3) == 0 ? new CompleteRecovery { Actor = trustee.Id, Patient = LedgerStory.Patient.Id }
                    : new CancelRecovery { Actor = LedgerStory.Patient.Id };
            case 3 when request is { Status: RequestStatus.Granted, Committee.Count: > 0 }:
                CommitteeMember[] idle = [.. request.Committee.Where(member => request.Delivery(member.Index) is null && request.Refusals.All(refusal => refusal.Index != member.Index))];
                return idle.Length > 0 && choices.Below(3) > 0
                    ? new RefuseDelivery { Actor = choices.Pick(idle).Oracle, RequestId = request.Id, Index = choices.Pick(idle).Index, ReasonCode = 3 }
                    : new RedrawCommittee { Actor = LedgerStory.Doctor.Id, RequestId = request.Id };
            case 3:
                return request is null || choices.Below(5) > 0 ? null : new DenyRequest { Actor = trustee.Id, RequestId = request.Id, Seat = seat, ReasonCode = 1 };
            default:
                Person oracle = choices.Pick(LedgerStory.Oracles);
                ActorRecord record = _model.GetActor(oracle.Id)!;
                Person? owed = LedgerStory.Everybody.FirstOrDefault(person => _model.GetActor(person.Id) is { Credit: > 0 });
                return owed is not null && choices.Below(2) == 0 ? new WithdrawCredit { Actor = owed.Id }
                    : record.ReleasingBond > 0 ? choices.Below(3) > 0 && now() < record.BondPayableAt ? null : new WithdrawBond { Actor = oracle.Id }
                    : record.Bond > 0 ? new ReleaseBond { Actor = oracle.Id, Amount = 1 + (ulong)choices.Below((int)Math.Min(record.Bond, 1_000_000)) }
                    : new PostBond { Actor = LedgerStory.Agency.Id, Oracle = oracle.Id, Amount = 1 + (ulong)choices.Below(1000) };
        }
    }

    private async Task SubmitAsync(SignedCommand command)
    {
        if (BeforeSubmit is { } before)
        {
            await before(command);
        }

        try
        {
            await story.Ledger.SubmitAsync(command);
        }
        catch (LedgerRejectedException refused)
        {
            ulong block = _head!.Block + 1;
            if (command.Command is DrawCommittee draw && _model.GetRequest(draw.RequestId, now()) is { } waiting)
            {
                block = Math.Max(block, waiting.SeedBlock + 1);
            }

            LedgerDecision decision = _model.Decide(command, new LedgerBlock(block, now(), default), Randomness);
            Assert.False(decision.IsAccepted, $"{command.Command} was refused with {refused.Error}");
            Assert.Equal(decision.Error, refused.Error);
            if (comparesLeaves)
            {
                Assert.Equal(decision.FailingLeaf, refused.FailingLeaf);
            }

            Refused++;
            Refusals[(command.Command.Kind, refused.Error)] = Refusals.GetValueOrDefault((command.Command.Kind, refused.Error)) + 1;
            return;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{command.Command} ended otherwise.", e);
        }

        await FollowModelAsync(command);
        Accepted++;
        Kinds[command.Command.Kind] = Kinds.GetValueOrDefault(command.Command.Kind) + 1;
        if (command.Command is RequestAccess request)
        {
            _requests.Add(request.ComputeId(story.Ledger.Id));
        }
        else if (command.Command is ProposeDealing dealing)
        {
            _dealings.Add(dealing.DealingDigest);
        }
        else if (command.Command is FileClaim claim)
        {
            _claims.Add(claim.ComputeId(story.Ledger.Id));
        }
        else if (command.Command is ProposeReshare reshare)
        {
            _plans.Add(reshare.PlanDigest);
        }
        else if (command.Command is ConfirmReshare && _model.GetBundle(story.Bundle)!.PendingDealing is { } made)
        {
            _dealings.Add(made);
        }
    }

    private async Task FollowModelAsync(SignedCommand? submitted)
    {
        await foreach (LedgerEntry entry in story.Ledger.ReadAsync(_head?.Number ?? 0))
        {
            _randomness[entry.Block.Number] = entry.Block.Randomness;
            if (findRandomness is not null && entry.Command?.Command is DrawCommittee draw && _model.GetRequest(draw.RequestId, now())?.SeedBlock is { } seedBlock)
            {
                _randomness[seedBlock] = await findRandomness(seedBlock);
            }

            if (entry.Command is { } command)
            {
                Assert.True(submitted is null || submitted == command, "another command stands there");
                LedgerDecision decision = _model.Decide(command, entry.Block, Randomness);
                Assert.True(decision.IsAccepted, $"{command.Command} was accepted; the model says {decision.Error}: {decision.Message}");
                Assert.Equal(decision.Events, entry.Events);
            }
            else
            {
                Assert.Empty(entry.Events);
            }

            foreach (LedgerEvent ledgerEvent in entry.Events)
            {
                _model.Evolve(ledgerEvent, entry.Block);
            }
        }

        _head = await story.Ledger.GetHeadAsync();
        story.Snapshot = _model.GetSnapshot(null)?.Number ?? 0;
    }

    private Digest Randomness(ulong block) => _randomness.GetValueOrDefault(block);

    private SignedCommand Sign(LedgerCommand command, Choices choices)
    {
        ActorId address = _model.GetActor(command.Actor)?.LedgerAddress ?? command.Actor;
        Person signer = choices.Below(40) == 0 ? LedgerStory.Clinic : SignerOf(address);
        ulong nonce = _model.GetNonce(command.Actor) + (choices.Below(40) == 0 ? 1ul : 0);
        return SignedCommand.Sign(command, nonce, story.Ledger.Id, signer.Key);
    }

    private static Person SignerOf(ActorId address) => LedgerStory.Everybody.Append(Newcomer).Append(Spare).Single(person => person.Id == address);

    /// <summary>What takes the last request a step further, or undoes what stands in its way.</summary>
    private LedgerCommand? UsefulCommand(Choices choices)
    {
        Person[] suspended = [.. LedgerStory.Everybody.Where(person => _model.GetActor(person.Id) is { Status: ActorStatus.Suspended })];
        if (suspended.Length > 0 && choices.Below(3) == 0)
        {
            return new ReinstateActor { Actor = LedgerStory.Agency.Id, Subject = choices.Pick(suspended).Id, ReasonCode = 5 };
        }

        if (_model.GetActor(LedgerStory.Doctor.Id) is { Licence: null })
        {
            return story.Licence(LedgerStory.Doctor) with { Actor = LedgerStory.Agency.Id };
        }

        BundleRecord bundle = _model.GetBundle(story.Bundle)!;
        if (bundle.PendingDealing is { } pending && choices.Below(2) == 0)
        {
            DealingRecord dealing = _model.GetDealing(story.Bundle, pending)!;
            TrusteeSeat[] outstanding = [.. dealing.Outstanding()];
            TrusteeSeat[] silent = [.. outstanding.Where(seat => dealing.Complaints.All(complaint => complaint.Seat != seat))];
            return silent.Length > 0 && choices.Pick(silent) is var due
                ? new AcknowledgeDealing { Actor = LedgerStory.Policy.FindMember(due)!.Identity, BundleId = story.Bundle, DealingDigest = pending, Seat = due }
                : dealing.HasQuorum() ? new ActivateDealing { Actor = LedgerStory.Patient.Id, BundleId = story.Bundle, DealingDigest = pending, Without = outstanding }
                : new CancelDealing { Actor = LedgerStory.Patient.Id, BundleId = story.Bundle, DealingDigest = pending };
        }

        if (bundle is { PendingDealing: null, PendingReshare: { } plan } && choices.Below(2) == 0)
        {
            return NextOfTheReshare(_model.GetReshare(story.Bundle, plan)!, choices);
        }

        RequestRecord? request = _requests.Count == 0 ? null : _model.GetRequest(_requests[^1], now())!;
        switch (request?.Status)
        {
            case RequestStatus.AwaitingDraw:
                return new DrawCommittee { Actor = choices.Pick([.. LedgerStory.Everybody]).Id, RequestId = request.Id };
            case RequestStatus.Open:
                (Person Trustee, TrusteeSeat Seat) next = choices.Pick([.. LedgerStory.Trustees.Where(t => request.Approval(t.Seat) is null)]);
                return LedgerStory.Approve(request.Id, next.Seat) with { Actor = next.Trustee.Id };
            case RequestStatus.Granted when request.Committee.Where(m => request.Delivery(m.Index) is null).ToArray() is { Length: > 1 } waiting:
                return LedgerStory.Delivery(request.Id, choices.Pick(waiting));
            case RequestStatus.Granted:
                return choices.Below(4) switch
                {
                    3 => new AttachToGrant { Actor = LedgerStory.Patient.Id, RequestId = request.Id, AttachmentKind = GrantAttachmentKind.SearchTokens, AttachmentDigest = LedgerStory.Fresh() },
                    0 => new ConfirmOpened { Actor = LedgerStory.Doctor.Id, RequestId = request.Id },
                    1 => new RateOracle { Actor = LedgerStory.Doctor.Id, RequestId = request.Id, Index = choices.Pick(request.Deliveries).Index, Rating = choices.Below(101) },
                    _ => new SettleRequest { Actor = LedgerStory.Doctor.Id, RequestId = request.Id },
                };
            case RequestStatus.Settled when request.Used + 1 < request.Uses && choices.Below(2) == 0:
                return new UseAgain { Actor = LedgerStory.Doctor.Id, RequestId = request.Id };
            case RequestStatus.VetoWindow:
                return null;
            case RequestStatus.Expired when request.Ended is null:
                return new ExpireRequest { Actor = LedgerStory.Doctor.Id, RequestId = request.Id };
            default:
                return story.Request(bundle);
        }
    }

    private LedgerCommand? NextOfTheReshare(ReshareRecord reshare, Choices choices)
    {
        TrusteeSeat[] idle = [.. LedgerStory.Policy.Seats().Where(seat => reshare.Contributions.All(contribution => contribution.Seat != seat))];
        TrusteeSeat[] qualified = [.. reshare.Qualified()];
        if (now() >= reshare.NotAfter)
        {
            return new ExpireReshare { Actor = LedgerStory.Doctor.Id, BundleId = story.Bundle, PlanDigest = reshare.PlanDigest };
        }

        if (now() < reshare.NotBefore)
        {
            return null;
        }

        if (idle.Length > 0 && !LedgerStory.Policy.IsSatisfiedBy(qualified))
        {
            return LedgerStory.Contribution(story.Bundle, reshare.PlanDigest, choices.Pick(idle));
        }

        return qualified.Length == 0
            ? new CancelReshare { Actor = LedgerStory.Patient.Id, BundleId = story.Bundle, PlanDigest = reshare.PlanDigest }
            : LedgerStory.Confirmation(story.Bundle, reshare.PlanDigest, choices.Pick(qualified), Digest.Of([.. reshare.PlanDigest.ToBytes(), (byte)qualified.Length, (byte)reshare.Complaints.Count]), qualified);
    }

    /// <summary>Somebody shows evidence, good or bad, of a delivery that an oracle signed, or somebody else did.</summary>
    private LedgerCommand NextDispute(Choices choices)
    {
        Person oracle = choices.Pick(LedgerStory.Oracles);
        int number = choices.Below(_evidence.Value.Count);
        (byte[] words, byte[] evidence) = _evidence.Value[number];
        var delivery = new DisputedDelivery
        {
            Oracle = choices.Below(12) == 0 ? LedgerStory.Doctor.Id : oracle.Id,
            Slashes = (_model.GetActor(oracle.Id)?.Slashes ?? 0) + (choices.Below(8) == 0 ? 1 : 0),
            RequestId = RequestId.FromBytes(words.AsSpan(0, 32)),
            Round = 0,
            Use = 0,
            Index = 1,
            Root = Digest.FromBytes(words.AsSpan(32, 32)),
            EvidenceRoot = Digest.FromBytes(words.AsSpan(64, 32)),
            ReceivingKeyHash = Digest.FromBytes(words.AsSpan(96, 32)),
        };
        Person signer = choices.Below(8) == 0 ? LedgerStory.Doctor : oracle;
        if (choices.Below(3) == 0)
        {
            // Two deliveries for one job, or for two, or the same twice.
            DisputedDelivery other = choices.Below(6) switch
            {
                0 => delivery,
                1 => delivery with { Use = 1, Root = LedgerStory.Fresh() },
                2 => delivery with { Oracle = choices.Pick(LedgerStory.Oracles).Id, Root = LedgerStory.Fresh() },
                _ => delivery with { Root = LedgerStory.Fresh() },
            };
            return new DisputeEquivocation
            {
                Actor = choices.Pick([.. LedgerStory.Everybody]).Id,
                Delivery = delivery,
                DeliverySignature = delivery.ToStatement(story.Ledger.Id).Sign(oracle.Key),
                Other = other,
                OtherSignature = other.ToStatement(story.Ledger.Id).Sign(signer.Key),
            };
        }

        return new DisputeDelivery
        {
            Actor = choices.Pick([.. LedgerStory.Everybody]).Id,
            Delivery = delivery,
            DeliverySignature = delivery.ToStatement(story.Ledger.Id).Sign(signer.Key),
            Evidence = DeliveryEvidence.FromBytes(evidence),
        };
    }

    /// <summary>Somebody does something with a claim; most often it is whose turn it is.</summary>
    private LedgerCommand NextOfAClaim(Choices choices)
    {
        switch (_model.GetActor(LedgerStory.Insurer.Id)?.Status)
        {
            case null: return story.Register(ActorRoles.Insurer) with { Actor = LedgerStory.Insurer.Id };
            case ActorStatus.Pending: return new AdmitActor { Actor = LedgerStory.Agency.Id, Subject = LedgerStory.Insurer.Id };
            case var _ when choices.Below(12) == 0: return new SetReviewThreshold { Actor = LedgerStory.Insurer.Id, Currency = "INR", Threshold = (ulong)choices.Below(20) };
        }

        ClaimRecord? claim = _claims.Count == 0 ? null : _model.GetClaim(choices.Below(3) > 0 ? _claims[^1] : choices.Pick(_claims));
        if (claim is null || (!claim.IsOpen && !claim.MayAppeal && choices.Below(2) == 0))
        {
            return story.Claim((ulong)(1 + choices.Below(20))) with { Actor = LedgerStory.Patient.Id };
        }

        ActorId due = claim.Status switch
        {
            ClaimStatus.AwaitingDoctor => claim.Doctor,
            ClaimStatus.AwaitingHospital => claim.Hospital,
            ClaimStatus.AwaitingAgency or ClaimStatus.AwaitingAppeal => LedgerStory.Agency.Id,
            ClaimStatus.AwaitingInsurer => claim.Insurer,
            _ => claim.Patient,
        };
        ActorId actor = choices.Below(6) == 0 ? choices.Pick([.. LedgerStory.Everybody]).Id : due;
        return choices.Below(10) switch
        {
            0 => new RejectClaim { Actor = actor, ClaimId = claim.Id, ReasonCode = choices.Below(9) },
            1 => new WithdrawClaim { Actor = choices.Below(2) == 0 ? claim.Patient : actor, ClaimId = claim.Id },
            2 => new ExpireClaim { Actor = actor, ClaimId = claim.Id },
            _ when claim.Status == ClaimStatus.AwaitingInsurer => new ApproveClaim { Actor = actor, ClaimId = claim.Id, Amount = (ulong)choices.Below((int)claim.Amount + 2), OpinionDigest = LedgerStory.Fresh() },
            _ when claim.Status == ClaimStatus.AwaitingAppeal => new DecideAppeal { Actor = actor, ClaimId = claim.Id, SendBack = choices.Below(2) == 0 },
            _ when claim.MayAppeal => new AppealClaim { Actor = actor, ClaimId = claim.Id, GroundsDigest = LedgerStory.Fresh() },
            _ => new EndorseClaim { Actor = actor, ClaimId = claim.Id, OpinionDigest = LedgerStory.Fresh() },
        };
    }

    private LedgerCommand NextCommand(Choices choices)
    {
        RequestId request = _requests.Count == 0 || choices.Below(30) == 0 ? RequestId.FromBytes(LedgerStory.Fresh().ToBytes())
            : choices.Below(3) > 0 ? _requests[^1]
            : choices.Pick(_requests);
        RequestRecord? record = _model.GetRequest(request, now());
        BundleRecord bundle = _model.GetBundle(story.Bundle)!;
        Digest dealing = choices.Below(2) == 0 ? _dealings[^1] : choices.Pick(_dealings);
        (Person trustee, TrusteeSeat seat) = choices.Pick([.. LedgerStory.Trustees]);
        CommitteeMember? member = record is { Committee.Count: > 0 } ? choices.Pick(record.Committee) : null;
        Person subject = choices.Pick([.. LedgerStory.Everybody, Newcomer]);
        TeamRecord? team = _model.GetTeam(LedgerStory.Team);

        LedgerCommand command = choices.Below(59) switch
        {
            < 5 => bundle.ActiveEmergencyDealing is { } forEmergencies && choices.Below(3) == 0
                ? story.Request(bundle) with { EmergencyReason = 1, DealingDigest = forEmergencies, Epoch = bundle.EmergencyEpoch, NotAfter = now().AddHours(20 + choices.Below(6)) }
                : story.Request(choices.Below(3) == 0 ? null : bundle) with { Uses = 1 + choices.Below(2) },
            < 9 => new DrawCommittee { Actor = LedgerStory.Doctor.Id, RequestId = request },
            < 17 => LedgerStory.Approve(request, seat) with { Actor = trustee.Id },
            17 => new DenyRequest { Actor = trustee.Id, RequestId = request, Seat = seat, ReasonCode = 1 },
            18 => new ConsentToRequest { Actor = LedgerStory.Patient.Id, RequestId = request, ApprovalDigest = LedgerStory.Fresh() },
            19 => new VetoRequest { Actor = LedgerStory.Patient.Id, RequestId = request },
            20 => new CancelRequest { Actor = LedgerStory.Doctor.Id, RequestId = request },
            21 => new RevokeGrant { Actor = LedgerStory.Patient.Id, RequestId = request, ReasonCode = 2 },
            < 26 when member is not null => LedgerStory.Delivery(request, member),
            26 when member is not null => new RefuseDelivery { Actor = member.Oracle, RequestId = request, Index = member.Index, ReasonCode = 3 },
            27 => new ConfirmOpened { Actor = LedgerStory.Doctor.Id, RequestId = request },
            28 => new SettleRequest { Actor = subject.Id, RequestId = request },
            29 => new RateOracle { Actor = LedgerStory.Doctor.Id, RequestId = request, Index = 1 + choices.Below(5), Rating = choices.Below(101) },
            30 when choices.Below(3) == 0 => new UseAgain { Actor = LedgerStory.Doctor.Id, RequestId = request },
            30 => new RedrawCommittee { Actor = LedgerStory.Doctor.Id, RequestId = request },
            31 => choices.Below(3) switch
            {
                0 => new ExpireRequest { Actor = subject.Id, RequestId = request },
                1 => new ReviewEmergency { Actor = choices.Pick([LedgerStory.Patient, LedgerStory.Agency, subject]).Id, RequestId = request, Finding = choices.Below(3) == 0 ? EmergencyFinding.Unjustified : EmergencyFinding.Justified },
                _ => new TakeSnapshot { Actor = subject.Id },
            },
            32 => new SuspendActor { Actor = LedgerStory.Agency.Id, Subject = subject.Id, ReasonCode = 4 },
            33 or 34 => new ReinstateActor { Actor = LedgerStory.Agency.Id, Subject = subject.Id, ReasonCode = 5 },
            35 => choices.Below(4) == 0
                ? new RemoveActor { Actor = LedgerStory.Agency.Id, Subject = Lasts ? Newcomer.Id : subject.Id, ReasonCode = 6 }
                : new AdmitActor { Actor = LedgerStory.Agency.Id, Subject = subject.Id },
            36 => story.Register(choices.Pick<ActorRoles>([ActorRoles.Patient, ActorRoles.Doctor, ActorRoles.Oracle, ActorRoles.Agency, ActorRoles.Agency | ActorRoles.Doctor]), runner: LedgerStory.Operators[0].Id) with { Actor = Newcomer.Id },
            37 => new ReplaceKey { Actor = subject.Id, NewLedgerAddress = _model.GetActor(subject.Id)?.LedgerAddress ?? subject.Id, KeyRecordDigest = LedgerStory.Fresh(), ValidUntil = now().AddDays(20) },
            38 => choices.Below(2) == 0
                ? story.Licence(subject) with { Actor = LedgerStory.Agency.Id }
                : new WithdrawLicence { Actor = LedgerStory.Agency.Id, Doctor = LedgerStory.Doctor.Id, ReasonCode = 7 },
            39 => new ReviseBundle { Actor = LedgerStory.Patient.Id, BundleId = story.Bundle, PreviousHeaderDigest = choices.Below(3) == 0 ? story.Header : bundle.HeaderDigest, HeaderDigest = LedgerStory.Fresh(), DocumentsRoot = LedgerStory.Fresh() },
            40 => new PublishEnvelopeKey { Actor = trustee.Id, BundleId = story.Bundle, Epoch = bundle.LastEpoch + 1, EnvelopeKey = trustee.Key.PublicKey, OfferDigest = LedgerStory.Fresh() },
            41 => choices.Below(2) == 0
                ? new ProposeDealing { Actor = LedgerStory.Patient.Id, BundleId = story.Bundle, HeaderDigest = bundle.HeaderDigest, Epoch = bundle.LastEpoch + 1, PreviousDealingDigest = bundle.ActiveDealing!.Value, DealingDigest = LedgerStory.Fresh(), Policy = LedgerStory.Policy }
                : new ProposeDealing { Actor = LedgerStory.Patient.Id, BundleId = story.Bundle, HeaderDigest = bundle.HeaderDigest, Epoch = bundle.LastEpoch + 1, PreviousDealingDigest = bundle.ActiveEmergencyDealing ?? default, DealingDigest = LedgerStory.Fresh(), Policy = LedgerStory.Policy with { Emergency = true } },
            42 => new AcknowledgeDealing { Actor = trustee.Id, BundleId = story.Bundle, DealingDigest = dealing, Seat = seat },
            43 => choices.Below(3) == 0
                ? new CancelDealing { Actor = LedgerStory.Patient.Id, BundleId = story.Bundle, DealingDigest = dealing }
                : new ActivateDealing { Actor = LedgerStory.Patient.Id, BundleId = story.Bundle, DealingDigest = dealing },
            44 => choices.Below(3) switch
            {
                0 => new ProposeRecovery { Actor = trustee.Id, Patient = LedgerStory.Patient.Id, BundleId = story.Bundle, NewLedgerAddress = Spare.Id, KeyRecordDigest = LedgerStory.Fresh(), ValidUntil = now().AddDays(90) },
                1 => new SupportRecovery { Actor = trustee.Id, Patient = LedgerStory.Patient.Id, NewLedgerAddress = Spare.Id, Seat = seat },
                _ => new CompleteRecovery { Actor = trustee.Id, Patient = LedgerStory.Patient.Id },
            },
            45 => choices.Below(6) == 0
                ? new RevokeBundle { Actor = LedgerStory.Patient.Id, BundleId = story.Bundle, ReasonCode = 8 }
                : new CancelRecovery { Actor = LedgerStory.Patient.Id },
            46 => team is null ? LedgerStory.TeamRegistration() : new AdmitActor { Actor = choices.Pick([LedgerStory.Clinic, LedgerStory.Agency]).Id, Subject = LedgerStory.Team },
            47 when team is not null => story.TeamRequest(Math.Max(1, team.Terms.KeyEpoch - choices.Below(2)), bundle),
            48 when team is not null => Change(team, choices),
            49 when team is not null => new ConfirmTeamChange
            {
                Actor = choices.Pick(team.Terms.Members).Member,
                Team = LedgerStory.Team,
                CharterDigest = choices.Below(4) == 0 || team.Votes.Count == 0 ? LedgerStory.Fresh() : choices.Pick(team.Votes).Terms.CharterDigest,
            },
            50 or 51 => LedgerStory.Reshare(story.Bundle, bundle, now()) with { Actor = trustee.Id },
            52 when _plans.Count > 0 => choices.Below(4) switch
            {
                0 => new ComplainOfReshare { Actor = trustee.Id, BundleId = story.Bundle, PlanDigest = _plans[^1], Seat = seat, Dealer = choices.Pick([.. LedgerStory.Trustees]).Seat, EvidenceDigest = LedgerStory.Fresh() },
                1 => new CancelReshare { Actor = LedgerStory.Patient.Id, BundleId = story.Bundle, PlanDigest = choices.Pick(_plans) },
                2 => new ExpireReshare { Actor = subject.Id, BundleId = story.Bundle, PlanDigest = choices.Pick(_plans) },
                _ => LedgerStory.Contribution(story.Bundle, choices.Pick(_plans), seat) with { Actor = trustee.Id },
            },
            53 when _plans.Count > 0 => LedgerStory.Confirmation(story.Bundle, _plans[^1], seat, LedgerStory.Fresh(), [seat]),
            54 => new AttachToGrant { Actor = LedgerStory.Patient.Id, RequestId = request, AttachmentKind = GrantAttachmentKind.SearchTokens, AttachmentDigest = LedgerStory.Fresh() },
            55 => choices.Below(3) switch
            {
                0 => new AcceptAdmission { Actor = Newcomer.Id },
                1 => new ConfirmPresence { Actor = LedgerStory.Patient.Id },
                _ => new WithdrawCredit { Actor = subject.Id },
            },
            56 => new PostBond { Actor = subject.Id, Oracle = choices.Pick([.. LedgerStory.Oracles, subject]).Id, Amount = 1 + (ulong)choices.Below(1000) },
            57 => choices.Below(2) == 0
                ? new ReleaseBond { Actor = choices.Pick(LedgerStory.Oracles).Id, Amount = 1 + (ulong)choices.Below(500) }
                : new WithdrawBond { Actor = choices.Pick(LedgerStory.Oracles).Id },
            _ => new ExpireRequest { Actor = subject.Id, RequestId = request },
        };

        // Now and then somebody tries what is not theirs. A request's receiving key stays bound to its doctor, so that one keeps its own.
        return choices.Below(12) == 0 && command is not RequestAccess ? command with { Actor = subject.Id } : command;
    }

    /// <summary>Somebody joins or leaves the team; now and then the change breaks a rule.</summary>
    private static ChangeTeam Change(TeamRecord team, Choices choices)
    {
        Person[] pool = [LedgerStory.Doctor, LedgerStory.Hospital, LedgerStory.Clinic, .. LedgerStory.Guardians];
        Person[] roster = [LedgerStory.Doctor, .. pool.Skip(1).Where(_ => choices.Below(2) == 0)];
        bool leaves = team.Terms.Members.Any(place => roster.All(person => person.Id != place.Member));
        int keyEpoch = team.Terms.KeyEpoch + (leaves != (choices.Below(8) == 0) ? 1 : 0);
        return new ChangeTeam
        {
            Actor = choices.Pick(team.Terms.Members).Member,
            Team = LedgerStory.Team,
            PreviousCharterDigest = choices.Below(10) == 0 ? LedgerStory.Fresh() : team.Terms.CharterDigest,
            Terms = LedgerStory.Terms(team.Terms.RosterEpoch + 1, keyEpoch, roster),
        };
    }

    /// <summary>xorshift64*, so that one number of a script is one command.</summary>
    private sealed class Choices(uint seed)
    {
        private ulong _state = unchecked((seed * 0x9E3779B97F4A7C15) | 1);

        public int Below(int bound)
        {
            unchecked
            {
                _state ^= _state >> 12;
                _state ^= _state << 25;
                _state ^= _state >> 27;
                return (int)(((_state * 0x2545F4914F6CDD1D) >> 33) % (ulong)bound);
            }
        }

        public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];
    }
}
