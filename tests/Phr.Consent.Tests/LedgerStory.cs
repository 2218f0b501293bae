using System.Security.Cryptography;
using Phr.Crypto;

namespace Phr.Consent.Tests;

/// <summary>The people of a ledger and what they usually do, step by step, on any ledger.</summary>
internal sealed class LedgerStory(IConsentLedger ledger, Func<DateTimeOffset> now)
{
    public const int OracleCount = 6;

    public static readonly Person Agency = Person.Named("agency");
    public static readonly Person Patient = Person.Named("patient");
    public static readonly Person Doctor = Person.Named("doctor");
    public static readonly Person Hospital = Person.Named("hospital");
    public static readonly Person Clinic = Person.Named("clinic");
    public static readonly Person Insurer = Person.Named("insurer");
    public static readonly Person[] Guardians = [Person.Named("guardian 1"), Person.Named("guardian 2"), Person.Named("guardian 3")];
    public static readonly Person[] Operators = [.. Enumerable.Range(1, OracleCount).Select(i => Person.Named($"operator {i}"))];
    public static readonly Person[] Oracles = [.. Enumerable.Range(1, OracleCount).Select(i => Person.Named($"oracle {i}"))];

    /// <summary>Two of: two of three guardians, the hospital, the agency.</summary>
    public static readonly ConsentPolicy Policy = new()
    {
        GroupThreshold = 2,
        Groups =
        [
            new PolicyGroup { Name = "guardians", Threshold = 2, Members = [.. Guardians.Select(g => new PolicyMember { Identity = g.Id })] },
            new PolicyGroup { Name = "hospital", Threshold = 1, Members = [new PolicyMember { Identity = Hospital.Id, Organisation = Hospital.Id }] },
            new PolicyGroup { Name = "agency", Threshold = 1, Members = [new PolicyMember { Identity = Agency.Id, Organisation = Agency.Id }] },
        ],
        VetoWindow = TimeSpan.FromHours(1),
        AccessRule = AccessRule.All(AccessRule.Role(ActorRoles.Doctor), AccessRule.Speciality("cardiology")),
        ReceiverKinds = ReceiverKinds.Person | ReceiverKinds.Team,
    };

    public static readonly ActorId Team = Person.Named("team").Id;

    public static readonly LedgerParameters Parameters = new() { FoundingAgency = Agency.Id };

    public IConsentLedger Ledger => ledger;

    public DateTimeOffset Now => now();

    public BundleId Bundle { get; private set; } = BundleId.FromBytes(Fresh().ToBytes());

    public Digest Header { get; private set; } = Fresh();

    public Digest Dealing { get; private set; } = Fresh();

    /// <summary>The snapshot of the registry that requests pin.</summary>
    public int Snapshot { get; set; } = 1;

    public static IEnumerable<(Person Trustee, TrusteeSeat Seat)> Trustees =>
        Policy.Seats().Select(seat => (Everybody.Single(p => p.Id == Policy.FindMember(seat)!.Identity), seat));

    public static IEnumerable<Person> Everybody => [Agency, Patient, Doctor, Hospital, Clinic, Insurer, .. Guardians, .. Operators, .. Oracles];

    public static Digest Fresh() => Digest.FromBytes(RandomNumberGenerator.GetBytes(Digest.Length));

    public Task<LedgerReceipt> SubmitAsync(Person person, LedgerCommand command) => ledger.SubmitAsync(command with { Actor = person.Id }, person.Key);

    /// <summary>Everybody is registered, admitted and licensed.</summary>
    public async Task InstituteAsync()
    {
        await RegisterAsync(Agency, ActorRoles.Agency);
        await RegisterAsync(Patient, ActorRoles.Patient);
        await RegisterAsync(Hospital, ActorRoles.Hospital);
        await RegisterAsync(Clinic, ActorRoles.Hospital);
        await RegisterAsync(Doctor, ActorRoles.Doctor, Clinic.Id);
        foreach (Person guardian in Guardians)
        {
            await RegisterAsync(guardian, ActorRoles.Guardian);
        }

        foreach (Person runner in Operators)
        {
            await RegisterAsync(runner, ActorRoles.Operator);
        }

        foreach (Person subject in (Person[])[Hospital, Clinic, Doctor, .. Operators])
        {
            await SubmitAsync(Agency, new AdmitActor { Actor = default, Subject = subject.Id });
        }

        for (int i = 0; i < OracleCount; i++)
        {
            await RegisterAsync(Oracles[i], ActorRoles.Oracle, runner: Operators[i].Id);
            await SubmitAsync(Agency, new AdmitActor { Actor = default, Subject = Oracles[i].Id });
        }

        await SubmitAsync(Agency, Licence(Doctor));
        await SubmitAsync(Agency, new TakeSnapshot { Actor = default });
    }

