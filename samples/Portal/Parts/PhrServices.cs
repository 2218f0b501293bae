using Microsoft.EntityFrameworkCore;
using Phr.Storage;

namespace Phr.Samples.Portal;

/// <summary>The ledger and the stores, and who takes part in them: embedded ones in the portal's folder, or Ethereum and IPFS where the settings name them.</summary>
public sealed class PhrServices(PortalOptions options, TimeProvider time, EmbeddedOracles oracles, IServiceScopeFactory scopes) : IAsyncDisposable
{
    private readonly SemaphoreSlim _founding = new(1);
    private readonly List<IAsyncDisposable> _owned = [];
    private ConsentServices? _services;
    private ActorId[] _ownAgencies = [];

    /// <summary>Whether there is a ledger. It begins with the regulatory agency.</summary>
    public bool IsFounded => _services is not null;

    /// <summary>The ledger, the stores and the clock.</summary>
    /// <exception cref="DeskException">There is no ledger yet.</exception>
    public ConsentServices Services => _services ?? throw new DeskException("The ledger has not begun yet: it begins when the regulatory agency makes its keys.");

    /// <summary>The agencies whose licences count. On Ethereum those of the settings, else the portal's own.</summary>
    public IReadOnlyList<ActorId> Agencies => options.Ethereum is { } ethereum ? ethereum.Agencies.Count > 0 ? [.. ethereum.Agencies.Select(ActorId.Parse)] : _ownAgencies : [Services.Ledger.Parameters.FoundingAgency];

    /// <summary>The operators whose oracles count.</summary>
    public IReadOnlyList<ActorId> Operators => options.Ethereum is { } ethereum ? [.. ethereum.Operators.Select(ActorId.Parse)] : oracles.Operators;

    /// <summary>Whether oracles are processes of others, so that the ledger alone tells how they are.</summary>
    public bool AreOraclesElsewhere => options.Ethereum is not null;

    private string LedgerFolder => options.PathOf("ledger");

    private string LedgerFile => Path.Combine(LedgerFolder, "ledger.db");

