using System.Net;
using System.Security.Cryptography.X509Certificates;
using Phr.Consent;
using Phr.Crypto;
using Phr.Samples.FullFlow;
using Phr.Storage;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>Deliveries pulled from the oracles over real HTTP, with members that are down, lie, or never end.</summary>
public sealed class DirectPullTests : IDisposable
{
    private readonly List<HttpListener> _listeners = [];
    private readonly List<HttpDeliverySource> _sources = [];

    public void Dispose()
    {
        _sources.ForEach(source => source.Dispose());
        _listeners.ForEach(listener => listener.Close());
    }

    [Fact]
    public async Task OpenAsync_ContentStoreLostTheDeliveries_TheLeaderHasThemAll()
    {
        await using Story story = await Story.BeginAsync();
        (RequestId request, DoctorClient doctor, Func<Task> lose) = await ServedAsync(story, async (_, worker, id) => (await worker.AssembleAsync(id))?.ToBytes());
        await lose();
        Assert.False((await story.OpenAsync(request)).Succeeded);
        OpenResult result = await OpenAsync(story, doctor, request);
        Assert.True(result.Succeeded, result.Missing);
        Assert.Empty(result.Faults);
        Assert.Equal([1, 2, 3], result.Served.Order());
    }

    [Fact]
    public async Task OpenAsync_LeaderDownSecondLiesThirdLacksSome_TheRestComesFromTheNextAndNothingFalseIsTaken()
    {
        await using Story story = await Story.BeginAsync();
        (RequestId request, DoctorClient doctor, Func<Task> lose) = await ServedAsync(story, async (index, worker, id) =>
        {
            byte[]? pack = (await worker.AssembleAsync(id))?.ToBytes();
            return index switch
            {
                1 => null,
                2 => new DeliveryPack([.. DeliveryPack.FromBytes(pack).Envelopes.Select(e => (ReadOnlyMemory<byte>)(byte[])[.. e.Span[..^1], (byte)(e.Span[^1] ^ 1)])]).ToBytes(),
                3 => new DeliveryPack([DeliveryPack.FromBytes(pack).Envelopes[0]]).ToBytes(),
                4 => "this is no pack"u8.ToArray(),
                _ => pack,
            };
        });
        await lose();
        OpenResult result = await OpenAsync(story, doctor, request);
        Assert.True(result.Succeeded, result.Missing);
        Assert.Empty(result.Faults);
    }

    [Fact]
    public async Task OpenAsync_NobodyAnswers_TheContentStoreServes()
    {
        await using Story story = await Story.BeginAsync();
        (RequestId request, DoctorClient doctor, _) = await ServedAsync(story, (_, _, _) => Task.FromResult<byte[]?>(null));
        Assert.True((await OpenAsync(story, doctor, request)).Succeeded);
    }

    [Fact]
    public async Task FetchAsync_MemberThatNeverEnds_IsLeftAfterItsTime()
    {
        await using Story story = await Story.BeginAsync();
        using var silent = new CancellationTokenSource();
        (RequestId request, DoctorClient doctor, Func<Task> lose) = await ServedAsync(
            story,
            async (index, worker, id) =>
            {
                if (index == 1)
                {
                    await Task.Delay(Timeout.Infinite, silent.Token).ContinueWith(_ => { }, TaskScheduler.Default);
                }

                return (await worker.AssembleAsync(id))?.ToBytes();
            },
            TimeSpan.FromSeconds(5));
        await lose();
        Assert.True((await OpenAsync(story, doctor, request)).Succeeded);
        await silent.CancelAsync();
    }

