using System.Security.Cryptography;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle;
using Phr.Storage;

namespace Phr.Samples.FullFlow;

/// <summary>One oracle of the sample: its keys, its secrets, and the honest worker that serves with them.</summary>
internal sealed record SampleOracle(string Name, IdentityKeys Identity, ISecretStore Secrets, OracleWorker Worker, IdentityKeys Operator);

/// <summary>A ledger with its agency and oracles that are there already, and the content store that they reach. Whoever made it ends it.</summary>
/// <param name="Ledger">The ledger, as whoever made it sees it.</param>
/// <param name="Content">The content store, likewise.</param>
/// <param name="Agency">The agency's keys.</param>
/// <param name="Operators">The oracles' operators.</param>
/// <param name="Connect">Gives whoever has a part in a story a way of their own to both, by the part's name. It stays open for the next story.</param>
internal sealed record SharedLedger(IConsentLedger Ledger, IContentStore Content, IdentityKeys Agency, IReadOnlyList<ActorId> Operators, Func<string, CancellationToken, Task<(IConsentLedger Ledger, IContentStore Content)>> Connect);

/// <summary>Everyone who takes part, on an embedded ledger, or on one that is given, and stores in one folder, or one that is given: patient, doctor, three guardians, two hospitals, an agency, nine oracles.</summary>
internal sealed class World : IAsyncDisposable
{
    private readonly List<IDisposable> _keys = [];
    private readonly string _folder;
    private readonly bool _isShared;

    // Where people have nothing in common but the ledger: what each stands on, by name. Nobody takes as verified what another has.
    private readonly Dictionary<string, ConsentServices> _own = [];
    private SharedLedger? _shared;

    private World(string folder, ConsentServices services, IdentityKeys agencyKeys, bool isShared = false)
    {
        _folder = folder;
        _isShared = isShared;
        Services = services;
        AgencyId = agencyKeys.Id;
        AgencyKeys = agencyKeys;
    }

    /// <summary>The embedded ledger; only where no other was given.</summary>
    public EmbeddedConsentLedger Ledger => (EmbeddedConsentLedger)Services.Ledger;

    public ConsentServices Services { get; }

    public AgencyClient Agency { get; private set; } = null!;

    public ActorId AgencyId { get; }

    public IdentityKeys AgencyKeys { get; }

    public PatientClient Patient { get; private set; } = null!;

    public (PatientKeys Keys, ISecretStore Secrets) PatientDesk { get; private set; }

    public DoctorClient Doctor { get; private set; } = null!;

    public (IdentityKeys Keys, ISecretStore Secrets, LicenceCredential Licence) DoctorDesk { get; private set; }

    public List<TrusteeClient> Guardians { get; } = [];

    public TrusteeClient Hospital { get; private set; } = null!;

    public TrusteeClient Regulator { get; private set; } = null!;

    public IEnumerable<TrusteeClient> Trustees => [.. Guardians, Hospital, Regulator];

    public List<(string Name, IdentityKeys Keys)> SourceHospitals { get; } = [];

    public List<SampleOracle> Oracles { get; } = [];

    public List<ActorId> Operators { get; } = [];

    /// <summary>Where the hospital keeps its own small secrets.</summary>
    public ISecretStore HospitalDevice => SecretsOf(SourceHospitals[0].Name, SourceHospitals[0].Keys);

    public static async Task<World> CreateAsync(string folder, TimeProvider time, CancellationToken ct, TimeSpan? trusteeChangeDelay = null, Func<LedgerParameters, Task<IConsentLedger>>? openLedger = null, IContentStore? content = null, int oracles = 9)
    {
        Directory.CreateDirectory(folder);
        var agencyKeys = IdentityKeys.Generate();
        var rules = new LedgerParameters { FoundingAgency = agencyKeys.Id };
        rules = trusteeChangeDelay is { } delay ? rules with { TrusteeChangeDelay = delay } : rules;
        IConsentLedger ledger = openLedger is not null
            ? await openLedger(rules)
            : await EmbeddedConsentLedger.OpenAsync(Path.Combine(folder, "ledger.db"), new EmbeddedLedgerOptions { TimeProvider = time, CreateWith = rules }, ct);
        var services = new ConsentServices
        {
            Ledger = ledger,
            Records = content ?? DirectoryContentStore.Open(Path.Combine(folder, "records")),
            Exchange = content ?? DirectoryContentStore.Open(Path.Combine(folder, "exchange")),
            Time = time,
            HeadMemory = new LedgerHeadMemory(Path.Combine(folder, "devices", "ledger-head")),
        };
        var world = new World(folder, services, agencyKeys);
        world._keys.Add(agencyKeys);
        world.Agency = new AgencyClient(services, agencyKeys, world.SecretsOf("agency", agencyKeys));
        await world.Agency.RegisterAsync(ActorRoles.Agency, cancellationToken: ct);
        await world.AddHospitalsAsync(ct);
        await world.AddPeopleAsync(ct);
        await world.AddOraclesAsync(oracles, ct);
        return world;
    }

