using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

/// <summary>Random commands, sensible and senseless, by rightful and wrongful actors: what must hold always, holds after each of them.</summary>
public class RandomSequenceTests
{
    private const int Choices = 900;

    [Fact]
    public void AnySequence_Always_KeepsTheInvariants()
    {
        LedgerEventKind[] wanted =
        [
            LedgerEventKind.GrantIssued, LedgerEventKind.PatientConsented, LedgerEventKind.RequestDenied, LedgerEventKind.RequestVetoed, LedgerEventKind.RequestVoided, LedgerEventKind.GrantRevoked,
            LedgerEventKind.DeliveryRecorded, LedgerEventKind.RequestSettled, LedgerEventKind.ActorSuspended, LedgerEventKind.SnapshotTaken, LedgerEventKind.RecoveryProposed,
            LedgerEventKind.CommitteeRedrawn, LedgerEventKind.OracleRated, LedgerEventKind.UsedAgain, LedgerEventKind.DealingActivated, LedgerEventKind.RequestExpired,
            LedgerEventKind.ReshareProposed, LedgerEventKind.ReshareComplained, LedgerEventKind.ReshareCompleted, LedgerEventKind.ReshareCancelled, LedgerEventKind.ReshareExpired,
        ];
        var seen = new HashSet<LedgerEventKind>();
        Gen<int[]> choices = Gen.Choose(0, int.MaxValue - 1).ArrayOf(Choices);
        Arbitrary<int[]> shrinkable = Arb.From(choices, array => array.Length < 8 ? [] : (int[][])[array[..(array.Length / 2)], array[..(array.Length * 7 / 8)], array[..^1]]);

        // The sequences must reach the far ends, else they would prove little: another round follows until they have.
        for (int round = 0; round == 0 || (round < 10 && wanted.Except(seen).Any()); round++)
        {
            Check.One(Config.QuickThrowOnFailure.WithMaxTest(40).WithQuietOnSuccess(true), Prop.ForAll(shrinkable, array =>
            {
                var run = new RandomLedger(array);
                run.Play();
                seen.UnionWith(run.World.Events.Select(made => made.Kind));
            }));
        }

        Assert.Empty(wanted.Except(seen));
    }

    private sealed class RandomLedger(int[] choices)
    {
        private readonly HashSet<(ActorId, ulong)> _nonces = [];
        private readonly Dictionary<RequestId, RequestStatus> _over = [];
        private readonly List<RequestId> _requests = [];
        private readonly Person[] _doctors = [Person.Of("doctor"), Person.Of("second doctor")];
        private readonly Dictionary<ActorId, ActorRoles> _roles = [];
        private ActorId[] _everybody = [];
        private int _at;

        public LedgerWorld World { get; } = new();

        private DateTimeOffset Now => World.Now;

        public void Play()
        {
            World.WithBundle();
            World.WithDoctor(_doctors[1]);
            World.PublishEnvelopeKeys();
            Person secondPatient = Person.Of("second patient");
            World.Do(World.Register(secondPatient, ActorRoles.Patient));
            _everybody =
            [
                World.Patient.Id, secondPatient.Id, World.Agency.Id, World.Hospital.Id, World.Stranger.Id,
                .. _doctors.Select(doctor => doctor.Id), .. World.Guardians.Select(guardian => guardian.Id), .. World.Oracles.Take(3).Select(oracle => oracle.Id),
            ];
            foreach (NonceUsed used in World.Events.OfType<NonceUsed>())
            {
                Assert.True(_nonces.Add((used.Actor, used.Nonce)));
            }

            while (_at < choices.Length)
            {
                Step();
            }

            Assert.Equal(World.Snapshot(World.State), World.Snapshot(World.Replica));
        }

        private int Next(int bound) => _at < choices.Length ? choices[_at++] % bound : 0;

        private T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

        private bool Chance(int percent) => Next(100) < percent;

        /// <summary>The rightful actor, mostly.</summary>
        private ActorId By(ActorId rightful) => Chance(85) ? rightful : Pick(_everybody);