    [Fact]
    public async Task AssembleAsync_OracleWithoutASeatOrARevokedGrant_GivesNothing()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        await story.ServeAsync(request, 1, 2, 3);
        RequestRecord record = await story.ReadAsync(request);
        SampleOracle other = story.World.Oracles.First(o => record.FindCommitteeIndex(o.Identity.Id) is null);
        Assert.Null(await other.Worker.AssembleAsync(request));
        SampleOracle leader = await story.SeatAsync(request, 1);
        Assert.Equal(3, (await leader.Worker.AssembleAsync(request))!.Envelopes.Count);
        await story.World.Patient.RevokeAsync(request, 1);
        Assert.Null(await leader.Worker.AssembleAsync(request));
    }

    /// <summary>A member records the digest of an empty block, or the store has no answer for one: the others' deliveries are given all the same.</summary>
    [Fact]
    public async Task AssembleAsync_OneDeliveryIsEmptyOrCannotBeFetched_GivesTheOthers()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        await story.ServeAsync(request, 1, 2, 3);
        RequestRecord record = await story.ReadAsync(request);
        SampleOracle leader = await story.SeatAsync(request, 1);
        Digest empty = Digest.Of([]);
        await story.World.Services.Exchange.PutBlockAsync(ReadOnlyMemory<byte>.Empty);
        var spoiled = new LyingLedger(story.World.Ledger, r => r with { Deliveries = [r.Deliveries[0] with { EnvelopeDigest = empty }, .. r.Deliveries.Skip(1)] });
        DeliveryPack? pack = await WorkerOf(spoiled, story.World.Services.Exchange).AssembleAsync(request);
        Assert.Equal(record.Deliveries.Skip(1).Select(d => d.EnvelopeDigest), pack!.Envelopes.Select(e => Digest.Of(e.Span)));

        foreach (Exception fault in (Exception[])[new IOException("cut off"), new IpfsUnavailableException("no node answers.", [])])
        {
            var store = new SilentStore(story.World.Services.Exchange, Cid.ForRawBlock(record.Deliveries[1].EnvelopeDigest), fault);
            pack = await WorkerOf(story.World.Ledger, store).AssembleAsync(request);
            Assert.Equal([record.Deliveries[0].EnvelopeDigest, record.Deliveries[2].EnvelopeDigest], pack!.Envelopes.Select(e => Digest.Of(e.Span)));
        }

        OracleWorker WorkerOf(IConsentLedger ledger, IContentStore exchange) =>
            new(new ConsentServices { Ledger = ledger, Records = story.World.Services.Records, Exchange = exchange, Time = story.Clock }, leader.Identity, leader.Secrets);
    }

    /// <summary>Over TLS: a member whose certificate is of the parties' authority is believed, one with a foreign certificate and one that points elsewhere are not, and nobody follows.</summary>
    [Fact]
    public async Task FetchAsync_OverTls_BelievesTheRightCertificateAloneAndFollowsNobody()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();
        await story.ServeAsync(request, 1, 2, 3);
        RequestRecord record = await story.ReadAsync(request);
        byte[] pack = (await (await story.SeatAsync(request, 1)).Worker.AssembleAsync(request, ct))!.ToBytes();
        using X509Certificate2 authority = TlsMember.MakeAuthority("the parties' authority"), stranger = TlsMember.MakeAuthority("somebody else's");
        await using TlsMember trusted = await TlsMember.StartAsync(authority, pack), foreign = await TlsMember.StartAsync(stranger, pack);
        await using TlsMember pointing = await TlsMember.StartAsync(authority, pack, trusted.Address);
        Digest[] all = [.. record.Deliveries.Select(delivery => delivery.EnvelopeDigest).Order()];

        Assert.Equal(all, await FetchAsync(authority, trusted.Address));
        Assert.Equal(("/deliveries/" + request, 1), (Assert.Single(trusted.Paths), trusted.Paths.Count));
        trusted.Paths.Clear();
        Assert.Empty(await FetchAsync(authority, foreign.Address));
        Assert.Empty(foreign.Paths);
        Assert.Empty(await FetchAsync(authority, pointing.Address));
        Assert.Single(pointing.Paths);
        Assert.Empty(trusted.Paths);

        // Without an authority of its own it believes what the system does, and so none of these.
        Assert.Empty(await FetchAsync(null, trusted.Address));

        // The next member makes up for either.
        Assert.Equal(all, await FetchAsync(authority, foreign.Address, pointing.Address, trusted.Address));

        async Task<IEnumerable<Digest>> FetchAsync(X509Certificate2? root, params Uri[] members)
        {
            using var source = new HttpDeliverySource(members.Index().ToDictionary(at => record.Committee[at.Index].Oracle, at => at.Item))
            {
                Timeout = TimeSpan.FromMinutes(1),
                Trust = root is null ? null : new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { root }, RevocationMode = X509RevocationMode.NoCheck },
            };
            return [.. (await source.FetchAsync(record, ct)).Select(envelope => Digest.Of(envelope.Span)).Order()];
        }
    }

    [Fact]
    public void HttpDeliverySource_EndpointInTheClear_IsRefused()
    {
        ActorId oracle = ActorId.FromBytes(Enumerable.Repeat((byte)7, ActorId.Length).ToArray());
        Assert.Throws<ArgumentException>(() => new HttpDeliverySource(new Dictionary<ActorId, Uri> { [oracle] = new("http://oracle.example/") }));
        Assert.Throws<ArgumentException>(() => new HttpDeliverySource(new Dictionary<ActorId, Uri> { [oracle] = new("/here", UriKind.Relative) }));
        using var source = new HttpDeliverySource(new Dictionary<ActorId, Uri> { [oracle] = new("https://oracle.example/node") });
    }

    /// <summary>A served request, a doctor who pulls, and what takes the sealed deliveries out of the content store once the oracles have them in memory.</summary>
    private async Task<(RequestId Request, DoctorClient Doctor, Func<Task> Lose)> ServedAsync(
        Story story, Func<int, OracleWorker, RequestId, Task<byte[]?>> serve, TimeSpan? timeout = null)
    {
        RequestId request = await story.ConsentedAsync();
        await story.ServeAsync(request, 1, 2, 3);
        RequestRecord record = await story.ReadAsync(request);
        var endpoints = new Dictionary<ActorId, Uri>();
        var packs = new Dictionary<int, Task<byte[]?>>();
        foreach (CommitteeMember member in record.Committee)
        {
            SampleOracle oracle = await story.SeatAsync(request, member.Index);
            Task<byte[]?> pack = serve(member.Index, oracle.Worker, request);
            packs[member.Index] = pack;
            endpoints[member.Oracle] = Listen(async path => path == $"/deliveries/{request}" ? await pack : null);
        }

        var source = new HttpDeliverySource(endpoints) { Timeout = timeout ?? TimeSpan.FromSeconds(20) };
        _sources.Add(source);
        DoctorClient doctor = new(story.World.Services, story.World.DoctorDesk.Keys, story.World.DoctorDesk.Secrets, story.World.DoctorDesk.Licence)
        {
            Deliveries = source,
        };
        return (request, doctor, async () =>
        {
            if (timeout is null)
            {
                await Task.WhenAll(packs.Values);
            }
            else
            {
                await Task.WhenAll(packs.Where(p => p.Key != 1).Select(p => p.Value));
            }

            foreach (DeliveryRecord delivery in record.Deliveries)
            {
                string name = Cid.ForRawBlock(delivery.EnvelopeDigest).ToString();
                string[] files = [.. Directory.EnumerateFiles(story.Folder, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f).StartsWith(name, StringComparison.Ordinal))];
                Assert.NotEmpty(files);
                Array.ForEach(files, File.Delete);
            }
        });
    }

    private static Task<OpenResult> OpenAsync(Story story, DoctorClient doctor, RequestId request) =>
        doctor.OpenAsync(request, new FolderDestination(Path.Combine(story.Folder, "pulled")));

    private Uri Listen(Func<string, Task<byte[]?>> answer)
    {
        for (int attempt = 0; ; attempt++)
        {
            var listener = new HttpListener();
            var address = new Uri($"http://127.0.0.1:{Random.Shared.Next(20_000, 32_000)}/");
            listener.Prefixes.Add(address.AbsoluteUri);
            try
            {
                listener.Start();
            }
            catch (HttpListenerException) when (attempt < 20)
            {
                continue;
            }

            _listeners.Add(listener);
            _ = ServeAsync(listener, answer);
            return address;
        }
    }

    private static async Task ServeAsync(HttpListener listener, Func<string, Task<byte[]?>> answer)
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = Task.Run(async () =>
            {
                try
                {
                    byte[]? bytes = await answer(context.Request.Url!.AbsolutePath);
                    context.Response.StatusCode = bytes is null ? 503 : 200;
                    context.Response.ContentType = HttpDeliverySource.MediaType;
                    await context.Response.OutputStream.WriteAsync(bytes ?? []);
                    context.Response.Close();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
                {
                }
            });
        }
    }

    private sealed class SilentStore(IContentStore inner, Cid silent, Exception fault) : CrashingStore(inner, new CrashPoint(0, false))
    {
        public override ValueTask<Stream> OpenAsync(Cid cid, long offset = 0, long? length = null, CancellationToken cancellationToken = default) =>
            cid == silent ? ValueTask.FromException<Stream>(fault) : base.OpenAsync(cid, offset, length, cancellationToken);
    }
}
