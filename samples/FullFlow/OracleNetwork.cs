using System.Globalization;
using System.Text.RegularExpressions;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle;
using Phr.Storage;

namespace Phr.Samples.FullFlow;

/// <summary>
/// One ledger on a chain with an agency and nine oracles, which all stories share. Each oracle is a process of samples/OracleNode with a folder, a key file, an account, a job file and a port of its own,
/// set up by the operator's commands; it knows of the others, and of this program, only what the chain and the content store tell.
/// </summary>
internal sealed partial class OracleNetwork : IAsyncDisposable
{
    private const int Count = 9;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly string _folder;
    private readonly SampleChain _chain;
    private readonly SampleIpfs? _ipfs;
    private readonly IReporter _reporter;
    private readonly List<OracleMember> _members = [];
    private readonly HashSet<ActorId> _stopped = [];
    private readonly List<IDisposable> _keys = [];
    private readonly Dictionary<string, (IConsentLedger Ledger, IContentStore Content)> _connections = [];

    private OracleNetwork(string folder, SampleChain chain, SampleIpfs? ipfs, IReporter reporter)
    {
        _folder = folder;
        _chain = chain;
        _ipfs = ipfs;
        _reporter = reporter;
    }

    /// <summary>What a story's people join.</summary>
    public SharedLedger Shared { get; private set; } = null!;

    private string DeploymentFile => Path.Combine(_folder, "ledger.json");