        private void Step()
        {
            World.Pass(TimeSpan.FromMinutes(Next(20)));
            if (Chance(4))
            {
                World.Pass(TimeSpan.FromHours(Next(60)));
            }

            LedgerCommand? command = _requests.Count == 0 || Chance(10) ? Ask() : Chance(World.BundleNow.PendingReshare is null ? 10 : 40) ? NextOfTheDealing() : Chance(4) ? NextOfTheRecovery() : Chance(8) ? SuspendOrReinstate() : Chance(55) ? NextOf(Pick(_requests.TakeLast(3).ToArray())) : Chance(60) ? AboutARequest(Pick(_requests)) : AboutTheRest();
            if (command is null)
            {
                return;
            }

            BundleRecord bundle = World.BundleNow;
            List<object?>? unchanged = Chance(5) ? World.Snapshot(World.State) : null;
            Dictionary<ActorId, Reputation> reputations = World.Oracles.ToDictionary(oracle => oracle.Id, oracle => World.ReputationOf(oracle.Id));
            Dictionary<RequestId, RequestRecord> before = _requests.ToDictionary(id => id, World.Request);
            LedgerDecision decision = World.Try(command);
            if (decision.IsAccepted)
            {
                CheckEvents(command, decision.Events, before, reputations);
                CheckState(command, bundle);
            }
            else
            {
                Assert.NotEqual(LedgerError.None, decision.Error);
                Assert.NotEmpty(decision.Message);
                Assert.True(unchanged is null || unchanged.SequenceEqual(World.Snapshot(World.State)));
            }
        }

        private RequestAccess Ask() => World.Asking(Pick(_doctors), request => Next(25) switch
        {
            0 => request with { Epoch = request.Epoch + 1 },
            1 => request with { HeaderDigest = World.Fresh() },
            2 => request with { DealingDigest = World.Fresh() },
            3 => request with { NotAfter = Now },
            4 => request with { Actor = Pick(_everybody) },
            5 => request with { Snapshot = request.Snapshot - 1 },
            _ => request with { NotAfter = Now + TimeSpan.FromHours(3 + Next(60)), Uses = 1 + Next(3) },
        });

        /// <summary>What would bring a request on.</summary>
        private LedgerCommand? NextOf(RequestId id)
        {
            RequestRecord request = World.Request(id);
            switch (request.Status)
            {
                case RequestStatus.AwaitingDraw:
                    World.Mine();
                    return new DrawCommittee { Actor = Pick(_everybody), RequestId = id };
                case RequestStatus.Open when id.ToBytes()[0] % 5 == 0:
                    (TrusteeSeat seat, ActorId trustee) = Pick(World.Seats().ToArray());
                    return new DenyRequest { Actor = trustee, RequestId = id, Seat = seat, ReasonCode = 1 };
                case RequestStatus.Open:
                    return Chance(10) ? new ConsentToRequest { Actor = World.Patient.Id, RequestId = id, ApprovalDigest = World.Fresh() } : Approve(id);
                case RequestStatus.VetoWindow:
                    World.Pass(TimeSpan.FromMinutes(40));
                    return null;
                case RequestStatus.Granted when id.ToBytes()[0] % 5 == 1 && request.Round == 0:
                    World.Pass(World.Parameters.DeliveryWindow + TimeSpan.FromSeconds(1));
                    return new RedrawCommittee { Actor = request.Doctor, RequestId = id };
                case RequestStatus.Granted:
                    if (request.Deliveries.Count >= request.Threshold && Chance(50))
                    {
                        return request.OpenedAt is null ? new ConfirmOpened { Actor = request.Doctor, RequestId = id } : new SettleRequest { Actor = Pick(_everybody), RequestId = id };
                    }

                    return request.Deliveries.Count > 0 && Chance(15)
                        ? new RateOracle { Actor = request.Doctor, RequestId = id, Index = request.Deliveries[^1].Index, Rating = Next(101) }
                        : World.Delivery(id, 1 + Next(5));
                case RequestStatus.Expired when request.Ended is null:
                    return new ExpireRequest { Actor = Pick(_everybody), RequestId = id };
                case RequestStatus.Settled when request.Used + 1 < request.Uses && Chance(70):
                    return new UseAgain { Actor = request.Doctor, RequestId = id };
                default:
                    World.Mine(Next(20));
                    return Chance(20) ? new TakeSnapshot { Actor = Pick(_everybody) } : null;
            }
        }

