using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle.Tests.Jobs;
using Phr.Samples.FullFlow;
using Phr.Storage;

namespace Phr.Oracle.Tests.Hosting;

/// <summary>A story whose oracles run as hosted services, and what can go wrong with what they stand on.</summary>
internal sealed class ServiceStory : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    // So long before the deadline a refusal is due, and so much of it is left when a test has moved the clock there: more than any machine needs.
    private static readonly TimeSpan _margin = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan _leftOfMargin = TimeSpan.FromMinutes(15);

    private readonly List<RunningOracle> _running = [];
    private int _folders;

    private ServiceStory(Story story)
    {
        Story = story;
        Ledger = new FaultyLedger(story.World.Ledger);
        Exchange = new FaultyStore(story.World.Services.Exchange);
    }

    public Story Story { get; }

    public FaultyLedger Ledger { get; }

    public FaultyStore Exchange { get; }

    /// <summary>What is waited for before the ledger is open; null for nothing.</summary>
    public Func<Task>? BeforeOpening { get; init; }

    /// <summary>Every line that any service logged, at every level, with its event's number and all values.</summary>
    public ConcurrentQueue<(int Event, string Text)> Lines { get; } = [];

    /// <summary>How jobs are kept; the tests' PostgreSQL when it is set.</summary>
    public string? Database { get; init; }

    public static async Task<ServiceStory> BeginAsync(string? database = null, Func<Task>? beforeOpening = null)
    {
        var service = new ServiceStory(await Story.BeginAsync()) { Database = database, BeforeOpening = beforeOpening };

        // Waits of services end only when time goes by.
        service.Story.Clock.Run();
        return service;
    }

    /// <summary>Options with short waits; a process gets a state folder of its own.</summary>
    public OracleServiceOptions Options(SampleOracle oracle, string process = "main") => new()
    {
        Process = process,
        Secrets = Path.Combine(Story.Folder, "devices", oracle.Name),
        State = Path.Combine(Story.Folder, "state", $"{oracle.Name}-{process}-{Interlocked.Increment(ref _folders)}"),
        Worker = new OracleOptions { PollInterval = TimeSpan.FromMilliseconds(20), EnvelopeGrace = TimeSpan.Zero, RefusalMargin = TimeSpan.FromSeconds(30) },
        Jobs = new OracleJobOptions
        {
            File = Path.Combine(Story.Folder, "jobs.db"),
            Connection = Database,
            FirstRetry = TimeSpan.FromMilliseconds(5),
            LongestRetry = TimeSpan.FromMilliseconds(50),
            MaxFailures = 3,
            ShutdownGrace = _patience,
        },
    };

    /// <summary>The same with a refusal that is due long before the deadline: see <see cref="MoveToRefusalAsync"/>.</summary>
    public OracleServiceOptions OptionsOfRefusal(SampleOracle oracle)
    {
        OracleServiceOptions options = Options(oracle);
        return options with { Worker = new OracleOptions { PollInterval = options.Worker.PollInterval, EnvelopeGrace = options.Worker.EnvelopeGrace, RefusalMargin = _margin } };
    }

    /// <summary>Moves the clock to when a refusal of <see cref="OptionsOfRefusal"/> is due, and the deadline still far, however long it took to come here.</summary>
    public async Task MoveToRefusalAsync(RequestId request)
    {
        DateTimeOffset deadline = (await Story.ReadAsync(request)).DeliveryDeadline(Story.World.Ledger.Parameters)!.Value;
        Story.Clock.Advance(deadline - _leftOfMargin - Story.Clock.GetUtcNow());
    }

    public async Task<RunningOracle> StartAsync(SampleOracle oracle, OracleServiceOptions? options = null)
    {
        var running = new RunningOracle(Build(oracle, options));
        _running.Add(running);
        await running.Host.StartAsync();
        return running;
    }

    /// <summary>A host with one oracle, not started. With <see cref="OracleServiceOptions.Ipfs"/> its exchange is on those nodes.</summary>
    public IHost Build(SampleOracle oracle, OracleServiceOptions? options = null)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(new LineCollector(Lines));
        builder.Services.AddSingleton<TimeProvider>(Story.Clock);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = _patience);
        OracleBuilder parts = builder.Services.AddPhrOracle(options ?? Options(oracle))
            .UseLedger(async (_, cancellationToken) =>
            {
                await (BeforeOpening?.Invoke() ?? Task.CompletedTask).WaitAsync(cancellationToken);
                return Ledger;
            })
            .UseKeys(_ => new CopiedKeys(oracle.Identity));
        _ = options?.Ipfs is null ? parts.UseStores((_, _) => Task.FromResult(new OracleStores { Records = Story.World.Services.Records, Exchange = Exchange })) : parts.UseIpfsStore();
        _ = Database is null ? parts.UseSqliteJobs() : parts.UsePostgresJobs();
        return builder.Build();
    }

    public Task<IJobStore> OpenJobsAsync(SampleOracle oracle) =>
        Database is null ? JobStore.OpenSqliteAsync(Path.Combine(Story.Folder, "jobs.db"), oracle.Identity.Id) : JobStore.OpenPostgresAsync(Database, oracle.Identity.Id);

    /// <summary>Puts a request into an oracle's jobs and leases it to another process.</summary>
    /// <returns>The jobs, which the caller disposes, and the lease.</returns>
    public async Task<(IJobStore Jobs, JobLease Lease)> LeaseAsync(SampleOracle oracle, JobOffer offer, string holder, TimeSpan? duration = null)
    {
        IJobStore jobs = await OpenJobsAsync(oracle);
        await jobs.AddAsync([offer], Story.Clock.GetUtcNow());
        return (jobs, Assert.Single(await jobs.LeaseAsync(new JobLeaseOptions { Holder = holder, Duration = duration ?? TimeSpan.FromMinutes(1) }, Story.Clock.GetUtcNow())));
    }

    /// <summary>Lets deliveries that are handed in wait.</summary>
    /// <param name="until">For what; null for ever.</param>
    /// <returns>A task that ends when the first is handed in.</returns>
    public Task HoldDeliveries(Task? until = null)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Ledger.BeforeSubmitting = command =>
        {
            if (command is not RecordDelivery)
            {
                return Task.CompletedTask;
            }

            begun.TrySetResult();
            return until ?? new TaskCompletionSource().Task;
        };
        return begun.Task;
    }

    public Task UntilDeliveredAsync(RequestId request, int count) => UntilAsync(async () => (await Story.ReadAsync(request)).Deliveries.Count == count);

    public Task UntilLoggedAsync(int eventNumber) => UntilAsync(() => Lines.Any(line => line.Event == eventNumber));

    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(_patience);
        while (!await condition())
        {
            await Task.Delay(10, limit.Token);
        }
    }

    public static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    public async ValueTask DisposeAsync()
    {
        foreach (RunningOracle running in _running)
        {
            await running.DisposeAsync();
        }

        await Story.DisposeAsync();
    }

    private sealed class CopiedKeys(IdentityKeys keys) : IKeyProvider
    {
        public Task<IdentityKeys> LoadAsync(CancellationToken cancellationToken = default)
        {
            byte[] root = new byte[IdentityKeys.RootSecretLength];
            keys.ExportRootSecret(root);
            IdentityKeys copy = IdentityKeys.FromRootSecret(root, keys.Id, keys.Generation);
            CryptographicOperations.ZeroMemory(root);
            return Task.FromResult(copy);
        }
    }

    private sealed class LineCollector(ConcurrentQueue<(int, string)> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string values = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(" ", pairs.Select(pair => $"{pair.Key}={pair.Value}")) : string.Empty;
            lines.Enqueue((eventId.Id, $"{logLevel} {formatter(state, exception)} {values} {exception}"));
        }

        public void Dispose()
        {
        }
    }
}

