using System.Globalization;
using System.Text.Json.Nodes;
using Phr.Consent;
using Phr.Crypto;
using Phr.Samples.FullFlow;
using Phr.Storage;
using Phr.TestSupport;

namespace Phr.Soak.Faults;

/// <summary>Everything that a run stands on, each in a process of its own on loopback: anvil, PostgreSQL, three IPFS nodes, and six processes of five oracles. Nothing in memory is shared.</summary>
internal sealed class Site : IAsyncDisposable
{
    /// <summary>A block counts when so many follow it. A re-organisation of a run is never deeper.</summary>
    public const int Confirmations = 2;

    // The chain begins in the past, so that everyone is registered without waiting for blocks; then it is brought to the present.
    private static readonly TimeSpan _past = TimeSpan.FromHours(12);

    private readonly List<IAsyncDisposable> _parts = [];
    private readonly SecretKey _payer = SecretKey.FromBytes(EthereumNodeProcess.AccountKey(0));
    private readonly IdentityKeys _agency = IdentityKeys.Generate();
    private EthereumDeployment _deployment = null!;

    private Site(string folder) => Folder = folder;

    public string Folder { get; }

    public EthereumNodeProcess Chain { get; private set; } = null!;

    public PostgresProcess Postgres { get; private set; } = null!;

    public IReadOnlyList<IpfsNodeProcess> Ipfs { get; private set; } = [];

    public Community Community { get; private set; } = null!;

    public List<OracleProcess> Oracles { get; } = [];

    /// <summary>The ledger's address on the chain.</summary>
    public string Ledger => "0x" + _deployment.Ledger.Contract;

    private EthereumRpcOptions Nodes => new() { Endpoints = [Chain.Address], MaxAttempts = 15 };

    public static async Task<Site> OpenAsync(int patients, int doctors, Action<string> say, CancellationToken ct)
    {
        var site = new Site(Directory.CreateTempSubdirectory("phr-soak-").FullName);
        try
        {
            say("starting anvil, PostgreSQL and three IPFS nodes");
            await site.StartNodesAsync(ct);
            say($"registering {doctors} doctors, {patients} patients, 2 guardians, 5 oracles of 5 operators");
            await site.RegisterAsync(patients, doctors, ct);
            return site;
        }
        catch
        {
            await site.DisposeAsync();
            throw;
        }
    }

