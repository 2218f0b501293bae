using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using Phr.Consent;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Oracle.Hosting;

/// <summary>Everything that a running service stands on, opened together and closed together.</summary>
internal sealed class OracleParts : IAsyncDisposable
{
    private readonly List<object> _owned;

    private OracleParts(ConsentServices services, IJobStore jobs, OracleWorker worker, TrackedSecrets secrets, List<object> owned)
    {
        Services = services;
        Jobs = jobs;
        Worker = worker;
        Secrets = secrets;
        _owned = owned;
    }

    public ConsentServices Services { get; }

    public IJobStore Jobs { get; }

    public OracleWorker Worker { get; }

    public TrackedSecrets Secrets { get; }

    public static async Task<OracleParts> OpenAsync(
        OracleComposition composition, OracleServiceOptions options, IdentityKeys identity, IServiceProvider provider, OracleState state, IProgress<IpfsFault>? ipfsFaults, TimeProvider time, ILogger<OracleWorker> logger, CancellationToken cancellationToken)
    {
        // In the order in which they are closed, last first.
        var owned = new List<object>();
        try
        {
            Directory.CreateDirectory(options.State!);

            // Held until the process ends: a second one with the same folder, and so the same name, is told.
            owned.Add(new FileStream(Path.Combine(options.State!, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
            var secrets = new FileSecretStore(options.Secrets!, identity);
            owned.Add(secrets);

            // Every job looks at the ledger's head: a synced write for each would take longer than the job.
            var memory = new LedgerHeadMemory(Path.Combine(options.State!, "ledger-head")) { WriteInterval = TimeSpan.FromSeconds(1) };
            owned.Add(memory);
            IConsentLedger ledger = await state.TrackAsync(OraclePart.Ledger, () => OpenLedgerAsync(composition, options, identity, provider, time, owned, cancellationToken)).ConfigureAwait(false);
            owned.Add(ledger);
            OracleStores stores = await state.TrackAsync(
                OraclePart.Exchange,
                () => composition.OwnStores is { } own ? own(provider, cancellationToken) : Task.FromResult(composition.UsesIpfs ? OpenIpfs(options.Ipfs!, ipfsFaults, time) : OpenFolders(options.Store))).ConfigureAwait(false);
            owned.Add(stores.Records);
            owned.Add(stores.Exchange);
            IJobStore jobs = await state.TrackAsync(
                OraclePart.Jobs, () => OpenJobsAsync(composition, options, identity, cancellationToken)).ConfigureAwait(false);
            owned.Add(jobs);
            var services = new ConsentServices { Ledger = ledger, Records = stores.Records, Exchange = stores.Exchange, HeadMemory = memory, Time = time };
            var tracked = new TrackedSecrets(secrets, state);
            return new OracleParts(services, jobs, new OracleWorker(services, identity, tracked, options.Worker, logger), tracked, owned);
        }
        catch
        {
            await CloseAsync(owned).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens the job table alone.</summary>
    public static Task<IJobStore> OpenJobsAsync(OracleComposition composition, OracleServiceOptions options, IdentityKeys identity, CancellationToken cancellationToken) =>
        composition.UsesPostgresJobs ? JobStore.OpenPostgresAsync(options.Jobs.Connection!, identity.Id, cancellationToken) : JobStore.OpenSqliteAsync(options.Jobs.File!, identity.Id, cancellationToken);

    public ValueTask DisposeAsync() => CloseAsync(_owned);

    private static OracleStores OpenFolders(OracleStoreOptions options)
    {
        IContentStore exchange = DirectoryContentStore.Open(options.Exchange!);
        return new OracleStores { Records = options.Records is null ? exchange : DirectoryContentStore.Open(options.Records), Exchange = exchange };
    }

    private static OracleStores OpenIpfs(OracleIpfsOptions options, IProgress<IpfsFault>? faults, TimeProvider time)
    {
        // A gateway is somebody else's.
        AuthenticationHeaderValue? credential = options.CredentialFile is { } file ? IpfsCredential.Read(file) : null;
        IContentStore store = IpfsContentStore.Connect(new IpfsContentStoreOptions
        {
            Nodes = options.Nodes,
            Gateways = options.Gateways,
            Replicas = options.Replicas,
            RequiredReplicas = options.RequiredReplicas,
            LookupTimeout = options.LookupTimeout,
            TransferTimeout = options.TransferTimeout,
            Faults = faults,
            Authorize = credential is null ? null : address => options.Nodes.Contains(address) ? credential : null,
            TimeProvider = time,
        });
        return new OracleStores { Records = store, Exchange = store };
    }

    private static async Task<IConsentLedger> OpenLedgerAsync(
        OracleComposition composition, OracleServiceOptions options, IdentityKeys identity, IServiceProvider provider, TimeProvider time, List<object> owned, CancellationToken cancellationToken)
    {
        if (composition.OwnLedger is { } own)
        {
            return await own(provider, cancellationToken).ConfigureAwait(false);
        }

        if (composition.EmbeddedFolder is { } folder)
        {
            return await EmbeddedConsentLedger.OpenAsync(Path.Combine(folder, "ledger.db"), new EmbeddedLedgerOptions { TimeProvider = time }, cancellationToken).ConfigureAwait(false);
        }

        OracleEthereumOptions ethereum = options.Ethereum!;
        SecretKey payer = identity.LedgerKey;
        if (ethereum.Payer is { } key)
        {
            IdentityKeys account = await new KeyFileProvider(key).LoadAsync(cancellationToken).ConfigureAwait(false);
            owned.Add(account);
            payer = account.LedgerKey;
        }

        return await EthereumConsentLedger.ConnectAsync(
            new EthereumLedgerOptions
            {
                Deployment = await EthereumDeployment.LoadAsync(ethereum.Deployment!, cancellationToken).ConfigureAwait(false),
                Nodes = new EthereumRpcOptions { Endpoints = ethereum.Nodes, RequestTimeout = ethereum.RequestTimeout },
                Witnesses = [.. ethereum.Witnesses.Select(witness => new EthereumRpcOptions { Endpoints = [witness], RequestTimeout = ethereum.RequestTimeout })],
                Relayer = payer,
                CachePath = Path.Combine(options.State!, "ethereum.db"),
                JournalPath = Path.Combine(options.State!, "transactions"),
                Finality = ethereum.Finality,
                PollInterval = ethereum.PollInterval,
                MaxHeadAge = ethereum.MaxHeadAge,
                TimeProvider = time,
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask CloseAsync(List<object> owned)
    {
        foreach (object part in owned.AsEnumerable().Reverse().Distinct())
        {
            if (part is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync().ConfigureAwait(false);
            }
            else
            {
                (part as IDisposable)?.Dispose();
            }
        }
    }
}