/// <summary>A host with one oracle.</summary>
internal sealed class RunningOracle(IHost host) : IAsyncDisposable
{
    private int _stopped;

    public IHost Host => host;

    public OracleMonitor Monitor { get; } = host.Services.GetRequiredService<OracleMonitor>();

    public Task<HealthReport> CheckAsync(string tag) => host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains(tag));

    public async Task<OracleJob?> FindJobAsync() => Monitor.IsOpen ? (await Monitor.ListJobsAsync(new JobFilter())).FirstOrDefault() : null;

    /// <summary>Waits until the oracle's job has got so far.</summary>
    public Task UntilAsync(JobPhase phase) => ServiceStory.UntilAsync(async () => (await FindJobAsync())?.Phase == phase);

    /// <summary>Waits until the oracle looked at its job so often.</summary>
    public Task UntilLookedAtAsync(int times) => ServiceStory.UntilAsync(async () => (await FindJobAsync())?.Looks >= times);

    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 0)
        {
            await host.StopAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await ((IAsyncDisposable)host).DisposeAsync();
    }
}

/// <summary>A ledger that can be cut off.</summary>
internal sealed class FaultyLedger(IConsentLedger inner) : CrashingLedger(inner, new CrashPoint(0, false)), IBlockLedger
{
    public volatile bool IsDown;