        /// <summary>What would bring the next dealing on.</summary>
        private LedgerCommand NextOfTheDealing()
        {
            BundleRecord bundle = World.BundleNow;
            if (bundle.PendingDealing is null && bundle.PendingReshare is { } plan)
            {
                return NextOfTheReshare(plan);
            }

            if (bundle.PendingDealing is { } pending)
            {
                DealingRecord dealing = World.State.GetDealing(World.Bundle, pending)!;
                TrusteeSeat[] outstanding = [.. dealing.Outstanding()];
                return outstanding.Length == 0
                    ? new ActivateDealing { Actor = Pick(_everybody), BundleId = World.Bundle, DealingDigest = pending }
                    : new AcknowledgeDealing { Actor = World.Policy.FindMember(outstanding[0])!.Identity, BundleId = World.Bundle, DealingDigest = pending, Seat = outstanding[0] };
            }

            ActorId[] silent = [.. World.Seats().Select(s => s.Trustee).Where(trustee => World.State.GetEnvelopeKey(trustee, World.Bundle, bundle.Epoch + 1) is null)];
            return silent.Length == 0
                ? Chance(50) ? World.Proposal() : World.ReshareProposal() with { Actor = Pick(World.Seats().ToArray()).Trustee }
                : new PublishEnvelopeKey { Actor = silent[0], BundleId = World.Bundle, Epoch = bundle.Epoch + 1, EnvelopeKey = World.Doctor.Key.PublicKey, OfferDigest = World.Fresh() };
        }

        /// <summary>What would bring a reshare on, or to its end.</summary>
        private LedgerCommand NextOfTheReshare(Digest plan)
        {
            ReshareRecord reshare = World.Reshare(plan);
            TrusteeSeat[] seats = [.. World.Seats().Select(s => s.Seat)];
            TrusteeSeat[] idle = [.. seats.Where(seat => reshare.Contributions.All(contribution => contribution.Seat != seat))];
            TrusteeSeat[] qualified = [.. reshare.Qualified()];
            if (Now < reshare.NotBefore)
            {
                World.Pass(reshare.NotBefore - Now);
            }

            if (Now >= reshare.NotAfter || Chance(5))
            {
                return new ExpireReshare { Actor = Pick(_everybody), BundleId = World.Bundle, PlanDigest = plan };
            }

            if (reshare.Contributions.Count > 0 && Chance(10))
            {
                return World.ReshareComplaint(plan, Pick(seats), Pick(reshare.Contributions).Seat);
            }

            if (idle.Length > 0 && (!World.Policy.IsSatisfiedBy(qualified) || Chance(10)))
            {
                return World.Contribution(plan, Pick(idle));
            }

            if (qualified.Length == 0 || Chance(5))
            {
                return new CancelReshare { Actor = By(World.Patient.Id), BundleId = World.Bundle, PlanDigest = plan };
            }

            TrusteeSeat[] waiting = [.. qualified.Where(seat => !reshare.Confirmations.Any(confirmation => confirmation.Seat == seat && confirmation.Dealers.SequenceEqual(qualified)))];
            Digest dealing = Digest.Of([.. plan.ToBytes(), .. qualified.SelectMany(seat => (byte[])[(byte)seat.Group, (byte)seat.Member])]);
            return World.Confirmation(plan, Pick(waiting.Length > 0 ? waiting : qualified), dealing, qualified);
        }

        /// <summary>A trustee comes or goes.</summary>
        private LedgerCommand SuspendOrReinstate()
        {
            ActorId[] trustees = [.. World.Seats().Select(s => s.Trustee)];
            return trustees.FirstOrDefault(trustee => World.State.GetActor(trustee)!.Status == ActorStatus.Suspended) is { IsZero: false } suspended
                ? new ReinstateActor { Actor = World.Agency.Id, Subject = suspended, ReasonCode = 1 }
                : new SuspendActor { Actor = World.Agency.Id, Subject = Pick(trustees), ReasonCode = 1 };
        }