    /// <summary>Puts the ledger on the chain and starts the oracles.</summary>
    public static async Task<OracleNetwork> StartAsync(string folder, SampleChain chain, SampleIpfs? ipfs, IReporter reporter, CancellationToken ct)
    {
        var network = new OracleNetwork(Path.GetFullPath(folder), chain, ipfs, reporter);
        try
        {
            await network.StartAsync(ct);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    public string NameOf(ActorId oracle) => Find(oracle)?.Name ?? oracle.ToString()[..8];

    /// <summary>Stops the processes of oracles, as their operators would, and waits for their ends.</summary>
    public async Task StopAsync(IReadOnlyList<ActorId> oracles, CancellationToken ct)
    {
        RequireAlive();
        ActorId[] stopping = [.. oracles.Where(_stopped.Add)];
        await Task.WhenAll(stopping.Select(async oracle =>
        {
            OracleProcess process = Get(oracle).Process;
            if (await process.TerminateAsync(ct) != 0)
            {
                throw process.Failure("did not stop in order.");
            }
        }));
    }

    /// <summary>
    /// Starts those of the oracles whose processes were stopped, and waits until each has delivered or refused; where there is nothing that it may deliver, until it has seen as much of the ledger as there is now.
    /// Nothing is asked of the processes: they serve by themselves.
    /// </summary>
    public async Task<IReadOnlyList<JobOutcome>> ServeAsync(RequestId request, IReadOnlyList<ActorId> oracles, CancellationToken ct)
    {
        RequireAlive();
        ActorId[] starting = [.. oracles.Where(_stopped.Remove)];
        await Task.WhenAll(starting.Select(oracle => StartAsync(Get(oracle), ct)));
        ulong head = (await Shared.Ledger.GetHeadAsync(ct)).Number;
        JobOutcome?[] outcomes = await Task.WhenAll(oracles.Select(oracle => WaitAsync(request, Get(oracle), head, ct)));
        return [.. outcomes.OfType<JobOutcome>()];
    }

    /// <summary>Waits until each of the oracles has seen as much of the ledger as there is now.</summary>
    public async Task WaitForHeadAsync(IReadOnlyList<ActorId> oracles, CancellationToken ct)
    {
        ulong head = (await Shared.Ledger.GetHeadAsync(ct)).Number;
        await Task.WhenAll(oracles.Select(oracle => WatchAsync(Get(oracle), ct, (seen, _) => Task.FromResult(new Look<bool>(seen >= head, true, $"entry {head} of the ledger")))));
    }

    /// <summary>Where each oracle answers a doctor who pulls.</summary>
    public IReadOnlyDictionary<ActorId, Uri> Addresses => _members.ToDictionary(member => member.Id, member => member.Process.Address);

    /// <summary>What a hostile operator has: the oracle's key and the secrets of its stopped process.</summary>
    public async Task<(IdentityKeys Keys, ISecretStore Secrets)> BorrowAsync(ActorId oracle, CancellationToken ct)
    {
        OracleMember member = Get(oracle);
        IdentityKeys keys = await KeyFile.LoadIdentityAsync(member.Settings.KeyFile, OracleNodeSettings.Passphrase.AsMemory(), ct);
        _keys.Add(keys);
        return (keys, new FileSecretStore(member.Settings.Secrets!, keys));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (OracleMember member in _members)
        {
            await member.Process.DisposeAsync();
        }

        foreach ((IConsentLedger ledger, IContentStore content) in _connections.Values)
        {
            await ledger.DisposeAsync();
            (content as IDisposable)?.Dispose();
        }

        if (Shared is not null)
        {
            await Shared.Ledger.DisposeAsync();
        }

        _keys.ForEach(keys => keys.Dispose());
    }

    [GeneratedRegex(@"^phr_oracle_ledger_head_number (\d+)$", RegexOptions.Multiline)]
    private static partial Regex HeadNumber();

    private static async Task<string> CommandAsync(IReadOnlyDictionary<string, string> environment, string[] arguments, CancellationToken ct)
    {
        (int code, string output) = await OracleProcess.RunAsync(environment, arguments, ct);
        return code == 0 ? output.Trim() : throw new InvalidOperationException($"OracleNode {string.Join(' ', arguments.Take(2))} ended with {code}: {output}");
    }

    // Who was not stopped runs: a process that ended by itself is a failure of the story, whatever it did before.
    private void RequireAlive()
    {
        if (_members.Find(member => !member.Process.IsRunning && !_stopped.Contains(member.Id)) is { } dead)
        {
            throw dead.Process.Failure("ended by itself.");
        }
    }

    private IContentStore OpenFolder() => DirectoryContentStore.Open(Path.Combine(_folder, "content"));

    // One for each part that somebody plays, whoever plays it in this story.
    private async Task<(IConsentLedger Ledger, IContentStore Content)> ConnectAsync(string name, CancellationToken ct)
    {
        if (!_connections.TryGetValue(name, out (IConsentLedger, IContentStore) connection))
        {
            (IConsentLedger ledger, SecretKey payer) = await _chain.ConnectAsync(ct);
            _keys.Add(payer);
            connection = (ledger, _ipfs?.Connect() ?? OpenFolder());
            _connections.Add(name, connection);
        }

        return connection;
    }

    private OracleMember? Find(ActorId oracle) => _members.Find(member => member.Id == oracle);

    private OracleMember Get(ActorId oracle) => Find(oracle) ?? throw new InvalidOperationException($"{oracle} is no oracle of this network.");

    private async Task StartAsync(CancellationToken ct)
    {
        Directory.CreateDirectory(_folder);
        var agencyKeys = IdentityKeys.Generate();
        _keys.Add(agencyKeys);
        IConsentLedger ledger = await _chain.OpenLedgerAsync(new LedgerParameters { FoundingAgency = agencyKeys.Id, TrusteeChangeDelay = TimeSpan.FromSeconds(2) });
        Shared = new SharedLedger(ledger, _ipfs?.Store ?? OpenFolder(), agencyKeys, [], ConnectAsync);
        await _chain.Deployment!.SaveAsync(DeploymentFile, ct);
        _reporter.Say($"The ledger is 0x{_chain.Deployment.Ledger.Contract}.");

        var services = new ConsentServices { Ledger = Shared.Ledger, Records = Shared.Content, Exchange = Shared.Content, Time = _chain.Clock };
        var agency = new AgencyClient(services, agencyKeys, new FileSecretStore(Path.Combine(_folder, "agency"), agencyKeys));
        await agency.RegisterAsync(ActorRoles.Agency, cancellationToken: ct);

        // Two at once fill two cores.
        using var hands = new SemaphoreSlim(2);
        using var desk = new SemaphoreSlim(1);
        Task<ActorId>[] joining = [.. Enumerable.Range(1, Count).Select(i => JoinAsync(i, services, agency, hands, desk, ct))];

        // None goes on after this has failed.
        Task all = Task.WhenAll(joining);
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Shared = Shared with { Operators = await Task.WhenAll(joining) };
        _members.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        foreach (OracleMember member in _members)
        {
            _reporter.Say($"{member.Name} is process {member.Process.ProcessId.ToString(CultureInfo.InvariantCulture)}, {member.Process.Address}");
        }

        // What setting up cost is no story's.
        _chain.TakeGas();
    }

    // As an operator does it: a key file, a record on the ledger, the agency's admission, and the service. The operator's own id is returned.
    private async Task<ActorId> JoinAsync(int number, ConsentServices services, AgencyClient agency, SemaphoreSlim hands, SemaphoreSlim desk, CancellationToken ct)
    {
        await hands.WaitAsync(ct);
        try
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"oracle-{number}"), own = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
            string operators = Directory.CreateDirectory(Path.Combine(_folder, $"operator-{number}")).FullName;
            var settings = new OracleNodeSettings
            {
                KeyFile = Path.Combine(own, "oracle.key"),
                PassphraseFile = await OracleNodeSettings.WritePassphraseAsync(own, "oracle"),
                Secrets = Path.Combine(own, "secrets"),
                State = Path.Combine(own, "state"),
                JobFile = Path.Combine(own, "jobs.db"),
                Deployment = DeploymentFile,
                ChainNodes = [_chain.Node],
                IpfsNodes = _ipfs?.Nodes ?? [],
                ExchangeFolder = Path.Combine(_folder, "content"),

                // Nine of them look at one chain on one machine.
                More = new Dictionary<string, string> { ["Oracle__Worker__PollInterval"] = "00:00:00.500", ["Oracle__Ethereum__PollInterval"] = "00:00:00.500" },
            };
            IReadOnlyDictionary<string, string> environment = settings.ToEnvironment();
            await File.WriteAllLinesAsync(Path.Combine(own, "environment"), environment.Select(variable => $"{variable.Key}={variable.Value}"), ct);
            ActorId id = ActorId.Parse(await CommandAsync(environment, ["keys", "create", "--file", settings.KeyFile, "--passphrase-file", settings.PassphraseFile], ct));
            await _chain.FundAsync(id);

            var operatorKeys = IdentityKeys.Generate();
            (string operatorFile, string operatorPassphrase) = await OracleNodeSettings.WriteKeyAsync(operators, "operator", operatorKeys);
            var client = new TrusteeClient(services, operatorKeys, new FileSecretStore(Path.Combine(operators, "secrets"), operatorKeys));
            await OneAtATimeAsync(desk, async () =>
            {
                _keys.Add(operatorKeys);
                await client.RegisterAsync(ActorRoles.Operator, cancellationToken: ct);
                await agency.AdmitAsync(client.Id, ct);
            });
            await CommandAsync(environment, ["keys", "publish", "--operator-key", operatorFile, "--operator-passphrase-file", operatorPassphrase], ct);
            var member = new OracleMember(name, id, settings, new OracleProcess(name, environment, Path.Combine(own, "log")));
            await OneAtATimeAsync(desk, async () =>
            {
                _members.Add(member);
                await agency.AdmitAsync(id, ct);
            });
            await StartAsync(member, ct);
            return client.Id;
        }
        finally
        {
            hands.Release();
        }
    }