    public RegisterActor Register(ActorRoles roles, ActorId organisation = default, ActorId runner = default) => new()
    {
        Actor = default,
        Roles = roles,
        KeyRecordDigest = Fresh(),
        ValidUntil = now().AddDays(30),
        Organisation = organisation,
        Operator = runner,
    };

    public Task<LedgerReceipt> RegisterAsync(Person person, ActorRoles roles, ActorId organisation = default, ActorId runner = default) =>
        SubmitAsync(person, Register(roles, organisation, runner));

    public RecordLicence Licence(Person doctor) => new()
    {
        Actor = default,
        Doctor = doctor.Id,
        CredentialDigest = Fresh(),
        Speciality = "cardiology",
        Organisation = Clinic.Id,
        NotAfter = now().AddDays(300),
    };

    /// <summary>A bundle is registered, and its first dealing acknowledged and active.</summary>
    public async Task SealAsync()
    {
        await SubmitAsync(Patient, new RegisterBundle { Actor = default, BundleId = Bundle, HeaderDigest = Header, DocumentsRoot = Fresh() });
        foreach ((Person trustee, _) in Trustees)
        {
            await SubmitAsync(trustee, new PublishEnvelopeKey { Actor = default, BundleId = Bundle, Epoch = 1, EnvelopeKey = trustee.Key.PublicKey, OfferDigest = Fresh() });
        }

        await SubmitAsync(Patient, new ProposeDealing { Actor = default, BundleId = Bundle, HeaderDigest = Header, Epoch = 1, DealingDigest = Dealing, Policy = Policy });
        foreach ((Person trustee, TrusteeSeat seat) in Trustees)
        {
            await SubmitAsync(trustee, new AcknowledgeDealing { Actor = default, BundleId = Bundle, DealingDigest = Dealing, Seat = seat });
        }

        await SubmitAsync(Patient, new ActivateDealing { Actor = default, BundleId = Bundle, DealingDigest = Dealing });
    }

    /// <summary>The patient has another bundle, and the story goes on with that one.</summary>
    public Task SealAnotherAsync()
    {
        (Bundle, Header, Dealing) = (BundleId.FromBytes(Fresh().ToBytes()), Fresh(), Fresh());
        return SealAsync();
    }

    /// <summary>A trustee's proposal to refresh; the envelope keys of the next epoch must be there.</summary>
    public static ProposeReshare Reshare(BundleId bundle, BundleRecord present, DateTimeOffset now) => new()
    {
        Actor = default,
        BundleId = bundle,
        HeaderDigest = present.HeaderDigest,
        Epoch = present.Epoch + 1,
        PreviousDealingDigest = present.ActiveDealing ?? default,
        PlanDigest = Fresh(),
        Policy = Policy,
        NotAfter = now + Parameters.TrusteeChangeDelay + TimeSpan.FromDays(2),
    };

    public static ContributeToReshare Contribution(BundleId bundle, Digest plan, TrusteeSeat seat) =>
        new() { Actor = Policy.FindMember(seat)!.Identity, BundleId = bundle, PlanDigest = plan, Seat = seat, ContributionDigest = Fresh() };

    public static ConfirmReshare Confirmation(BundleId bundle, Digest plan, TrusteeSeat seat, Digest dealing, IReadOnlyList<TrusteeSeat> dealers) =>
        new() { Actor = Policy.FindMember(seat)!.Identity, BundleId = bundle, PlanDigest = plan, Seat = seat, DealingDigest = dealing, Dealers = dealers, ConfirmationDigest = Fresh() };