        /// <summary>What would bring a recovery on.</summary>
        private LedgerCommand NextOfTheRecovery()
        {
            (TrusteeSeat seat, ActorId trustee) = Pick(World.Seats().ToArray());
            if (World.State.GetRecovery(World.Patient.Id) is not { } recovery)
            {
                return new ProposeRecovery { Actor = trustee, Patient = World.Patient.Id, BundleId = World.Bundle, NewLedgerAddress = SampleFiller.SampleActor(Next(1000)), KeyRecordDigest = World.Fresh(), ValidUntil = World.Later };
            }

            if (recovery.EffectiveAt is { } effective && Now < effective)
            {
                World.Pass(effective - Now);
            }

            return recovery.EffectiveAt is null
                ? new SupportRecovery { Actor = trustee, Patient = World.Patient.Id, NewLedgerAddress = recovery.NewLedgerAddress, Seat = seat }
                : new CompleteRecovery { Actor = World.Patient.Id, Patient = World.Patient.Id };
        }

        private ApproveRequest Approve(RequestId id)
        {
            (TrusteeSeat seat, ActorId trustee) = Pick(World.Seats().ToArray());
            return new ApproveRequest { Actor = By(trustee), RequestId = id, Seat = seat, ApprovalDigest = World.Fresh() };
        }

        private LedgerCommand AboutARequest(RequestId id)
        {
            RequestRecord request = World.Request(id);
            int index = 1 + Next(6);
            ActorId oracle = request.CommitteeMember(index)?.Oracle ?? World.Oracles[0].Id;
            (TrusteeSeat seat, ActorId trustee) = Pick(World.Seats().ToArray());
            switch (Next(18))
            {
                case 17: return new UseAgain { Actor = By(request.Doctor), RequestId = id };
                case 16: return World.Attachment(id) with { Actor = By(request.Patient) };
                case 0: return new DrawCommittee { Actor = Pick(_everybody), RequestId = id };
                case 1: return Approve(id);
                case 2 or 3: return new DenyRequest { Actor = By(trustee), RequestId = id, Seat = seat, ReasonCode = 1 };
                case 4: return new ConsentToRequest { Actor = By(request.Patient), RequestId = id, ApprovalDigest = World.Fresh() };
                case 5: return new VetoRequest { Actor = By(request.Patient), RequestId = id };
                case 6: return new CancelRequest { Actor = By(request.Doctor), RequestId = id };
                case 7: return new RevokeGrant { Actor = By(request.Patient), RequestId = id, ReasonCode = 1 };
                case 8: return new ExpireRequest { Actor = Pick(_everybody), RequestId = id };
                case 9: return new RedrawCommittee { Actor = By(request.Doctor), RequestId = id };
                case 10 or 11: return World.Delivery(id, index) with { Actor = By(oracle) };
                case 12: return World.Refusal(id, index) with { Actor = By(oracle) };
                case 13: return new ConfirmOpened { Actor = By(request.Doctor), RequestId = id };
                case 14: return new SettleRequest { Actor = Pick(_everybody), RequestId = id };
                default: return new RateOracle { Actor = By(request.Doctor), RequestId = id, Index = index, Rating = Next(101) };
            }
        }