    private static async Task OneAtATimeAsync(SemaphoreSlim desk, Func<Task> work)
    {
        await desk.WaitAsync();
        try
        {
            await work();
        }
        finally
        {
            desk.Release();
        }
    }

    private static async Task StartAsync(OracleMember member, CancellationToken ct)
    {
        member.Process.Start();
        await member.Process.WaitUntilReadyAsync(ct);
    }

    private Task<JobOutcome?> WaitAsync(RequestId id, OracleMember member, ulong head, CancellationToken ct) => WatchAsync(member, ct, async (seen, stop) =>
    {
        RequestRecord request = (await Shared.Ledger.GetRequestAsync(id, stop))!;
        DateTimeOffset now = _chain.Clock.GetUtcNow();
        int index = request.FindCommitteeIndex(member.Id)!.Value;
        (bool isOver, JobOutcome? outcome) = request.Delivery(index) is not null ? (true, new JobOutcome(id, JobState.Delivered, string.Empty))
            : request.Refusals.Any(refusal => refusal.Index == index) ? (true, new JobOutcome(id, JobState.Refused, string.Empty))
            : request.IsFinal(now) || seen < head ? (false, null)
            : (true, request.Grant is null ? null : new JobOutcome(id, JobState.NotServed, $"the request is {request.StatusAt(now)}."));
        return new Look<JobOutcome?>(isOver, outcome, $"its answer to a request that is {request.StatusAt(now)}");
    });

    // Looks at what a process has seen, and at what else there is to see, until it is enough.
    private static async Task<T> WatchAsync<T>(OracleMember member, CancellationToken ct, Func<ulong, CancellationToken, Task<Look<T>>> look)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_patience);
        string doing = "was not asked yet";
        try
        {
            while (true)
            {
                if (!member.Process.IsRunning)
                {
                    throw member.Process.Failure("ended by itself.");
                }

                doing = "does not answer";
                ulong seen;
                try
                {
                    seen = await HeadSeenAsync(member, limit.Token);
                }
                catch (HttpRequestException e)
                {
                    // On a busy machine one connection may fail.
                    doing = $"does not answer: {e.Message}";
                    await Task.Delay(100, limit.Token);
                    continue;
                }

                doing = string.Create(CultureInfo.InvariantCulture, $"has seen the ledger up to entry {seen}, and the ledger does not answer");
                Look<T> now = await look(seen, limit.Token);
                if (now.IsEnough)
                {
                    return now.Result;
                }

                doing = string.Create(CultureInfo.InvariantCulture, $"has seen the ledger up to entry {seen}; what is waited for is {now.WaitsFor}");
                await Task.Delay(100, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw member.Process.Failure($"does not serve: it {doing}.");
        }
    }

    // How much of the ledger a process has looked at.
    private static async Task<ulong> HeadSeenAsync(OracleMember member, CancellationToken ct) =>
        HeadNumber().Match(await member.Process.Http.GetStringAsync(new Uri("metrics", UriKind.Relative), ct)) is { Success: true } match ? ulong.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0;

    private sealed record Look<T>(bool IsEnough, T Result, string WaitsFor);

    private sealed record OracleMember(string Name, ActorId Id, OracleNodeSettings Settings, OracleProcess Process);
}