    /// <summary>People of their own on a ledger that others use too.</summary>
    public static async Task<World> JoinAsync(string folder, TimeProvider time, SharedLedger shared, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        var services = new ConsentServices
        {
            Ledger = shared.Ledger,
            Records = shared.Content,
            Exchange = shared.Content,
            Time = time,
            HeadMemory = new LedgerHeadMemory(Path.Combine(folder, "devices", "ledger-head")),
        };
        var world = new World(folder, services, shared.Agency, isShared: true) { _shared = shared };
        world.Agency = new AgencyClient(await world.ServicesOfAsync("agency", ct), shared.Agency, world.SecretsOf("agency", shared.Agency));
        world.Operators.AddRange(shared.Operators);
        await world.AddHospitalsAsync(ct);
        await world.AddPeopleAsync(ct);
        return world;
    }

    public async ValueTask DisposeAsync()
    {
        Services.HeadMemory?.Dispose();
        foreach (ConsentServices own in _own.Values)
        {
            own.HeadMemory?.Dispose();
        }

        if (!_isShared)
        {
            await Services.Ledger.DisposeAsync();
        }

        _keys.ForEach(k => k.Dispose());
    }

    private async Task<ConsentServices> ServicesOfAsync(string name, CancellationToken ct)
    {
        if (_shared is null)
        {
            return Services;
        }

        if (!_own.TryGetValue(name, out ConsentServices? own))
        {
            (IConsentLedger ledger, IContentStore content) = await _shared.Connect(name, ct);
            own = new ConsentServices
            {
                Ledger = ledger,
                Records = content,
                Exchange = content,
                Time = Services.Time,
                HeadMemory = new LedgerHeadMemory(Path.Combine(_folder, "devices", $"{name}.ledger-head")),
            };
            _own.Add(name, own);
        }

        return own;
    }

    private ISecretStore SecretsOf(string name, IdentityKeys keys) => new FileSecretStore(Path.Combine(_folder, "devices", name), keys);

    private IdentityKeys NewKeys()
    {
        var keys = IdentityKeys.Generate();
        _keys.Add(keys);
        return keys;
    }

    private async Task AddHospitalsAsync(CancellationToken ct)
    {
        foreach (string name in new[] { "General Hospital", "City Clinic" })
        {
            IdentityKeys keys = NewKeys();
            var client = new TrusteeClient(await ServicesOfAsync(name, ct), keys, SecretsOf(name, keys));
            await client.RegisterAsync(ActorRoles.Hospital, cancellationToken: ct);
            await Agency.AdmitAsync(client.Id, ct);
            SourceHospitals.Add((name, keys));
            Hospital ??= client;
        }
    }

    private async Task AddPeopleAsync(CancellationToken ct)
    {
        for (int i = 1; i <= 3; i++)
        {
            IdentityKeys keys = NewKeys();
            var guardian = new TrusteeClient(await ServicesOfAsync($"guardian-{i}", ct), keys, SecretsOf($"guardian-{i}", keys));
            await guardian.RegisterAsync(ActorRoles.Guardian, cancellationToken: ct);
            Guardians.Add(guardian);
        }

        // The agency's trustee desk is an actor of its own: who admits doctors holds no share.
        IdentityKeys desk = NewKeys();
        Regulator = new TrusteeClient(await ServicesOfAsync("regulator", ct), desk, SecretsOf("regulator", desk));
        await Regulator.RegisterAsync(ActorRoles.Guardian, new RegistrationOptions { Organisation = AgencyId }, ct);

        var patientKeys = PatientKeys.Generate();
        _keys.Add(patientKeys);
        PatientDesk = (patientKeys, SecretsOf("patient", patientKeys.Identity));
        Patient = new PatientClient(await ServicesOfAsync("patient", ct), patientKeys, PatientDesk.Secrets);
        await Patient.RegisterAsync(ct);

        IdentityKeys doctorKeys = NewKeys();
        ActorId clinic = SourceHospitals[1].Keys.Id;
        ISecretStore doctorSecrets = SecretsOf("doctor", doctorKeys);
        ConsentServices doctorServices = await ServicesOfAsync("doctor", ct);
        var applicant = new DoctorClient(doctorServices, doctorKeys, doctorSecrets);
        await applicant.RegisterAsync(ActorRoles.Doctor, new RegistrationOptions { Organisation = clinic }, ct);
        await Agency.AdmitAsync(applicant.Id, ct);
        DateTimeOffset now = Services.Time.GetUtcNow();
        LicenceCredential licence = await Agency.IssueLicenceAsync(
            new LicenceTerms
            {
                Doctor = applicant.Id,
                DoctorObjectKey = doctorKeys.PublicKeys.ObjectKey,
                LicenceNumber = "GH-2024-0117",
                Speciality = "oncology",
                Organisation = clinic,
                ValidFrom = now.AddDays(-1),
                NotAfter = now.AddDays(365),
            },
            ct);
        DoctorDesk = (doctorKeys, doctorSecrets, licence);
        Doctor = new DoctorClient(doctorServices, doctorKeys, doctorSecrets, licence);
    }

