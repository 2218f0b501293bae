using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle.Telemetry;
using Phr.Storage;

namespace Phr.Oracle.Hosting;

/// <summary>
/// The hosted service: loads the keys, opens the parts and keeps trying, and runs its loops. One finds jobs on the ledger, one hears of them, one leases and does them, one keeps house, one settles. Each loop
/// outlives every failure but its own end.
/// </summary>
internal sealed class OracleHost(
    OracleSettings settings, OracleComposition composition, OracleState state, OracleInstruments instruments, IServiceProvider provider, TimeProvider time, ILoggerFactory loggers) : IHostedService, IAsyncDisposable, IDisposable
{
    // They wait for entries and for blocks, which may be long in coming, so their silence means nothing.
    private const string Listening = "listen";
    private const string Settling = "settle";

    // These go round whatever the world does.
    private const string Finding = "find jobs";
    private const string Doing = "do jobs";
    private const string House = "keep house";

    private static readonly TimeSpan _houseInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _offerAgain = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _tellAgain = TimeSpan.FromHours(12);

    // With many jobs a look at all of them takes long: this many times as long the next one waits, within bounds, so that looking never becomes the work. Between two of them the ledger tells of each.
    private const int RestAfterLook = 30;
    private static readonly TimeSpan _longestRest = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger = loggers.CreateLogger("Phr.Oracle.Service");
    private readonly IpfsFaultTeller _ipfsFaults = new(instruments, loggers.CreateLogger("Phr.Oracle.Service"), time);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _aborting = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly SemaphoreSlim _look = new(0);
    private readonly HashSet<Task> _inHand = [];
    private readonly Dictionary<JobKey, long> _offered = [];
    private readonly ConcurrentQueue<RequestId> _told = new();
    private volatile bool _mustLookAtAll = true;
    private long _lookedAt;
    private TimeSpan _restOfLook;
    private OracleServiceOptions _options = new();
    private long _toldOfRecord = long.MinValue;
    private IdentityKeys? _identity;
    private Task _run = Task.CompletedTask;
    private int _disposed;

    /// <summary>The open parts; null until they are.</summary>
    public OracleParts? Parts { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _options = settings.Require(composition);
        IKeyProvider keys = composition.OwnKeys?.Invoke(provider) ?? new KeyFileProvider(_options.Key);
        WarnOfOpenSecrets();
        _identity = await keys.LoadAsync(cancellationToken).ConfigureAwait(false);
        state.Named(_identity.Id, _options.Process);
        state.PartChanged += TellOfPart;
        Log.Started(_logger, _identity.Id, _options.Process);

        // Jobs wait for the disk on threads of the pool, which otherwise notices only by and by that it has too few of them.
        ThreadPool.GetMinThreads(out int workers, out int ports);
        ThreadPool.SetMinThreads(Math.Max(workers, Environment.ProcessorCount + _options.Jobs.Parallelism), ports);
        state.Opening();
        _run = Task.Run(RunAsync, CancellationToken.None);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_identity is null)
        {
            return;
        }

        state.Stopping();
        Task[] inHand = InHand();
        Log.Stopping(_logger, inHand.Length, _options.Jobs.ShutdownGrace);
        await _stopping.CancelAsync().ConfigureAwait(false);

        // Jobs in hand are finished; then, or when the host has no more patience, they are given up. Whoever takes them later finds what was done.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_options.Jobs.ShutdownGrace);
        await Task.WhenAll(inHand).WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _aborting.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        await Task.WhenAll(InHand()).ConfigureAwait(false);
        int released = await EndLeasesAsync((jobs, now) => jobs.ReleaseAsync(Holder, now, CancellationToken.None)).ConfigureAwait(false);
        Log.Stopped(_logger, released);
    }

    /// <summary>For containers that do not wait.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await _aborting.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        await Task.WhenAll(InHand()).ConfigureAwait(false);
        if (Parts is { } parts)
        {
            await parts.DisposeAsync().ConfigureAwait(false);
        }

        state.PartChanged -= TellOfPart;
        _identity?.Dispose();
        _wake.Dispose();
        _look.Dispose();
        _stopping.Dispose();
        _aborting.Dispose();
    }

    private OracleState State => state;

    private OracleInstruments Instruments => instruments;

    private TimeProvider Time => time;

    private string Holder => _options.Process;

    private async Task RunAsync()
    {
        if (await OpenAsync().ConfigureAwait(false) is not { } parts)
        {
            return;
        }

        // What an earlier life of this process had on lease is taken up at once. That it is still on lease tells of a death, which may have been the job's doing.
        await EndLeasesAsync((jobs, now) => jobs.ReclaimAsync(Holder, now, CancellationToken.None)).ConfigureAwait(false);
        state.Opened([Finding, Doing, House], _options.Worker.PollInterval);
        Log.Opened(_logger, parts.Services.Ledger.Id);
        await Task.WhenAll(
            RepeatAsync(Finding, () => FindJobsAsync(parts)),
            RepeatAsync(Doing, new JobLoop(this, parts).TurnAsync),
            RepeatAsync(House, () => KeepHouseAsync(parts)),
            RepeatAsync(Settling, () => SettleAsync(parts)),
            ListenAsync(parts)).ConfigureAwait(false);
        await parts.Worker.EndSettlementsAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<OracleParts?> OpenAsync()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        for (int failures = 1; !_stopping.IsCancellationRequested; failures++)
        {
            try
            {
                Parts = await OracleParts.OpenAsync(composition, _options, _identity!, provider, state, _ipfsFaults, time, loggers.CreateLogger<OracleWorker>(), _stopping.Token).ConfigureAwait(false);
                return Parts;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
            }
            catch (Exception e)
            {
                state.Opening();
                TimeSpan wait = backoff.After(failures);
                Log.OpeningFailed(_logger, wait, Fault.Describe(e));
                await Task.Delay(wait, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        return null;
    }

    // Goes round a loop until the service stops. A turn says how long to wait for the next, unless something wakes the loop before.
    private async Task RepeatAsync(string loop, Func<Task<TimeSpan>> turn)
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        int failures = 0;
        while (!_stopping.IsCancellationRequested)
        {
            TimeSpan wait;
            try
            {
                wait = await turn().ConfigureAwait(false);
                failures = 0;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                wait = backoff.After(++failures);
                Log.LoopFailed(_logger, loop, failures, wait, Fault.Describe(e));
            }

            state.Beat(loop);
            await Task.Delay(wait, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // The ledger says what is open; the job store knows what it has heard of already.
    private async Task<TimeSpan> FindJobsAsync(OracleParts parts)
    {
        bool everything = _mustLookAtAll || time.GetElapsedTime(_lookedAt) >= _restOfLook;
        try
        {
            await (everything ? LookAtAllAsync(parts) : LookAtToldAsync(parts)).ConfigureAwait(false);
        }
        catch
        {
            // What was told of is not told again.
            _mustLookAtAll = true;
            throw;
        }

        state.Beat(Finding);
        await _look.WaitAsync(_options.Worker.PollInterval, _stopping.Token).ConfigureAwait(false);
        return TimeSpan.Zero;
    }

    private async Task LookAtAllAsync(OracleParts parts)
    {
        long begin = time.GetTimestamp();
        _mustLookAtAll = false;
        _told.Clear();
        IReadOnlyList<RequestRecord> requests = await state.TrackAsync(
            OraclePart.Ledger,
            () => parts.Services.Ledger.ListRequestsAsync(new RequestFilter { Oracle = parts.Worker.Id, Status = RequestStatus.Granted }, _stopping.Token)).ConfigureAwait(false);
        var open = requests.Select(request => FindOffer(parts, request)).OfType<JobOffer>().ToDictionary(offer => offer.Key);
        foreach (JobKey gone in _offered.Keys.Where(key => !open.ContainsKey(key)).ToArray())
        {
            _offered.Remove(gone);
        }

        await OfferAsync(parts, open.Values).ConfigureAwait(false);
        TimeSpan rest = time.GetElapsedTime(begin) * RestAfterLook;
        (_lookedAt, _restOfLook) = (time.GetTimestamp(), rest < _longestRest ? rest : _longestRest);
    }

    private async Task LookAtToldAsync(OracleParts parts)
    {
        var open = new Dictionary<JobKey, JobOffer>();
        while (_told.TryDequeue(out RequestId id))
        {
            RequestRecord? request = await state.TrackAsync(OraclePart.Ledger, () => parts.Services.Ledger.GetRequestAsync(id, _stopping.Token)).ConfigureAwait(false);
            if (request is { Status: RequestStatus.Granted } && FindOffer(parts, request) is { } offer)
            {
                open[offer.Key] = offer;
            }
        }

        await OfferAsync(parts, open.Values).ConfigureAwait(false);
    }

    // The job that a granted request has for this oracle; null when it has none, or none any more.
    private JobOffer? FindOffer(OracleParts parts, RequestRecord request) =>
        request.FindCommitteeIndex(parts.Worker.Id) is not { } index
        || request.Delivery(index) is not null || request.Refusals.Any(refusal => refusal.Index == index) || request.IsOver(time.GetUtcNow())
            ? null
            : new JobOffer
            {
                Key = new JobKey { Request = request.Id, Round = request.Round, Use = request.Used },
                Requester = request.Doctor,
                Deadline = request.DeliveryDeadline(parts.Services.Ledger.Parameters)!.Value,
            };

    private async Task OfferAsync(OracleParts parts, IEnumerable<JobOffer> open)
    {
        JobOffer[] fresh = [.. open.Where(offer => !_offered.TryGetValue(offer.Key, out long at) || time.GetElapsedTime(at) > _offerAgain)];
        if (fresh.Length == 0)
        {
            return;
        }

        int added = await state.TrackAsync(OraclePart.Jobs, () => parts.Jobs.AddAsync(fresh, time.GetUtcNow(), _stopping.Token)).ConfigureAwait(false);
        foreach (JobOffer offer in fresh)
        {
            _offered[offer.Key] = time.GetTimestamp();
        }

        if (added > 0)
        {
            instruments.Found(added);
            Log.JobsFound(_logger, added);
            Signal(_wake);
        }
    }

    // What opens jobs is looked at without waiting for the next round.
    private Task ListenAsync(OracleParts parts) => RepeatAsync(Listening, async () =>
    {
        LedgerHead head = await state.TrackAsync(OraclePart.Ledger, () => parts.Services.Ledger.GetHeadAsync(_stopping.Token)).ConfigureAwait(false);
        _mustLookAtAll = true;
        await foreach (LedgerEntry entry in parts.Services.Ledger.FollowAsync(head.Number, _stopping.Token).ConfigureAwait(false))
        {
            foreach (RequestId id in entry.Events.Select(OpenedBy).OfType<RequestId>())
            {
                _told.Enqueue(id);
                Signal(_look);
            }
        }

        return TimeSpan.FromSeconds(1);
    });

    private static RequestId? OpenedBy(LedgerEvent ledgerEvent) => ledgerEvent switch
    {
        GrantIssued e => e.RequestId,
        PatientConsented e => e.RequestId,
        UsedAgain e => e.RequestId,
        _ => null,
    };

    private async Task<TimeSpan> KeepHouseAsync(OracleParts parts)
    {
        long begin = time.GetTimestamp();
        CancellationToken stopping = _stopping.Token;

        LedgerHead head = await RequireGrownAsync(parts, stopping).ConfigureAwait(false);
        ActorRecord? record = await state.TrackAsync(OraclePart.Ledger, () => parts.Services.Ledger.GetActorAsync(parts.Worker.Id, stopping)).ConfigureAwait(false);
        state.Saw(head, record);
        TellOfRecord(record);
        state.Counted(await state.TrackAsync(OraclePart.Jobs, () => parts.Jobs.CountAsync(stopping)).ConfigureAwait(false));
        if (record is not null)
        {
            // Its own key record is something that everybody must be able to read in the exchange.
            await state.TrackAsync(OraclePart.Exchange, () => parts.Services.Exchange.GetBlockAsync(record.KeyRecordDigest, stopping)).ConfigureAwait(false);
        }

        await parts.Secrets.LookAgainAsync(stopping).ConfigureAwait(false);
        await parts.Worker.EraseFinishedAsync(stopping).ConfigureAwait(false);
        await state.TrackAsync(OraclePart.Jobs, () => parts.Jobs.PurgeAsync(time.GetUtcNow() - _options.Jobs.Retention, stopping)).ConfigureAwait(false);

        // It looks at everything that is kept.
        return RestOfHouse(begin);
    }

    // Apart from the rest of the house, which must not stand still for as long as settlements take to get into their blocks. What becomes of them when those are final, the ledger tells.
    private async Task<TimeSpan> SettleAsync(OracleParts parts)
    {
        long begin = time.GetTimestamp();
        await parts.Worker.SendSettlementsAsync(_stopping.Token).ConfigureAwait(false);
        return RestOfHouse(begin);
    }

    private TimeSpan RestOfHouse(long begin)
    {
        TimeSpan rest = time.GetElapsedTime(begin) * RestAfterLook;
        return rest < _houseInterval ? _houseInterval : rest < _longestRest ? rest : _longestRest;
    }

    // Jobs ask the same; here it is asked also when there is none, so that a ledger whose end was cut off is noticed, and the file that remembers the head does not grow old.
    private async Task<LedgerHead> RequireGrownAsync(OracleParts parts, CancellationToken cancellationToken)
    {
        try
        {
            LedgerHead head = await state.TrackAsync(OraclePart.Ledger, () => parts.Services.HeadMemory!.EnsureExtendsAsync(parts.Services.Ledger, cancellationToken)).ConfigureAwait(false);
            state.Trusts(null);
            return head;
        }
        catch (PhrDataException e)
        {
            state.Trusts(Fault.Describe(e));
            throw;
        }
    }

    private async Task<int> EndLeasesAsync(Func<IJobStore, DateTimeOffset, Task<int>> end)
    {
        try
        {
            return Parts is { } parts ? await end(parts.Jobs, time.GetUtcNow()).ConfigureAwait(false) : 0;
        }
        catch (Exception e)
        {
            // The leases run out by themselves.
            Log.LoopFailed(_logger, "give leases back", 1, TimeSpan.Zero, Fault.Describe(e));
            return 0;
        }
    }

    private Task[] InHand()
    {
        lock (_inHand)
        {
            return [.. _inHand];
        }
    }

    private static void Signal(SemaphoreSlim signal)
    {
        if (signal.CurrentCount == 0)
        {
            signal.Release();
        }
    }

    private void TellOfRecord(ActorRecord? record)
    {
        if (_toldOfRecord != long.MinValue && time.GetElapsedTime(_toldOfRecord) < _tellAgain)
        {
            return;
        }

        DateTimeOffset now = time.GetUtcNow();
        if (record?.IsActiveAt(now) != true)
        {
            Log.NotActive(_logger, record is null ? "it is not registered." : record.Status == ActorStatus.Active ? "its key record has ended." : $"it is {record.Status}.");
            _toldOfRecord = time.GetTimestamp();
        }
        else if (record.ValidUntil - now < OracleState.KeyWarning)
        {
            Log.KeyEnding(_logger, record.ValidUntil);
            _toldOfRecord = time.GetTimestamp();
        }
    }

    private void TellOfPart(OraclePart part)
    {
        if (part.IsWorking)
        {
            Log.PartWorks(_logger, part.Name);
        }
        else
        {
            instruments.PartFailed(part.Name);
            Log.PartFailed(_logger, part.Name, part.Fault);
            if (part.Name == OraclePart.Secrets)
            {
                Log.SecretsUnusable(_logger, part.Fault);
            }
        }
    }

    private void WarnOfOpenSecrets()
    {
        if (!composition.UsesOwnKeys && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(_options.Key.PassphraseFile!) & UnixFileMode.OtherRead) != 0)
        {
            Log.PassphraseOpen(_logger);
        }

        if (composition.UsesIpfs && _options.Ipfs?.CredentialFile is { } credential && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(credential) & UnixFileMode.OtherRead) != 0)
        {
            Log.CredentialOpen(_logger);
        }
    }

    /// <summary>Leases as many jobs as there are free hands, and waits for work or a hand.</summary>
    private sealed class JobLoop(OracleHost host, OracleParts parts)
    {
        // Of a job that another process took after an outage here a number stays; a job finishes once, so they are few.
        private readonly ConcurrentDictionary<JobKey, int> _outages = [];
        private readonly SemaphoreSlim _hands = new(host._options.Jobs.Parallelism);

        public async Task<TimeSpan> TurnAsync()
        {
            CancellationToken stopping = host._stopping.Token;
            if (!await _hands.WaitAsync(host._options.Worker.PollInterval, stopping).ConfigureAwait(false))
            {
                // All are busy, which is no standstill of this loop.
                return TimeSpan.Zero;
            }

            int free = 1;
            while (free < host._options.Jobs.Parallelism && await _hands.WaitAsync(0, stopping).ConfigureAwait(false))
            {
                free++;
            }

            IReadOnlyList<JobLease> leases = [];
            try
            {
                var ask = new JobLeaseOptions { Holder = host.Holder, Count = free, Duration = host._options.Jobs.LeaseDuration };
                leases = await host.State.TrackAsync(OraclePart.Jobs, () => parts.Jobs.LeaseAsync(ask, host.Time.GetUtcNow(), stopping)).ConfigureAwait(false);
            }
            finally
            {
                if (free > leases.Count)
                {
                    _hands.Release(free - leases.Count);
                }
            }

            foreach (JobLease lease in leases)
            {
                Begin(lease);
            }

            if (leases.Count == 0)
            {
                await host._wake.WaitAsync(host._options.Worker.PollInterval, stopping).ConfigureAwait(false);
            }

            return TimeSpan.Zero;
        }

        private void Begin(JobLease lease)
        {
            Task task = Task.Run(
                async () =>
                {
                    int hand = 1;
                    void GiveBack()
                    {
                        if (Interlocked.Exchange(ref hand, 0) == 1)
                        {
                            _hands.Release();
                        }
                    }

                    var runner = new JobRunner(parts, host._options, host.State, host.Instruments, host.Time, host._logger) { OnParked = GiveBack, Outages = _outages, Stopping = host._stopping.Token };
                    try
                    {
                        await runner.RunAsync(lease, host._aborting.Token).ConfigureAwait(false);
                    }
                    finally
                    {
                        GiveBack();
                    }
                },
                CancellationToken.None);
            lock (host._inHand)
            {
                host._inHand.Add(task);
            }

            _ = task.ContinueWith(
                done =>
                {
                    lock (host._inHand)
                    {
                        host._inHand.Remove(done);
                    }
                },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }
}
