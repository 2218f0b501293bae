using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

/// <summary>An actor of a test with its keys, the same in every run.</summary>
internal sealed class Person
{
    private static readonly ConcurrentDictionary<string, Person> _people = new(StringComparer.Ordinal);

    private Person(string name)
    {
        Name = name;
        Key = SecretKey.FromBytes(Digest.Of(Encoding.UTF8.GetBytes(name)).ToBytes());
        Id = ActorId.FromPublicKey(Key.PublicKey);
    }

    public string Name { get; }

    public SecretKey Key { get; }

    public ActorId Id { get; }

    public static Person Of(string name) => _people.GetOrAdd(name, static n => new Person(n));

    /// <summary>Whoever of those who were asked for by name has an id.</summary>
    public static Person Of(ActorId id) => _people.Values.Single(person => person.Id == id);
}

/// <summary>
/// A ledger in memory with people on it. Every accepted command's events go through their bytes into a second state, which must stay equal to the first in every query.
/// </summary>
internal sealed class LedgerWorld
{
    public static readonly LedgerId Id = new(31337, Person.Of("ledger operator").Id);

    public static readonly DateTimeOffset Start = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    private readonly HashSet<ActorId> _actors = [];
    private readonly HashSet<BundleId> _bundles = [];
    private readonly HashSet<Digest> _dealings = [];
    private readonly HashSet<Digest> _reshares = [];
    private readonly HashSet<(ActorId, BundleId, int)> _keys = [];
    private readonly HashSet<ActorId> _teams = [];
    private int _unique;

    public LedgerWorld(LedgerParameters? parameters = null)
    {
        Parameters = parameters ?? new LedgerParameters { FoundingAgency = Agency.Id };
        State = new ConsentState(Id, Parameters);
        Replica = new ConsentState(Id, LedgerParameters.FromBytes(Parameters.ToBytes()));
    }

    public LedgerParameters Parameters { get; }

    public ConsentState State { get; }

    public ConsentState Replica { get; }

    public DateTimeOffset Now { get; private set; } = Start;

    public ulong Block { get; private set; } = 100;

    public List<LedgerEvent> Events { get; } = [];

    public Person Agency { get; } = Person.Of("agency");

    public Person Hospital { get; } = Person.Of("hospital");

    public Person Patient { get; } = Person.Of("patient");

    public Person Doctor { get; } = Person.Of("doctor");

    public Person Stranger { get; } = Person.Of("stranger");

    public Person[] Guardians { get; } = [Person.Of("guardian 1"), Person.Of("guardian 2"), Person.Of("guardian 3")];

    public Person[] Oracles { get; } = [.. Enumerable.Range(1, 9).Select(i => Person.Of("oracle " + i.ToString(CultureInfo.InvariantCulture)))];

    public BundleId Bundle { get; } = BundleId.FromBytes(Digest.Of("bundle"u8).ToBytes());

    public Digest Header { get; set; } = Digest.Of("header"u8);

    /// <summary>Guardians 2 of 3, hospital 1 of 1, agency 1 of 1, and two of the three groups; m = 3 of n = 5; one hour of veto.</summary>
    public ConsentPolicy Policy { get; set; } = DefaultPolicy();

    public DateTimeOffset Later => Now + TimeSpan.FromDays(365);

    public static ConsentPolicy DefaultPolicy() => new()
    {
        GroupThreshold = 2,
        Groups =
        [
            new PolicyGroup { Name = "guardians", Threshold = 2, Members = [.. Enumerable.Range(1, 3).Select(i => new PolicyMember { Identity = Person.Of("guardian " + i.ToString(CultureInfo.InvariantCulture)).Id })] },
            new PolicyGroup { Name = "hospital", Threshold = 1, Members = [new PolicyMember { Identity = Person.Of("hospital").Id, Organisation = Person.Of("hospital").Id }] },
            new PolicyGroup { Name = "agency", Threshold = 1, Members = [new PolicyMember { Identity = Person.Of("agency").Id, Organisation = Person.Of("agency").Id }] },
        ],
        VetoWindow = TimeSpan.FromHours(1),
    };