    /// <summary>An insurer joins.</summary>
    public async Task<ClaimClient> AddInsurerAsync(CancellationToken ct)
    {
        IdentityKeys keys = NewKeys();
        var insurer = new ClaimClient(await ServicesOfAsync("insurer", ct), keys, SecretsOf("insurer", keys));
        await insurer.RegisterAsync(ActorRoles.Insurer, cancellationToken: ct);
        await Agency.AdmitAsync(insurer.Id, ct);
        return insurer;
    }

    /// <summary>Where patient, doctor, hospital and agency deal with claims.</summary>
    public (ClaimClient Patient, ClaimClient Doctor, ClaimClient Hospital, ClaimClient Agency) ClaimDesks() =>
    (
        new ClaimClient(KnownServicesOf("patient"), PatientDesk.Keys.Identity, PatientDesk.Secrets),
        new ClaimClient(KnownServicesOf("doctor"), DoctorDesk.Keys, DoctorDesk.Secrets),
        new ClaimClient(KnownServicesOf(SourceHospitals[0].Name), SourceHospitals[0].Keys, HospitalDevice),
        new ClaimClient(KnownServicesOf("agency"), AgencyKeys, SecretsOf("agency", AgencyKeys)));

    private ConsentServices KnownServicesOf(string name) => _own.GetValueOrDefault(name, Services);

    private async Task AddOraclesAsync(int count, CancellationToken ct)
    {
        for (int i = 1; i <= count; i++)
        {
            IdentityKeys operatorKeys = NewKeys();
            var operatorClient = new TrusteeClient(Services, operatorKeys, SecretsOf($"operator-{i}", operatorKeys));
            await operatorClient.RegisterAsync(ActorRoles.Operator, cancellationToken: ct);
            await Agency.AdmitAsync(operatorClient.Id, ct);
            Operators.Add(operatorClient.Id);

            IdentityKeys keys = NewKeys();
            ISecretStore secrets = SecretsOf($"oracle-{i}", keys);
            var worker = new OracleWorker(Services, keys, secrets);
            DateTimeOffset until = Services.Time.GetUtcNow().AddDays(29);
            IdentityPublicKeys publicKeys = await worker.RenewEnvelopeKeyAsync(ct);
            await worker.PublishKeysAsync(publicKeys, OperatorEndorsement.Create(operatorKeys, Services.Ledger.Id, publicKeys, until), until, ct);
            await Agency.AdmitAsync(worker.Id, ct);
            Oracles.Add(new SampleOracle($"oracle-{i}", keys, secrets, worker, operatorKeys));
        }
    }

    /// <summary>Guardians 2 of 3, the hospital, the agency's desk; two of the three groups decide.</summary>
    public TrusteePlan PlanWith(TimeSpan vetoWindow, AccessRule? rule = null, ReceiverKinds receivers = ReceiverKinds.Person, (int Threshold, int Size)? committee = null) => new()
    {
        GroupThreshold = 2,
        Groups =
        [
            new TrusteeGroupPlan("guardians", 2, [.. Guardians.Select(g => g.Id)]),
            new TrusteeGroupPlan("hospital", 1, [Hospital.Id]),
            new TrusteeGroupPlan("agency", 1, [Regulator.Id]),
        ],
        LicenceAuthorities = [AgencyId],
        OracleOperators = Operators,
        AccessRule = rule ?? AccessRule.All(AccessRule.Role(ActorRoles.Doctor), AccessRule.Any(AccessRule.Speciality("oncology"), AccessRule.Speciality("emergency"))),
        VetoWindow = vetoWindow,
        ReceiverKinds = receivers,
        CommitteeThreshold = committee?.Threshold ?? 3,
        CommitteeSize = committee?.Size ?? 5,
    };

    /// <summary>The files of a folder as documents, each signed by one of the two hospitals that it comes from.</summary>
    public IReadOnlyList<DocumentToSeal> DocumentsOf(IReadOnlyList<string> files)
    {
        var documents = new List<DocumentToSeal>();
        for (int i = 0; i < files.Count; i++)
        {
            string file = files[i];
            (string mediaType, string label) = Path.GetExtension(file).ToLowerInvariant() switch
            {
                ".png" => ("image/png", "imaging"),
                ".jpg" or ".jpeg" => ("image/jpeg", "imaging"),
                ".dcm" => ("application/dicom", "imaging"),
                ".csv" => ("text/csv", "laboratory"),
                ".json" => ("application/fhir+json", "summary"),
                ".vcf" or ".fasta" or ".fa" => ("text/plain", "genome"),
                ".pdf" => ("application/pdf", "letter"),
                _ => ("application/octet-stream", "other"),
            };
            using FileStream stream = File.OpenRead(file);
            Digest digest = Digest.FromBytes(SHA256.HashData(stream));
            (_, IdentityKeys hospital) = SourceHospitals[i % SourceHospitals.Count];
            SourceSignature source = SourceSignature.Create(hospital.ObjectSigner, hospital.Id, digest, Patient.Id, Services.Time.GetUtcNow());
            documents.Add(new DocumentToSeal(
                new DocumentInfo(Path.GetFileName(file), mediaType) { VisibleLabels = [label], SourceSignatures = [source] },
                () => File.OpenRead(file)));
        }

        return documents;
    }
}