    /// <summary>From here on a block is made each second, and time is the present. Everyone goes on over a client that takes a block as final when two follow it.</summary>
    public async Task BeginAsync(CancellationToken ct)
    {
        await Chain.CallAsync("evm_setNextBlockTimestamp", TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        await Chain.CallAsync("evm_mine");
        await Chain.CallAsync("evm_setIntervalMining", 1);
        ConsentServices before = Community.Services;
        Community.Use(new ConsentServices { Ledger = await ConnectAsync(EthereumFinality.After(Confirmations), minesOnDemand: false, ct), Records = before.Records, Exchange = before.Exchange });
        await before.Ledger.DisposeAsync();
        _parts.Add(Community.Services.Ledger);
    }

    /// <summary>Takes the last blocks back and puts empty ones in their place.</summary>
    /// <remarks>
    /// anvil_reorg does not wait for a block that is being made: on a busy machine such a block lands on the new chain with the state of the old one, or a number is left without a block. No chain does that, so none
    /// is made meanwhile, and the chain is looked at before anybody goes on: a harness that breaks it must not be taken for a fault of the oracles.
    /// </remarks>
    public async Task ReorganiseAsync(int depth)
    {
        await Chain.CallAsync("evm_setIntervalMining", 0);

        // Returns after the block that may be under way.
        await Chain.CallAsync("evm_mine");
        await Chain.CallAsync("anvil_reorg", depth, new JsonArray());
        string? parent = null;
        ulong head = Convert.ToUInt64((string)(await Chain.CallAsync("eth_blockNumber"))!, 16);
        for (ulong number = head - (ulong)depth - 2; number <= head; number++)
        {
            JsonNode? block = await Chain.CallAsync("eth_getBlockByNumber", $"0x{number:x}", false);
            if (block is null || (parent is not null && (string?)block["parentHash"] != parent))
            {
                throw new InvalidOperationException($"anvil's chain is broken at block {number} after blocks were replaced: this run shows nothing.");
            }

            parent = (string?)block["hash"];
        }

        await Chain.CallAsync("evm_setIntervalMining", 1);
    }

    /// <summary>Starts the oracles' processes: the first oracle has two, on PostgreSQL; the second one on PostgreSQL; the others one each on SQLite.</summary>
    public async Task StartOraclesAsync(CancellationToken ct)
    {
        string deployment = Path.Combine(Folder, "ledger.json");
        await _deployment.SaveAsync(deployment, ct);
        foreach ((int i, (string name, IdentityKeys keys, string secrets)) in Community.Oracles.Index())
        {
            string? database = i < 2 ? await Postgres.CreateDatabaseAsync() : null;
            foreach (string process in i == 0 ? (string[])["a", "b"] : ["a"])
            {
                (string file, string passphrase) = await OracleNodeSettings.WriteKeyAsync(Folder, $"{name}-{process}", keys);

                // Two processes that paid from one account would get into each other's way.
                using IdentityKeys payer = IdentityKeys.Generate();
                (string payerFile, string payerPassphrase) = await OracleNodeSettings.WriteKeyAsync(Folder, $"{name}-{process}-payer", payer);
                await Chain.CallAsync("anvil_setBalance", $"0x{payer.Id}", "0x56bc75e2d63100000");
                var node = new OracleProcess(
                    $"{name}/{process}",
                    new OracleNodeSettings
                    {
                        Process = process,
                        KeyFile = file,
                        PassphraseFile = passphrase,
                        Secrets = secrets,
                        State = Path.Combine(Folder, "state", $"{name}-{process}"),
                        Deployment = deployment,
                        ChainNodes = [Chain.Address],
                        IpfsNodes = [.. Ipfs.Select(node => node.Api)],
                        JobDatabase = database,
                        JobFile = database is null ? Path.Combine(Folder, $"{name}-jobs.db") : null,
                        More = new Dictionary<string, string>
                        {
                            ["Oracle__Ethereum__Finality"] = Confirmations.ToString(CultureInfo.InvariantCulture),
                            ["Oracle__Ethereum__Payer__File"] = payerFile,
                            ["Oracle__Ethereum__Payer__PassphraseFile"] = payerPassphrase,
                            ["Oracle__Ipfs__LookupTimeout"] = "00:00:02",
                            ["Oracle__Jobs__LeaseDuration"] = "00:00:06",

                            // Faults are a matter of course here, and what processes die of is none of a job's doing.
                            ["Oracle__Jobs__MaxFailures"] = "100",
                            ["Oracle__Jobs__LongestRetry"] = "00:00:05",
                            ["Oracle__Requesters__Burst"] = "1000000",
                            ["Oracle__Requesters__PerHour"] = "3600000",
                        },
                    }.ToEnvironment(),
                    Path.Combine(Folder, $"{name}-{process}.log"));
                Oracles.Add(node);
                _parts.Add(node);
                node.Start();
            }
        }

        foreach (OracleProcess node in Oracles)
        {
            await node.WaitUntilReadyAsync(ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable part in _parts.AsEnumerable().Reverse())
        {
            await part.DisposeAsync();
        }

        Community?.Dispose();
        _agency.Dispose();
        _payer.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task StartNodesAsync(CancellationToken ct)
    {
        long begin = (TimeProvider.System.GetUtcNow() - _past).ToUnixTimeSeconds();
        Task<EthereumNodeProcess> chain = EthereumNodeProcess.StartAnvilAsync("--timestamp", begin.ToString(CultureInfo.InvariantCulture));
        Task<PostgresProcess> postgres = PostgresProcess.StartAsync();
        Task<IpfsNodeProcess>[] ipfs = [.. Enumerable.Range(0, 3).Select(_ => IpfsNodeProcess.StartAsync())];
        var all = Task.WhenAll([chain, postgres, .. ipfs]);
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // What did start is ended with the site, also where another did not.
        _parts.AddRange(ipfs.Where(task => task.IsCompletedSuccessfully).Select(task => task.Result));
        _parts.AddRange(new[] { postgres }.Where(task => task.IsCompletedSuccessfully).Select(task => task.Result));
        _parts.AddRange(new[] { chain }.Where(task => task.IsCompletedSuccessfully).Select(task => task.Result));
        await all;
        ct.ThrowIfCancellationRequested();
        (Chain, Postgres, Ipfs) = (await chain, await postgres, [.. ipfs.Select(task => task.Result)]);
    }

    private async Task RegisterAsync(int patients, int doctors, CancellationToken ct)
    {
        var rules = new LedgerParameters { FoundingAgency = _agency.Id, Cooldown = TimeSpan.FromSeconds(1), MaxCooldown = TimeSpan.FromSeconds(1) };
        _deployment = await EthereumLedgerDeployer.DeployAsync(Nodes, _payer, rules, null, ct);
        IpfsContentStore store = IpfsContentStore.Connect(new IpfsContentStoreOptions
        {
            Nodes = [.. Ipfs.Select(node => node.Api)],
            Replicas = 2,
            RequiredReplicas = 2,
            LookupTimeout = TimeSpan.FromSeconds(2),
            CoolDown = TimeSpan.FromSeconds(2),
        });
        _parts.Add(new Closing(store));
        IConsentLedger ledger = await ConnectAsync(EthereumFinality.Head, minesOnDemand: true, ct);
        Community = await Community.CreateAsync(Folder, new ConsentServices { Ledger = ledger, Records = store, Exchange = store }, _agency, patients, doctors, ct);
    }

    private async Task<IConsentLedger> ConnectAsync(EthereumFinality finality, bool minesOnDemand, CancellationToken ct) => await EthereumConsentLedger.ConnectAsync(
        new EthereumLedgerOptions
        {
            Deployment = _deployment,
            Nodes = Nodes,
            Relayer = _payer,
            Finality = finality,
            MaxStaleness = minesOnDemand ? TimeSpan.Zero : TimeSpan.FromMilliseconds(250),
            PollInterval = TimeSpan.FromMilliseconds(minesOnDemand ? 20 : 250),
            MaxHeadAge = null,
            MinesOnDemand = minesOnDemand,
        },
        ct);

    private sealed class Closing(IDisposable part) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            part.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
