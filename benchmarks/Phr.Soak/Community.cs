using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle;

namespace Phr.Soak;

/// <summary>Everyone who takes part in a run: an agency, two guardians, patients, doctors, and oracles of as many operators.</summary>
internal sealed class Community : IDisposable
{
    /// <summary>Seats of a committee. With as many oracles every one of them sits in every committee.</summary>
    public const int CommitteeSize = 5;

    /// <summary>How many of them must answer.</summary>
    public const int CommitteeThreshold = 3;

    private readonly List<IDisposable> _keys = [];
    private readonly List<Func<ConsentServices, TrusteeClient>> _guardians = [];
    private readonly List<Func<ConsentServices, PatientClient>> _patients = [];
    private readonly List<Func<ConsentServices, DoctorClient>> _doctors = [];
    private readonly string _folder;
    private AgencyClient _agency = null!;

    private Community(string folder, ConsentServices services)
    {
        _folder = folder;
        Services = services;
    }

    public ConsentServices Services { get; private set; }

    public IReadOnlyList<TrusteeClient> Guardians { get; private set; } = [];

    public IReadOnlyList<PatientClient> Patients { get; private set; } = [];

    public IReadOnlyList<DoctorClient> Doctors { get; private set; } = [];

    public List<(string Name, IdentityKeys Keys, string Secrets)> Oracles { get; } = [];

    private List<ActorId> Operators { get; } = [];

    /// <summary>Registers everyone.</summary>
    /// <param name="folder">Where the devices' secrets go.</param>
    /// <param name="services">Ledger and stores.</param>
    /// <param name="agency">The founding agency's keys; theirs is the ledger's first active actor.</param>
    /// <param name="patients">How many patients.</param>
    /// <param name="doctors">How many doctors.</param>
    /// <param name="ct">Cancels.</param>
    public static async Task<Community> CreateAsync(string folder, ConsentServices services, IdentityKeys agency, int patients, int doctors, CancellationToken ct)
    {
        var community = new Community(folder, services);
        community._agency = new AgencyClient(services, agency, community.Device("agency", agency));
        await community._agency.RegisterAsync(ActorRoles.Agency, cancellationToken: ct);
        for (int i = 1; i <= 2; i++)
        {
            IdentityKeys keys = community.NewKeys();
            FileSecretStore device = community.Device($"guardian-{i}", keys);
            await new TrusteeClient(services, keys, device).RegisterAsync(ActorRoles.Guardian, cancellationToken: ct);
            community._guardians.Add(s => new TrusteeClient(s, keys, device));
        }

        for (int i = 1; i <= patients; i++)
        {
            var keys = PatientKeys.Generate();
            community._keys.Add(keys);
            FileSecretStore device = community.Device($"patient-{i}", keys.Identity);
            await new PatientClient(services, keys, device).RegisterAsync(ct);
            community._patients.Add(s => new PatientClient(s, keys, device));
        }

        for (int i = 1; i <= doctors; i++)
        {
            await community.AddDoctorAsync(i, ct);
        }

        for (int i = 1; i <= CommitteeSize; i++)
        {
            await community.AddOracleAsync(i, ct);
        }

        community.Use(services);
        return community;
    }

    /// <summary>Lets guardians, patients and doctors go on over another client of the same ledger, or other stores.</summary>
    public void Use(ConsentServices services)
    {
        Services = services;
        (Guardians, Patients, Doctors) = ([.. _guardians.Select(g => g(services))], [.. _patients.Select(p => p(services))], [.. _doctors.Select(d => d(services))]);
    }

    /// <summary>Seals documents of a patient, and shares their keys between the guardians.</summary>
    public async Task<BundleHeader> SealAsync(PatientClient patient, IReadOnlyList<(string Name, byte[] Content)> documents, TimeSpan vetoWindow, CancellationToken ct)
    {
        BundleHeader header = await patient.SealAsync(
            [.. documents.Select(d => new DocumentToSeal(new DocumentInfo(d.Name, "application/octet-stream") { VisibleLabels = ["other"] }, () => new MemoryStream(d.Content)))], null, ct);
        foreach (TrusteeClient guardian in Guardians)
        {
            await guardian.OfferEnvelopeKeyAsync(header.BundleId, 1, ct);
        }

        var plan = new TrusteePlan
        {
            GroupThreshold = 1,
            Groups = [new TrusteeGroupPlan("guardians", 2, [.. Guardians.Select(g => g.Id)])],
            LicenceAuthorities = [_agency.Id],
            OracleOperators = Operators,
            VetoWindow = vetoWindow,
            CommitteeThreshold = CommitteeThreshold,
            CommitteeSize = CommitteeSize,
        };
        Dealing dealing = await patient.DealAsync(header.BundleId, plan, ct);
        foreach (TrusteeClient guardian in Guardians)
        {
            await guardian.AcknowledgeAsync(dealing.Digest, ct);
        }

        await patient.ActivateAsync(dealing, ct);
        return header;
    }

    public void Dispose() => _keys.ForEach(k => k.Dispose());

    private string FolderOf(string name) => Path.Combine(_folder, "devices", name);

    private FileSecretStore Device(string name, IdentityKeys keys)
    {
        var store = new FileSecretStore(FolderOf(name), keys);
        _keys.Add(store);
        return store;
    }

    private IdentityKeys NewKeys()
    {
        var keys = IdentityKeys.Generate();
        _keys.Add(keys);
        return keys;
    }

    private async Task AddDoctorAsync(int number, CancellationToken ct)
    {
        IdentityKeys keys = NewKeys();
        FileSecretStore device = Device($"doctor-{number}", keys);
        var applicant = new DoctorClient(Services, keys, device);
        await applicant.RegisterAsync(ActorRoles.Doctor, cancellationToken: ct);
        await _agency.AdmitAsync(applicant.Id, ct);
        DateTimeOffset now = Services.Time.GetUtcNow();
        LicenceCredential licence = await _agency.IssueLicenceAsync(
            new LicenceTerms
            {
                Doctor = applicant.Id,
                DoctorObjectKey = keys.PublicKeys.ObjectKey,
                LicenceNumber = $"D-{number}",
                Speciality = "oncology",
                Organisation = default,
                ValidFrom = now.AddDays(-1),
                NotAfter = now.AddDays(365),
            },
            ct);
        _doctors.Add(s => new DoctorClient(s, keys, device, licence));
    }

    private async Task AddOracleAsync(int number, CancellationToken ct)
    {
        IdentityKeys operatorKeys = NewKeys();
        var operatorClient = new TrusteeClient(Services, operatorKeys, Device($"operator-{number}", operatorKeys));
        await operatorClient.RegisterAsync(ActorRoles.Operator, cancellationToken: ct);
        await _agency.AdmitAsync(operatorClient.Id, ct);
        Operators.Add(operatorClient.Id);

        IdentityKeys keys = NewKeys();
        string name = $"oracle-{number}";
        var worker = new OracleWorker(Services, keys, Device(name, keys));
        DateTimeOffset until = Services.Time.GetUtcNow().AddDays(29);
        IdentityPublicKeys publicKeys = await worker.RenewEnvelopeKeyAsync(ct);
        await worker.PublishKeysAsync(publicKeys, OperatorEndorsement.Create(operatorKeys, Services.Ledger.Id, publicKeys, until), until, ct);
        await _agency.AdmitAsync(worker.Id, ct);
        Oracles.Add((name, keys, FolderOf(name)));
    }
}