    public static Person OperatorOf(Person oracle) => Person.Of("operator of " + oracle.Name);

    /// <summary>The randomness of a block, which nobody in the test knows before.</summary>
    public static Digest RandomnessOf(ulong block) => Digest.Of(Encoding.UTF8.GetBytes("randomness of block " + block.ToString(CultureInfo.InvariantCulture)));

    /// <summary>A digest that was not used before.</summary>
    public Digest Fresh() => Digest.Of(BitConverter.GetBytes(++_unique));

    public LedgerBlock At() => new(Block, Now, RandomnessOf(Block));

    public void Pass(TimeSpan time) => Now += time;

    public void Mine(int blocks = 1) => Block += (ulong)blocks;

    /// <summary>Told of each command before it is decided, when its block is the present one: a test that plays a story elsewhere too carries it there.</summary>
    public Action<LedgerCommand>? Deciding { get; set; }

    /// <summary>The randomness of a seed block: the tests' own, unless a chain has it.</summary>
    public Func<ulong, Digest> Randomness { get; set; } = RandomnessOf;

    /// <summary>Hands in a command without a signature, as if it were signed rightly.</summary>
    public LedgerDecision Try(LedgerCommand command)
    {
        Block++;
        Deciding?.Invoke(command);
        return Keep(State.DecideVerified(command, State.GetNonce(command.Actor), At(), Randomness));
    }

    /// <summary>What would be decided on a command now; nothing changes.</summary>
    public LedgerDecision Peek(LedgerCommand command) =>
        State.DecideVerified(command, State.GetNonce(command.Actor), new LedgerBlock(Block + 1, Now, RandomnessOf(Block + 1)), Randomness);

    /// <summary>Hands in a signed command, through its bytes.</summary>
    public LedgerDecision TrySigned(SignedCommand command)
    {
        Block++;
        return Keep(State.Decide(SignedCommand.FromBytes(command.ToBytes()), At(), Randomness));
    }

    public LedgerDecision TrySigned(LedgerCommand command, SecretKey key) => TrySigned(SignedCommand.Sign(command, State.GetNonce(command.Actor), Id, key));

    public IReadOnlyList<LedgerEvent> Do(LedgerCommand command)
    {
        LedgerDecision decision = Try(command);
        Assert.True(decision.IsAccepted, $"{command.Kind}: {decision.Error}: {decision.Message}");
        return decision.Events;
    }

    public LedgerDecision Refused(LedgerError error, LedgerCommand command)
    {
        LedgerDecision decision = Try(command);
        Assert.True(error == decision.Error, $"{command.Kind}: {error} was expected, and {(decision.IsAccepted ? "it was accepted" : $"{decision.Error}: {decision.Message}")}");
        return decision;
    }

    /// <summary>The committee's registry numbers, drawn again from what the ledger shows.</summary>
    public int[] DrawnAnew(RequestRecord request) =>
    [
        .. CommitteeDraw.Draw(new DrawInputs
        {
            Seed = Randomness(request.SeedBlock),
            RequestId = request.Id,
            Round = request.Round,
            Entries = State.GetSnapshot(request.DrawSnapshot)!.Entries,
            Seats = request.Policy.CommitteeSize,
            Parties = request.Parties.ToHashSet(),
            Failed = request.FailedOracles,
        }).Select(entry => entry.Number),
    ];

    public RequestRecord Request(RequestId id) => State.GetRequest(id, Now)!;

    public BundleRecord BundleNow => State.GetBundle(Bundle)!;

    public ActorRecord Actor(Person person) => State.GetActor(person.Id)!;

    public Reputation ReputationOf(ActorId oracle) => State.GetActor(oracle)!.Reputation!;

    // ---- the story, step by step ----

    /// <summary>Everybody registered, admitted and licensed.</summary>
    public LedgerWorld WithPeople()
    {
        Do(Register(Agency, ActorRoles.Agency));
        Do(Register(Patient, ActorRoles.Patient));
        foreach (Person guardian in Guardians)
        {
            Do(Register(guardian, ActorRoles.Guardian));
        }

        Admit(Register(Hospital, ActorRoles.Hospital));
        WithDoctor(Doctor);
        foreach (Person oracle in Oracles)
        {
            WithOracle(oracle);
        }

        Do(new TakeSnapshot { Actor = Agency.Id });
        return this;
    }