    /// <summary>On which block a command stands that is not final before <see cref="BeforeSubmitting"/> ends; null for a ledger whose entries are final at once.</summary>
    public ulong? Block { get; set; }

    /// <summary>What is waited for before requests are listed; null for nothing.</summary>
    public volatile Func<Task>? BeforeListing;

    public async Task<LedgerReceipt> SubmitAndTellAsync(LedgerCommand command, SecretKey ledgerKey, Action<ulong>? included, CancellationToken cancellationToken = default)
    {
        if (Block is { } block)
        {
            included?.Invoke(block);
        }

        return await SubmitAsync(SignedCommand.Sign(command, await GetNonceAsync(command.Actor, cancellationToken), Id, ledgerKey), cancellationToken);
    }

    /// <summary>What is waited for before a command is taken; null for nothing.</summary>
    public volatile Func<LedgerCommand, Task>? BeforeSubmitting;

    public override async Task<LedgerReceipt> SubmitAsync(SignedCommand command, CancellationToken cancellationToken = default)
    {
        if (BeforeSubmitting is { } before)
        {
            await before(command.Command).WaitAsync(cancellationToken);
        }

        return await base.SubmitAsync(command, cancellationToken);
    }

    /// <summary>Whether its operator shows it without its last entry.</summary>
    public volatile bool IsCutOff;

    public override Task<LedgerHead> GetHeadAsync(CancellationToken cancellationToken = default) => AskAsync(async () =>
    {
        LedgerHead head = await base.GetHeadAsync(cancellationToken);
        return IsCutOff ? head with { Number = head.Number - 1 } : head;
    });

    public override Task<RequestRecord?> GetRequestAsync(RequestId request, CancellationToken cancellationToken = default) => AskAsync(() => base.GetRequestAsync(request, cancellationToken));

    public override async Task<IReadOnlyList<RequestRecord>> ListRequestsAsync(RequestFilter filter, CancellationToken cancellationToken = default)
    {
        await (BeforeListing?.Invoke() ?? Task.CompletedTask).WaitAsync(cancellationToken);
        return await AskAsync(() => base.ListRequestsAsync(filter, cancellationToken));
    }

    public override Task<ActorRecord?> GetActorAsync(ActorId actor, CancellationToken cancellationToken = default) => AskAsync(() => base.GetActorAsync(actor, cancellationToken));

    private Task<T> AskAsync<T>(Func<Task<T>> ask) => IsDown ? Task.FromException<T>(new HttpRequestException(HttpRequestError.ConnectionError)) : ask();
}

/// <summary>A store whose reads can be made to fail, or to wait.</summary>
internal sealed class FaultyStore(IContentStore inner) : CrashingStore(inner, new CrashPoint(0, false))
{
    public volatile Func<Task>? BeforeReading;
    private int _puts;

    /// <summary>How many blocks were put into it.</summary>
    public int Puts => Volatile.Read(ref _puts);

    public override ValueTask<Cid> PutBlockAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _puts);
        return base.PutBlockAsync(block, cancellationToken);
    }

    public override async ValueTask<Stream> OpenAsync(Cid cid, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        if (BeforeReading is { } before)
        {
            await before().WaitAsync(cancellationToken);
        }

        return await base.OpenAsync(cid, offset, length, cancellationToken);
    }
}