        private LedgerCommand? AboutTheRest()
        {
            ActorId subject = Pick(_everybody);
            BundleRecord bundle = World.BundleNow;
            (TrusteeSeat seat, ActorId trustee) = Pick(World.Seats().ToArray());
            switch (Next(19))
            {
                case 0: return new SuspendActor { Actor = By(World.Agency.Id), Subject = subject, ReasonCode = 1 };
                case 1 or 2 or 3: return new ReinstateActor { Actor = By(World.Agency.Id), Subject = subject, ReasonCode = 1 };
                case 4: return Chance(10) ? new RemoveActor { Actor = By(World.Agency.Id), Subject = subject, ReasonCode = 1 } : null;
                case 5:
                    return bundle.PendingDealing is null ? World.Proposal() with { Actor = By(World.Patient.Id) } : new CancelDealing { Actor = By(World.Patient.Id), BundleId = World.Bundle, DealingDigest = bundle.PendingDealing.Value };
                case 6 or 7:
                    return new PublishEnvelopeKey { Actor = By(trustee), BundleId = World.Bundle, Epoch = bundle.Epoch + 1, EnvelopeKey = World.Doctor.Key.PublicKey, OfferDigest = World.Fresh() };
                case 8 or 9:
                    return new AcknowledgeDealing { Actor = By(trustee), BundleId = World.Bundle, DealingDigest = bundle.PendingDealing ?? World.Fresh(), Seat = seat };
                case 10 or 11:
                    return new ActivateDealing { Actor = By(World.Patient.Id), BundleId = World.Bundle, DealingDigest = bundle.PendingDealing ?? World.Fresh() };
                case 12: return new ReviseBundle { Actor = By(World.Patient.Id), BundleId = World.Bundle, PreviousHeaderDigest = bundle.HeaderDigest, HeaderDigest = World.Fresh(), DocumentsRoot = World.Fresh() };
                case 13: return new RegisterBundle { Actor = Pick(_everybody), BundleId = World.Bundle, HeaderDigest = World.Fresh(), DocumentsRoot = World.Fresh() };
                case 14:
                    return World.State.GetActor(World.Doctor.Id)!.Licence is null || Chance(80)
                        ? new RecordLicence { Actor = By(World.Agency.Id), Doctor = World.Doctor.Id, CredentialDigest = World.Fresh(), Speciality = "x", NotAfter = World.Later }
                        : new WithdrawLicence { Actor = By(World.Agency.Id), Doctor = World.Doctor.Id, ReasonCode = 1 };
                case 15:
                    return Chance(4) ? new RevokeBundle { Actor = By(World.Patient.Id), BundleId = World.Bundle, ReasonCode = 1 } : new RegisterActor { Actor = subject, Roles = ActorRoles.Agency, KeyRecordDigest = World.Fresh(), ValidUntil = World.Later };
                case 17:
                    Digest plan = bundle.PendingReshare ?? World.Fresh();
                    return Next(5) switch
                    {
                        0 => World.ReshareProposal() with { Actor = By(trustee) },
                        1 => World.Contribution(plan, seat) with { Actor = By(trustee) },
                        2 => World.Confirmation(plan, seat, World.Fresh(), LedgerWorld.Dealers) with { Actor = By(trustee) },
                        3 => World.ReshareProposal(World.Policy with { GroupThreshold = 1 }) with { Actor = By(trustee) },
                        _ => new CancelReshare { Actor = By(World.Patient.Id), BundleId = World.Bundle, PlanDigest = plan },
                    };
                case 16:
                    return World.State.GetRecovery(World.Patient.Id) is { } recovery
                        ? Next(4) switch
                        {
                            0 => new CancelRecovery { Actor = By(World.Patient.Id) },
                            1 => new CompleteRecovery { Actor = Pick(_everybody), Patient = World.Patient.Id },
                            _ => new SupportRecovery { Actor = By(trustee), Patient = World.Patient.Id, NewLedgerAddress = recovery.NewLedgerAddress, Seat = seat },
                        }
                        : new ProposeRecovery { Actor = By(trustee), Patient = World.Patient.Id, BundleId = World.Bundle, NewLedgerAddress = SampleFiller.SampleActor(Next(1000)), KeyRecordDigest = World.Fresh(), ValidUntil = World.Later };
                default:
                    return Chance(50)
                        ? new ReplaceKey { Actor = subject, NewLedgerAddress = Chance(50) ? subject : Pick(_everybody), KeyRecordDigest = World.Fresh(), ValidUntil = Now + TimeSpan.FromDays(30) }
                        : World.Proposal() with { Policy = World.Policy with { GroupThreshold = 1 } };
            }
        }