    public void WithDoctor(Person doctor, string speciality = "cardiology")
    {
        Admit(Register(doctor, ActorRoles.Doctor));
        Do(new RecordLicence { Actor = Agency.Id, Doctor = doctor.Id, CredentialDigest = Fresh(), Speciality = speciality, Organisation = Person.Of("clinic").Id, NotAfter = Later });
    }

    public void WithOracle(Person oracle)
    {
        Admit(Register(OperatorOf(oracle), ActorRoles.Operator));
        Admit(new RegisterActor { Actor = oracle.Id, Roles = ActorRoles.Oracle, KeyRecordDigest = Fresh(), ValidUntil = Now + TimeSpan.FromDays(30), Operator = OperatorOf(oracle).Id });
    }

    /// <summary>Waits until the ledger takes another snapshot of the registry, and takes it.</summary>
    public void ListOraclesAnew()
    {
        Mine(Parameters.SnapshotInterval);
        Do(new TakeSnapshot { Actor = Agency.Id });
    }

    public RegisterActor Register(Person person, ActorRoles roles) => new() { Actor = person.Id, Roles = roles, KeyRecordDigest = Fresh(), ValidUntil = Later };

    public void Admit(RegisterActor registration)
    {
        Do(registration);
        Do(new AdmitActor { Actor = Agency.Id, Subject = registration.Actor });
        if (registration.Roles == ActorRoles.Agency)
        {
            Pass(Parameters.AgencyDelay);
            Do(new AcceptAdmission { Actor = registration.Actor });
        }
    }

    /// <summary>People, and a bundle with an active dealing.</summary>
    public LedgerWorld WithBundle()
    {
        WithPeople();
        Do(new RegisterBundle { Actor = Patient.Id, BundleId = Bundle, HeaderDigest = Header, DocumentsRoot = Fresh() });
        ActivateNewDealing();
        return this;
    }

    public IEnumerable<(TrusteeSeat Seat, ActorId Trustee)> Seats() => Policy.Seats().Select(seat => (seat, Policy.FindMember(seat)!.Identity));

    public void PublishEnvelopeKeys()
    {
        foreach ((_, ActorId trustee) in Seats().Where(s => State.GetEnvelopeKey(s.Trustee, Bundle, BundleNow.LastEpoch + 1) is null))
        {
            Do(new PublishEnvelopeKey { Actor = trustee, BundleId = Bundle, Epoch = BundleNow.LastEpoch + 1, EnvelopeKey = Person.Of("envelope key").Key.PublicKey, OfferDigest = Fresh() });
        }
    }

    public ProposeDealing Proposal() => new()
    {
        Actor = Patient.Id,
        BundleId = Bundle,
        HeaderDigest = BundleNow.HeaderDigest,
        Epoch = BundleNow.LastEpoch + 1,
        PreviousDealingDigest = (Policy.Emergency ? BundleNow.ActiveEmergencyDealing : BundleNow.ActiveDealing) ?? default,
        DealingDigest = Fresh(),
        Policy = Policy,
    };

    public Digest ProposeNewDealing()
    {
        PublishEnvelopeKeys();
        ProposeDealing proposal = Proposal();
        Do(proposal);
        return proposal.DealingDigest;
    }

    public void Acknowledge(Digest dealing)
    {
        foreach ((TrusteeSeat seat, ActorId trustee) in Seats())
        {
            Do(new AcknowledgeDealing { Actor = trustee, BundleId = Bundle, DealingDigest = dealing, Seat = seat });
        }
    }

    public Digest ActivateNewDealing()
    {
        Digest dealing = ProposeNewDealing();
        Acknowledge(dealing);
        Do(new ActivateDealing { Actor = Patient.Id, BundleId = Bundle, DealingDigest = dealing });
        return dealing;
    }

