using System.Diagnostics;
using Phr.Consent;
using Phr.Crypto;
using Phr.Samples.FullFlow;
using Phr.Storage;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>A sealed bundle with active trustees, in a folder of its own, on a clock that the test moves.</summary>
internal sealed class Story : IAsyncDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"phr-oracle-{Guid.NewGuid():n}");

    public ManualClock Clock { get; private init; } = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));

    public World World { get; private set; } = null!;

    public BundleHeader Header { get; private set; } = null!;

    public string Folder => _folder;

    public static async Task<Story> BeginAsync(TimeSpan? vetoWindow = null, AccessRule? rule = null, ReceiverKinds receivers = ReceiverKinds.Person, IReadOnlyList<SearchTerm>[]? terms = null, TimeProvider? time = null, Func<LedgerParameters, Task<IConsentLedger>>? openLedger = null, IContentStore? store = null, (int Threshold, int Size)? committee = null)
    {
        // Processes have the system's clock; the story's then stands where they began.
        var story = time is null ? new Story() : new Story { Clock = new ManualClock(time.GetUtcNow()) };
        story.World = await World.CreateAsync(story._folder, time ?? story.Clock, CancellationToken.None, openLedger: openLedger, content: store, oracles: Math.Max(9, committee?.Size ?? 0));
        story.Header = await story.World.Patient.SealAsync(
        [
            new DocumentToSeal(new DocumentInfo("first.txt", "text/plain") { VisibleLabels = ["laboratory"] }, () => new MemoryStream("first"u8.ToArray())) { SearchTerms = terms?[0] ?? [] },
            new DocumentToSeal(new DocumentInfo("second.txt", "text/plain") { VisibleLabels = ["genome"] }, () => new MemoryStream("second"u8.ToArray())) { SearchTerms = terms?[1] ?? [] },
        ]);
        await story.DealAsync(1, story.World.PlanWith(vetoWindow ?? TimeSpan.FromMinutes(10), rule, receivers, committee));
        return story;
    }

    public async Task<Dealing> DealAsync(uint epoch, TrusteePlan plan)
    {
        foreach (TrusteeClient trustee in World.Trustees)
        {
            await trustee.OfferEnvelopeKeyAsync(Header.BundleId, epoch);
        }

        Dealing dealing = await World.Patient.DealAsync(Header.BundleId, plan);
        foreach (TrusteeClient trustee in World.Trustees)
        {
            await trustee.AcknowledgeAsync(dealing.Digest);
        }

        await World.Patient.ActivateAsync(dealing);
        return dealing;
    }

    public Task<RequestId> RequestAsync(PurposeOfUse? purpose = null, params DocumentId[] documents) => RequestAsync(1, purpose, documents);

    public async Task<RequestId> RequestAsync(int uses, PurposeOfUse? purpose = null, params DocumentId[] documents)
    {
        RequestId request = await World.Doctor.RequestAsync(Header.BundleId, new AccessQuestion
        {
            Documents = documents.Length > 0 ? documents : [.. Header.Documents.Select(d => d.Id)],
            Purpose = purpose ?? PurposeOfUse.Treatment,
            NotAfter = Clock.GetUtcNow().AddHours(3),
            Uses = uses,
            Reason = "a reason",
        });
        await World.Doctor.DrawCommitteeAsync(request);
        return request;
    }

    public async Task<RequestId> ConsentedAsync(int uses = 1)
    {
        RequestId request = await RequestAsync(uses);
        await World.Patient.ConsentAsync(request);
        return request;
    }

    /// <summary>Two requests, of two bundles, that one oracle serves, and whose deadline is over: it has both to settle.</summary>
    public async Task<(SampleOracle Oracle, RequestId[] Requests)> ServedTwiceAsync()
    {
        RequestId first = await ConsentedAsync();
        Header = await World.Patient.SealAsync([new DocumentToSeal(new DocumentInfo("third.txt", "text/plain"), () => new MemoryStream("third"u8.ToArray()))]);
        await DealAsync(1, World.PlanWith(TimeSpan.FromMinutes(10), null, ReceiverKinds.Person, null));
        RequestId second = await ConsentedAsync();
        RequestRecord[] requests = [await ReadAsync(first), await ReadAsync(second)];

        // Of nine oracles, two committees of five have one in common.
        SampleOracle oracle = World.Oracles.First(one => requests.All(request => request.FindCommitteeIndex(one.Identity.Id) is not null));
        await oracle.Worker.ProcessPendingAsync();
        Clock.Advance(World.Ledger.Parameters.DeliveryWindow + TimeSpan.FromSeconds(10));
        return (oracle, [first, second]);
    }

    public async Task<RequestRecord> ReadAsync(RequestId request) => (await World.Services.Ledger.GetRequestAsync(request))!;

    public async Task<SampleOracle> SeatAsync(RequestId request, int index)
    {
        ActorId oracle = (await ReadAsync(request)).Committee[index - 1].Oracle;
        return World.Oracles.Single(o => o.Identity.Id == oracle);
    }

    public async Task ServeAsync(RequestId request, params int[] seats)
    {
        foreach (int index in seats)
        {
            await (await SeatAsync(request, index)).Worker.ProcessPendingAsync();
        }
    }

    public Task<OpenResult> OpenAsync(RequestId request) => World.Doctor.OpenAsync(request, new FolderDestination(Path.Combine(_folder, "opened")));

    public async ValueTask DisposeAsync()
    {
        await World.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>A clock that stands still until it is moved, or made to run. What it measures goes on by itself, and by each move.</summary>
internal sealed class ManualClock(DateTimeOffset now) : TimeProvider
{
    private long _ticks = now.UtcTicks;
    private long _moved;
    private long _runningSince;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        long since = Interlocked.Read(ref _runningSince);
        return new DateTimeOffset(Interlocked.Read(ref _ticks), TimeSpan.Zero) + (since == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(since));
    }

    public override long GetTimestamp() => Stopwatch.GetElapsedTime(0).Ticks + Interlocked.Read(ref _moved);

    /// <summary>From now on time goes by.</summary>
    public void Run() => Interlocked.CompareExchange(ref _runningSince, Stopwatch.GetTimestamp(), 0);

    public void Advance(TimeSpan time)
    {
        Interlocked.Add(ref _ticks, time.Ticks);
        Interlocked.Add(ref _moved, time.Ticks);
    }
}