        private void CheckEvents(LedgerCommand command, IReadOnlyList<LedgerEvent> events, Dictionary<RequestId, RequestRecord> before, Dictionary<ActorId, Reputation> reputations)
        {
            Assert.IsType<NonceUsed>(events[0]);
            foreach (LedgerEvent made in events)
            {
                switch (made)
                {
                    // 9: a nonce, and so a signature, is used once.
                    case NonceUsed e:
                        Assert.True(_nonces.Add((e.Actor, e.Nonce)));
                        Assert.Equal(command.Actor, e.Actor);
                        break;

                    // 1: a grant has the patient's consent, or distinct active trustees of the pinned policy who meet it, in time.
                    case GrantIssued e:
                        RequestRecord request = World.Request(e.RequestId);
                        bool patient = command is ConsentToRequest && command.Actor == request.Patient;
                        Assert.True(patient || MeetsByHand(request), "A grant without a quorum.");
                        Assert.True(Now < request.NotAfter);
                        Assert.NotEmpty(request.Committee);
                        Assert.Equal(patient ? Now : Now + request.Policy.VetoWindow, e.VetoUntil);
                        Assert.True(World.State.GetActor(request.Doctor)!.IsLicensedAt(Now));
                        break;

                    // 12: only the patient attaches, and to a final grant.
                    case GrantAttached e:
                        Assert.True(before[e.RequestId].IsFinal(Now));
                        Assert.Equal(command.Actor, before[e.RequestId].Patient);
                        break;

                    // 4: a delivery has a final grant, and its oracle delivered nothing before.
                    case DeliveryRecorded e:
                        Assert.True(before[e.RequestId].IsFinal(Now));
                        Assert.DoesNotContain(before[e.RequestId].Deliveries, delivery => delivery.Index == e.Index || delivery.Oracle == e.Oracle);
                        Assert.Equal(command.Actor, before[e.RequestId].CommitteeMember(e.Index)!.Oracle);
                        break;

                    // 5: in time and not called bad never lowers, late, absent or called bad never raises, and nothing leaves the range.
                    case RequestSettled e:
                        foreach (CommitteeMember member in before[e.RequestId].Committee)
                        {
                            CheckSettlement(before[e.RequestId], member, reputations[member.Oracle].At(Now), World.ReputationOf(member.Oracle));
                        }

                        break;
                    // 4, 5: a further use is one that was asked for, by the same committee, of a settled window of a grant that still stands.
                    case UsedAgain e:
                        RequestRecord settled = before[e.RequestId];
                        Assert.Equal((command.Actor, settled.Used + 1), (settled.Doctor, e.Used));
                        Assert.True(e.Used < settled.Uses && settled.SettledAt is not null && settled.IsFinal(Now));
                        Assert.Equal(settled.Committee, World.Request(e.RequestId).Committee);
                        Assert.Empty(World.Request(e.RequestId).Deliveries);
                        break;
                    case OracleRated e:
                        ActorId rated = before[e.RequestId].CommitteeMember(e.Index)!.Oracle;
                        Reputation moved = World.ReputationOf(rated);
                        if (before[e.RequestId].SettledAt is null)
                        {
                            Assert.Equal(reputations[rated], moved);
                        }
                        else
                        {
                            Reputation idle = reputations[rated].At(Now);
                            Assert.Equal((idle.Correctness, idle.Timeliness), (moved.Correctness, moved.Timeliness));
                            Assert.True(e.Rating < 50 ? moved.Rating <= idle.Rating : e.Rating < 75 || moved.Rating >= idle.Rating);
                        }

                        break;

                    // 11: a new dealing leaves no undecided request.
                    case DealingActivated e:
                        Assert.DoesNotContain(_requests.Select(World.Request), open => open.BundleId == e.BundleId && open.IsUndecided(Now));
                        Assert.All(before.Values.Where(open => open.IsUndecided(Now)), open => Assert.Equal(VoidCause.NewDealing, World.Request(open.Id).VoidCause));
                        break;
                    case AccessRequested e:
                        Assert.DoesNotContain(e.RequestId, _requests);
                        _requests.Add(e.RequestId);
                        Assert.True((World.State.GetActor(e.Doctor)!.Roles & ActorRoles.Doctor) != 0);
                        break;

                    // 14: what comes of a reshare has contributions and confirmations of dealers who meet the patient's policy and of whom nobody complained, asks for no less, and gave the patient time to stop it before anything was dealt.
                    case ReshareCompleted e:
                        ReshareRecord reshare = World.Reshare(e.PlanDigest);
                        ConsentPolicy deciding = World.State.GetDealing(World.Bundle, reshare.PreviousDealingDigest)!.Policy;
                        Assert.True(deciding.IsSatisfiedBy(e.Dealers) && reshare.Policy.FindRelaxation(deciding) is null);
                        Assert.All(e.Dealers, dealer =>
                        {
                            Assert.Contains(reshare.Contributions, contribution => contribution.Seat == dealer && contribution.Trustee == deciding.FindMember(dealer)!.Identity);
                            Assert.Contains(reshare.Confirmations, confirmation => confirmation.Seat == dealer && confirmation.DealingDigest == e.DealingDigest && confirmation.Dealers.SequenceEqual(e.Dealers));
                            Assert.DoesNotContain(reshare.Complaints, complaint => complaint.Dealer == dealer);
                        });
                        Assert.All(reshare.Contributions, contribution => Assert.True(contribution.Time >= reshare.ProposedAt + World.Parameters.TrusteeChangeDelay));
                        break;
                    case BundleRegistered:
                        Assert.Fail("13: a second registration of a bundle.");
                        break;
                }
            }
        }