    /// <summary>A guardian's proposal that the trustees refresh their shares, under the active policy unless another is named.</summary>
    public ProposeReshare ReshareProposal(ConsentPolicy? policy = null) => new()
    {
        Actor = Guardians[0].Id,
        BundleId = Bundle,
        HeaderDigest = BundleNow.HeaderDigest,
        Epoch = BundleNow.LastEpoch + 1,
        PreviousDealingDigest = ((policy ?? Policy).Emergency ? BundleNow.ActiveEmergencyDealing : BundleNow.ActiveDealing) ?? default,
        PlanDigest = Fresh(),
        Policy = policy ?? Policy,
        NotAfter = Now + Parameters.TrusteeChangeDelay + TimeSpan.FromDays(2),
    };

    public ReshareRecord Reshare(Digest plan) => State.GetReshare(Bundle, plan)!;

    public Digest ProposeNewReshare(ConsentPolicy? policy = null)
    {
        PublishEnvelopeKeys();
        ProposeReshare proposal = ReshareProposal(policy);
        Do(proposal);
        return proposal.PlanDigest;
    }

    public ContributeToReshare Contribution(Digest plan, TrusteeSeat seat) => new()
    {
        Actor = Policy.FindMember(seat)!.Identity,
        BundleId = Bundle,
        PlanDigest = plan,
        Seat = seat,
        ContributionDigest = Fresh(),
    };

    public ComplainOfReshare ReshareComplaint(Digest plan, TrusteeSeat seat, TrusteeSeat dealer) => new()
    {
        Actor = Reshare(plan).Policy.FindMember(seat)!.Identity,
        BundleId = Bundle,
        PlanDigest = plan,
        Seat = seat,
        Dealer = dealer,
        EvidenceDigest = Fresh(),
    };

    public ConfirmReshare Confirmation(Digest plan, TrusteeSeat seat, Digest dealing, params TrusteeSeat[] dealers) => new()
    {
        Actor = Policy.FindMember(seat)!.Identity,
        BundleId = Bundle,
        PlanDigest = plan,
        Seat = seat,
        DealingDigest = dealing,
        Dealers = dealers,
        ConfirmationDigest = Fresh(),
    };

    /// <summary>Two guardians and the hospital deal onward.</summary>
    public static TrusteeSeat[] Dealers { get; } = [new(1, 1), new(1, 3), new(2, 1)];

    public Digest ContributeToNewReshare(ConsentPolicy? policy = null)
    {
        Digest plan = ProposeNewReshare(policy);
        Pass(Parameters.TrusteeChangeDelay);
        foreach (TrusteeSeat seat in Dealers)
        {
            Do(Contribution(plan, seat));
        }

        return plan;
    }

    /// <summary>A reshare with its dealing, which waits for acknowledgements.</summary>
    public (Digest Plan, Digest Dealing) CompleteNewReshare(ConsentPolicy? policy = null)
    {
        Digest plan = ContributeToNewReshare(policy);
        Digest dealing = Fresh();
        foreach (TrusteeSeat seat in Dealers)
        {
            Do(Confirmation(plan, seat, dealing, Dealers));
        }

        return (plan, dealing);
    }

    /// <summary>A request as the doctor would make it now, with its proof of possession.</summary>
    public RequestAccess Asking(Person? doctor = null, Func<RequestAccess, RequestAccess>? change = null, bool prove = true)
    {
        doctor ??= Doctor;
        using SecretKey receiving = SecretKey.FromBytes(Fresh().ToBytes());
        var request = new RequestAccess
        {
            Actor = doctor.Id,
            BundleId = Bundle,
            HeaderDigest = BundleNow.HeaderDigest,
            DealingDigest = BundleNow.ActiveDealing ?? default,
            Epoch = BundleNow.Epoch,
            DocumentsCommitment = Fresh(),
            DocumentCount = 2,
            BodyCommitment = Fresh(),
            BodyDigest = Fresh(),
            PurposeDigest = Fresh(),
            ReceivingKey = receiving.PublicKey,
            NotAfter = Now + TimeSpan.FromDays(2),
            Nonce = Fresh(),
            Receiver = RequestReceiver.Person(doctor.Id),
            Snapshot = State.GetSnapshot(null)?.Number ?? 0,
        };
        request = change?.Invoke(request) ?? request;
        return prove && request.ReceivingKey == receiving.PublicKey ? request.WithPossession(receiving, Id) : request;
    }