    /// <summary>Opens what is there. Called once, before the first request.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (options.Ethereum is not null)
        {
            await using AsyncServiceScope scope = scopes.CreateAsyncScope();
            string[] own = await scope.ServiceProvider.GetRequiredService<PortalDb>().Users.Where(u => u.Role == PortalRole.RegulatoryAgency && u.Actor != null).Select(u => u.Actor!).ToArrayAsync(cancellationToken);
            _ownAgencies = [.. own.Select(ActorId.Parse)];
            _services = Compose(await OpenEthereumAsync(options.Ethereum, cancellationToken));
        }
        else if (File.Exists(LedgerFile) && await HasBegunAsync(cancellationToken))
        {
            _services = Compose(await OpenEmbeddedAsync(null, cancellationToken));
            await oracles.StartAsync(_services, LedgerFolder, cancellationToken);
        }
    }

    /// <summary>Whether the ledger's beginning came to its end: the last step of it is that its agency's account is noted, before which nobody else can make keys.</summary>
    public async Task<bool> HasBegunAsync(CancellationToken cancellationToken)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        return options.Ethereum is not null || await scope.ServiceProvider.GetRequiredService<PortalDb>().Users.AnyAsync(u => u.EnrolledAt != null, cancellationToken);
    }

    /// <summary>Begins the embedded ledger with its first agency, and lets the oracles of this process join. What a beginning left that did not come to its end is put aside.</summary>
    /// <exception cref="DeskException">It cannot be put aside; the message says what to do.</exception>
    public async Task FoundAsync(IdentityKeys agency, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(agency);
        await _founding.WaitAsync(cancellationToken);
        try
        {
            if (IsFounded && await HasBegunAsync(cancellationToken))
            {
                return;
            }

            if (_services is { } unfinished)
            {
                _services = null;
                await EndAsync(unfinished);
            }

            PutAside();
            Directory.CreateDirectory(LedgerFolder);
            ConsentServices services = Compose(await OpenEmbeddedAsync(new LedgerParameters { FoundingAgency = agency.Id }, cancellationToken));
            try
            {
                using var secrets = new InMemorySecretStore();
                var client = new AgencyClient(services, agency, secrets);
                await client.RegisterAsync(ActorRoles.Agency, cancellationToken: cancellationToken);
                await oracles.FoundAsync(services, LedgerFolder, client, cancellationToken);
                await oracles.StartAsync(services, LedgerFolder, cancellationToken);
                _services = services;
            }
            catch
            {
                await EndAsync(services);
                throw;
            }
        }
        finally
        {
            _founding.Release();
        }
    }

    /// <summary>Renews the key records of this process's oracles that end soon.</summary>
    internal Task RenewOraclesAsync(CancellationToken cancellationToken) => oracles.RenewAsync(Services, LedgerFolder, cancellationToken);

    /// <summary>Registers whoever has just made keys.</summary>
    public async Task RegisterAsync(UnlockedKeys keys, ActorId? organisation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        switch (keys.Role)
        {
            case PortalRole.Patient:
                await new PatientClient(Services, keys.Patient!, keys.MainSecrets).RegisterAsync(cancellationToken);
                break;
            case PortalRole.Doctor:
                await new DoctorClient(Services, keys.Main, keys.MainSecrets).RegisterAsync(ActorRoles.Doctor, organisation is { } hospital ? new RegistrationOptions { Organisation = hospital } : null, cancellationToken);
                break;
            case PortalRole.RegulatoryAgency:
                // The agency's trustee desk is an actor of its own: who admits doctors holds no share.
                await new TrusteeClient(Services, keys.Main, keys.MainSecrets).RegisterAsync(ActorRoles.Agency, cancellationToken: cancellationToken);
                await new TrusteeClient(Services, keys.Desk!, keys.TrusteeSecrets).RegisterAsync(ActorRoles.Guardian, new RegistrationOptions { Organisation = keys.Main.Id }, cancellationToken);
                _ownAgencies = [.. _ownAgencies, keys.Main.Id];
                break;
            default:
                ActorRoles role = keys.Role == PortalRole.Hospital ? ActorRoles.Hospital : keys.Role == PortalRole.Insurer ? ActorRoles.Insurer : ActorRoles.Guardian;
                await new TrusteeClient(Services, keys.Main, keys.MainSecrets).RegisterAsync(role, cancellationToken: cancellationToken);
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_services is { } services)
        {
            await EndAsync(services);
        }

        await oracles.DisposeAsync();

        foreach (IAsyncDisposable part in _owned)
        {
            await part.DisposeAsync();
        }

        _founding.Dispose();
    }

    private async Task EndAsync(ConsentServices services)
    {
        await oracles.DisposeAsync();
        services.HeadMemory?.Dispose();
        await services.Ledger.DisposeAsync();
    }

    // Nothing is deleted: where the database was lost, and not the ledger, somebody may want it back.
    private void PutAside()
    {
        if (!File.Exists(LedgerFile))
        {
            return;
        }

        string aside = options.PathOf($"ledger-unfinished-{time.GetUtcNow().ToString("yyyyMMddHHmmssfff", System.Globalization.CultureInfo.InvariantCulture)}");
        try
        {
            Directory.Move(LedgerFolder, aside);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeskException("The portal's ledger was begun once and did not come to its end, and what is there of it cannot be put aside. The operator moves the folder “ledger” out of the portal's folder and starts the portal again; then make your keys.", e);
        }
    }

    private ConsentServices Compose(IConsentLedger ledger)
    {
        IpfsContentStore? ipfs = options.IpfsNodes.Count > 0 ? IpfsContentStore.Connect(new IpfsContentStoreOptions { Nodes = [.. options.IpfsNodes], TimeProvider = time }) : null;
        if (ipfs is not null)
        {
            _owned.Add(new Ending(ipfs));
        }

        return new ConsentServices
        {
            Ledger = ledger,
            Records = ipfs ?? (IContentStore)DirectoryContentStore.Open(Path.Combine(LedgerFolder, "records")),
            Exchange = ipfs ?? (IContentStore)DirectoryContentStore.Open(Path.Combine(LedgerFolder, "exchange")),
            Time = time,
            HeadMemory = new LedgerHeadMemory(Path.Combine(LedgerFolder, "ledger-head")),
        };
    }

    private Task<EmbeddedConsentLedger> OpenEmbeddedAsync(LedgerParameters? createWith, CancellationToken cancellationToken) =>
        EmbeddedConsentLedger.OpenAsync(LedgerFile, new EmbeddedLedgerOptions { TimeProvider = time, CreateWith = createWith }, cancellationToken);

    private async Task<IConsentLedger> OpenEthereumAsync(PortalEthereumOptions ethereum, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(LedgerFolder);
        string passphrase = await SettingFiles.ReadLineAsync(ethereum.PayerPassphraseFile, cancellationToken);
        IdentityKeys payer = await KeyFile.LoadIdentityAsync(ethereum.PayerFile, passphrase.AsMemory(), cancellationToken);
        _owned.Add(new Ending(payer));
        return await EthereumConsentLedger.ConnectAsync(
            new EthereumLedgerOptions
            {
                Deployment = await EthereumDeployment.LoadAsync(ethereum.Deployment, cancellationToken),
                Nodes = new EthereumRpcOptions { Endpoints = [.. ethereum.Nodes] },
                Relayer = payer.LedgerKey,
                CachePath = Path.Combine(LedgerFolder, "ethereum.db"),
                JournalPath = Path.Combine(LedgerFolder, "ethereum-journal"),
                Finality = ethereum.Development ? EthereumFinality.Head : EthereumFinality.Finalized,
                MaxHeadAge = ethereum.Development ? null : TimeSpan.FromMinutes(5),
                MaxStaleness = ethereum.Development ? TimeSpan.Zero : TimeSpan.FromSeconds(1),
                PollInterval = ethereum.Development ? TimeSpan.FromMilliseconds(250) : TimeSpan.FromSeconds(2),
                TimeProvider = time,
            },
            cancellationToken);
    }

    private sealed class Ending(IDisposable part) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            part.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