        private void CheckSettlement(RequestRecord request, CommitteeMember member, Reputation still, Reputation after)
        {
            DeliveryRecord? delivery = request.Delivery(member.Index);
            int? rating = request.Rating(member.Index)?.Rating;
            bool late = delivery is null || delivery.Time > request.DeliveryDeadline(World.Parameters);
            bool lower = late || rating < 50;
            Assert.True(lower ? after.Correctness <= still.Correctness && after.Timeliness <= still.Timeliness : after.Correctness >= still.Correctness && after.Timeliness >= still.Timeliness);
            Assert.True(rating is null ? after.Rating == still.Rating : rating < 50 ? after.Rating <= still.Rating : rating < 75 || after.Rating >= still.Rating);
            Assert.All((int[])[after.Correctness, after.Timeliness, after.Rating, after.Score], term => Assert.InRange(term, 0, Reputation.Full));
        }

        private void CheckState(LedgerCommand command, BundleRecord bundle)
        {
            foreach (RequestRecord request in _requests.Select(World.Request))
            {
                // 2: nobody counts twice, and nobody both ways.
                TrusteeSeat[] counted = [.. request.Approvals.Select(approval => approval.Seat)];
                Assert.Distinct(counted.Concat(request.Denials.Select(denial => denial.Seat)));
                Assert.All(request.Approvals, approval => Assert.Equal(approval.Seat == TrusteeSeat.Patient ? request.Patient : request.Policy.FindMember(approval.Seat)!.Identity, approval.Actor));

                // 3: what ended stays ended, in the way in which it ended.
                if (_over.TryGetValue(request.Id, out RequestStatus over))
                {
                    Assert.Equal(over, request.Status);
                }
                else if (request.Ended is { } ended)
                {
                    _over[request.Id] = ended;
                }

                Assert.False(request.Ended is not null && request.IsFinal(Now));
            }

            // 7, 8: roles never change, agencies come by admission alone, and only a patient changes the own bundle.
            foreach (ActorId id in _everybody)
            {
                if (World.State.GetActor(id) is { } actor)
                {
                    Assert.Equal(_roles.TryGetValue(id, out ActorRoles roles) ? roles : _roles[id] = actor.Roles, actor.Roles);
                    Assert.False(actor.Roles == ActorRoles.Agency && actor.Status == ActorStatus.Active && id != World.Agency.Id, "An agency that no agency admitted.");
                }
            }

            BundleRecord now = World.BundleNow;
            Assert.Equal(World.Patient.Id, now.Patient);
            Assert.True(now.HeaderDigest == bundle.HeaderDigest || command.Actor == World.Patient.Id);
            Assert.True(now.IsRevoked == bundle.IsRevoked || command.Actor == World.Patient.Id);
            Assert.True(now.PendingDealing is null || now.PendingDealing == bundle.PendingDealing || command.Actor == World.Patient.Id || command is ConfirmReshare);
            Assert.True(now.ActiveDealing == bundle.ActiveDealing || now.ActiveDealing == bundle.PendingDealing);
        }

        private bool MeetsByHand(RequestRecord request)
        {
            int groups = 0;
            foreach (PolicyGroup group in request.Policy.Groups)
            {
                int members = group.Members.Count(member => World.State.GetActor(member.Identity)!.IsActiveAt(Now) && request.Approvals.Any(approval => approval.Actor == member.Identity));
                groups += members >= group.Threshold ? 1 : 0;
            }

            return groups >= request.Policy.GroupThreshold;
        }
    }
}