    public RequestId Ask(Person? doctor = null, Func<RequestAccess, RequestAccess>? change = null)
    {
        RequestAccess request = Asking(doctor, change);
        Do(request);
        return request.ComputeId(Id);
    }

    public RequestId AskAndDraw(Person? doctor = null)
    {
        RequestId id = Ask(doctor);
        Mine();
        Do(new DrawCommittee { Actor = Guardians[0].Id, RequestId = id });
        return id;
    }

    /// <summary>The team's key of an epoch; a test may know it.</summary>
    public static SecretKey TeamKey(int epoch) => Person.Of("team key " + epoch.ToString(CultureInfo.InvariantCulture)).Key;

    public static ActorId Team { get; } = Person.Of("team").Id;

    public TeamTerms Terms(int rosterEpoch, int keyEpoch, params Person[] members) => new()
    {
        CharterDigest = Fresh(),
        RosterEpoch = rosterEpoch,
        KeyEpoch = keyEpoch,
        PublicKey = TeamKey(keyEpoch).PublicKey,
        Threshold = 2,
        Members = [.. members.Select(member => new TeamPlace { Member = member.Id })],
    };

    /// <summary>Doctor, stranger and two guardians are a team of the hospital, admitted by it.</summary>
    public LedgerWorld WithTeam(bool admit = true)
    {
        WithDoctor(Stranger);
        Do(new RegisterTeam { Actor = Doctor.Id, Team = Team, Terms = Terms(1, 1, Doctor, Stranger, Guardians[1], Guardians[2]), Organisation = Hospital.Id });
        if (admit)
        {
            Do(new AdmitActor { Actor = Hospital.Id, Subject = Team });
        }

        return this;
    }

    /// <summary>A change that leaves this roster, proposed by the doctor.</summary>
    public ChangeTeam TeamChange(int keyEpoch, params Person[] members)
    {
        TeamTerms now = State.GetTeam(Team)!.Terms;
        return new ChangeTeam { Actor = Doctor.Id, Team = Team, PreviousCharterDigest = now.CharterDigest, Terms = Terms(now.RosterEpoch + 1, keyEpoch, members) };
    }

    public ConfirmTeamChange TeamConfirmation(Person member) =>
        new() { Actor = member.Id, Team = Team, CharterDigest = State.GetTeam(Team)!.Proposals().LastOrDefault()?.CharterDigest ?? Fresh() };

    /// <summary>A request as a member would make it for the team now.</summary>
    public RequestAccess AskingForTeam(Person? doctor = null, int keyEpoch = 1, Func<RequestAccess, RequestAccess>? change = null)
    {
        using SecretKey part = SecretKey.FromBytes(Fresh().ToBytes());
        RequestAccess request = Asking(doctor, prove: false) with
        {
            ReceivingKey = TeamRequestKey.Combine(TeamKey(keyEpoch).PublicKey, part.PublicKey),
            Receiver = RequestReceiver.Team(Team, keyEpoch),
        };
        request = change?.Invoke(request) ?? request;
        return request.WithTeamPossession(part, Id);
    }

    public ApproveRequest Approval(RequestId id, int group, int member) => new()
    {
        Actor = Policy.FindMember(new TrusteeSeat(group, member))!.Identity,
        RequestId = id,
        Seat = new TrusteeSeat(group, member),
        ApprovalDigest = Fresh(),
    };

    public DenyRequest Denial(RequestId id, int group, int member) => new()
    {
        Actor = Policy.FindMember(new TrusteeSeat(group, member))!.Identity,
        RequestId = id,
        Seat = new TrusteeSeat(group, member),
        ReasonCode = 1,
    };

    /// <summary>Granted by two guardians and the hospital; the veto window runs.</summary>
    public RequestId AskAndApprove()
    {
        RequestId id = AskAndDraw();
        Do(Approval(id, 1, 1));
        Do(Approval(id, 1, 3));
        Do(Approval(id, 2, 1));
        return id;
    }