    /// <summary>A request that pins what the ledger has now, or what the story began with.</summary>
    public RequestAccess Request(BundleRecord? present = null)
    {
        using var receiving = SecretKey.Generate();
        return new RequestAccess
        {
            Actor = Doctor.Id,
            BundleId = Bundle,
            HeaderDigest = present?.HeaderDigest ?? Header,
            DealingDigest = present?.ActiveDealing ?? Dealing,
            Epoch = present?.Epoch ?? 1,
            DocumentsCommitment = Fresh(),
            DocumentCount = 2,
            BodyCommitment = Fresh(),
            BodyDigest = Fresh(),
            PurposeDigest = Fresh(),
            ReceivingKey = receiving.PublicKey,
            NotAfter = now().AddDays(2),
            Nonce = Fresh(),
            Receiver = RequestReceiver.Person(Doctor.Id),
            Snapshot = Snapshot,
        }.WithPossession(receiving, ledger.Id);
    }

    public static SecretKey TeamKey(int epoch) => Person.Named($"team key {epoch}").Key;

    public static TeamTerms Terms(int rosterEpoch, int keyEpoch, params Person[] members) => new()
    {
        CharterDigest = Fresh(),
        RosterEpoch = rosterEpoch,
        KeyEpoch = keyEpoch,
        PublicKey = TeamKey(keyEpoch).PublicKey,
        Threshold = 2,
        Members = [.. members.Select(member => new TeamPlace { Member = member.Id })],
    };

    public static RegisterTeam TeamRegistration() =>
        new() { Actor = Doctor.Id, Team = Team, Terms = Terms(1, 1, Doctor, Guardians[0], Guardians[1]), Organisation = Clinic.Id };

    /// <summary>A request for the team, to its key of an epoch.</summary>
    public RequestAccess TeamRequest(int keyEpoch, BundleRecord? present = null)
    {
        using var part = SecretKey.Generate();
        return (Request(present) with
        {
            ReceivingKey = TeamRequestKey.Combine(TeamKey(keyEpoch).PublicKey, part.PublicKey),
            Receiver = RequestReceiver.Team(Team, keyEpoch),
        }).WithTeamPossession(part, ledger.Id);
    }

    public async Task<RequestId> RequestAsync(int uses = 1)
    {
        RequestAccess request = Request() with { Uses = uses };
        await SubmitAsync(Doctor, request);
        return request.ComputeId(ledger.Id);
    }

    /// <summary>A request whose committee is drawn.</summary>
    public async Task<RequestId> RequestAndDrawAsync(int uses = 1)
    {
        RequestId request = await RequestAsync(uses);
        await SubmitAsync(Doctor, new DrawCommittee { Actor = default, RequestId = request });
        return request;
    }

    /// <summary>Approvals that just meet the policy.</summary>
    public async Task ApproveAsync(RequestId request)
    {
        await SubmitAsync(Guardians[0], Approve(request, new TrusteeSeat(1, 1)));
        await SubmitAsync(Guardians[2], Approve(request, new TrusteeSeat(1, 3)));
        await SubmitAsync(Hospital, Approve(request, new TrusteeSeat(2, 1)));
    }

    public static ApproveRequest Approve(RequestId request, TrusteeSeat seat) => new() { Actor = default, RequestId = request, Seat = seat, ApprovalDigest = Fresh() };

    public static RecordDelivery Delivery(RequestId request, CommitteeMember member)
    {
        return new RecordDelivery
        {
            Actor = member.Oracle,
            RequestId = request,
            Index = member.Index,
            DeliveryDigest = Fresh(),
            EnvelopeDigest = Fresh(),
        };
    }

    /// <summary>A claim of the patient's to the insurer, for treatment by the doctor in the hospital.</summary>
    public FileClaim Claim(ulong amount) => new()
    {
        Actor = default,
        Insurer = Insurer.Id,
        Doctor = Doctor.Id,
        Hospital = Hospital.Id,
        Amount = amount,
        Currency = "INR",
        EvidenceCommitment = Fresh(),
        EvidenceDigest = Fresh(),
        NotAfter = DateTimeOffset.FromUnixTimeSeconds(now().AddDays(20).ToUnixTimeSeconds()),
        Salt = Fresh(),
    };

    public static Person OracleOf(CommitteeMember member) => Oracles.Single(o => o.Id == member.Oracle);

    public async Task<RequestRecord> GetAsync(RequestId request) => await ledger.GetRequestAsync(request) ?? throw new InvalidOperationException("No such request.");
}