    public RequestId AskAndGrant()
    {
        RequestId id = AskAndApprove();
        Pass(Policy.VetoWindow);
        return id;
    }

    public RecordDelivery Delivery(RequestId id, int index) => new()
    {
        Actor = Request(id).CommitteeMember(index)?.Oracle ?? Oracles[0].Id,
        RequestId = id,
        Index = index,
        DeliveryDigest = Fresh(),
        EnvelopeDigest = Fresh(),
    };

    public AttachToGrant Attachment(RequestId id) => new() { Actor = Patient.Id, RequestId = id, AttachmentKind = GrantAttachmentKind.SearchTokens, AttachmentDigest = Fresh() };

    public RefuseDelivery Refusal(RequestId id, int index) => new() { Actor = Request(id).CommitteeMember(index)?.Oracle ?? Oracles[0].Id, RequestId = id, Index = index, ReasonCode = 2 };

    public RequestId AskGrantAndServe(int deliveries = 3)
    {
        RequestId id = AskAndGrant();
        for (int i = 1; i <= deliveries; i++)
        {
            Do(Delivery(id, i));
        }

        return id;
    }

    /// <summary>As <see cref="AskServeAndOpen"/>, of a request that asked for several uses; the patient consents.</summary>
    public RequestId AskServeAndOpenFor(int uses)
    {
        RequestId id = Ask(change: request => request with { Uses = uses });
        Mine();
        Do(new DrawCommittee { Actor = Guardians[0].Id, RequestId = id });
        Do(new ConsentToRequest { Actor = Patient.Id, RequestId = id, ApprovalDigest = Fresh() });
        for (int i = 1; i <= 3; i++)
        {
            Do(Delivery(id, i));
        }

        Do(new ConfirmOpened { Actor = Doctor.Id, RequestId = id });
        return id;
    }

    public RequestId AskServeAndOpen()
    {
        RequestId id = AskGrantAndServe();
        Do(new ConfirmOpened { Actor = Doctor.Id, RequestId = id });
        return id;
    }

    /// <summary>Every query of a state, as values to compare.</summary>
    public List<object?> Snapshot(ConsentState state) =>
    [
        .. _actors.Order().SelectMany(id => (object?[])[state.GetActor(id), state.GetNonce(id), state.GetRecovery(id)]),
        .. _bundles.Order().Select(id => state.GetBundle(id)),
        .. _dealings.Order().Select(id => state.GetDealing(Bundle, id)),
        .. _reshares.Order().Select(id => state.GetReshare(Bundle, id)),
        .. _keys.Order().Select(key => state.GetEnvelopeKey(key.Item1, key.Item2, key.Item3)),
        .. _teams.Order().SelectMany(id => (object?[])[state.GetTeam(id), state.GetActor(id)]),
        .. state.ListRequests(new RequestFilter(), Now),
        .. state.ListOracles(Now),
        state.GetSnapshot(null)?.Number,
        .. state.GetSnapshot(null)?.Entries ?? [],
        state.BurnedBonds,
    ];

    private LedgerDecision Keep(LedgerDecision decision)
    {
        foreach (LedgerEvent made in decision.Events ?? [])
        {
            LedgerEvent read = LedgerEvent.FromBytes(made.ToBytes());
            Assert.Equal(made, read);
            State.Evolve(made, At());
            Replica.Evolve(read, At());
            Events.Add(made);
            Note(made);
        }

        return decision;
    }

    private void Note(LedgerEvent made)
    {
        switch (made)
        {
            case NonceUsed e: _actors.Add(e.Actor); break;
            case TeamRegistered e: _teams.Add(e.Team); break;
            case BundleRegistered e: _bundles.Add(e.BundleId); break;
            case DealingProposed e: _dealings.Add(e.DealingDigest); break;
            case ReshareProposed e: _reshares.Add(e.PlanDigest); break;
            case ReshareCompleted e: _dealings.Add(e.DealingDigest); break;
            case EnvelopeKeyPublished e: _keys.Add((e.Trustee, e.BundleId, e.Epoch)); break;
        }
    }
}
