using System.Net;
using System.Text.Json;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle.Tests.Jobs;
using Phr.Oracle.Tests.Tools;
using Phr.Samples.FullFlow;
using Phr.Storage;
using Phr.TestSupport;

namespace Phr.Oracle.Tests.Hosting;

/// <summary>samples/OracleNode as operators run it: real processes on a ledger, stores and a database that they share with nobody's memory.</summary>
public sealed class OracleNodeTests(PostgresServer postgres)
{
    [Fact]
    public async Task Run_TwoProcessesOfOneOracleAndOneKilled_DeliversOnceAndTheDoctorOpens()
    {
        Assert.SkipWhen(postgres.Missing is not null, postgres.Missing ?? string.Empty);
        string database = await postgres.CreateDatabaseAsync();
        await using Story story = await Story.BeginAsync(time: TimeProvider.System);
        RequestId request = await story.RequestAsync();
        SampleOracle[] seats = [await story.SeatAsync(request, 1), await story.SeatAsync(request, 2), await story.SeatAsync(request, 3)];
        var nodes = new List<OracleProcess>();
        try
        {
            // Both serve the one oracle when its job comes, and one of them has it.
            nodes.Add(await TestOracles.StartAsync(story.Folder, seats[0], "a", database));
            nodes.Add(await TestOracles.StartAsync(story.Folder, seats[0], "b", database));
            await Task.WhenAll(nodes.Select(node => node.WaitUntilReadyAsync()));
            await using IJobStore jobs = await JobStore.OpenPostgresAsync(database, seats[0].Identity.Id);
            await story.World.Patient.ConsentAsync(request);
            OracleJob? job = null;
            await ServiceStory.UntilAsync(async () => (job = (await jobs.ListAsync(new JobFilter())).FirstOrDefault())?.Phase is JobPhase.Running or JobPhase.Delivered);
            (OracleProcess killed, OracleProcess other) = job!.Holder == "a" ? (nodes[0], nodes[1]) : (nodes[1], nodes[0]);
            await killed.KillAsync();
            Assert.True(other.IsRunning);

            nodes.Add(await TestOracles.StartAsync(story.Folder, seats[1], "a", database));
            nodes.Add(await TestOracles.StartAsync(story.Folder, seats[2], "a", database));
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(6));
            RequestRecord served = await story.World.Doctor.WaitForDeliveriesAsync(request, 3, limit.Token);
            await ServiceStory.UntilAsync(async () => (await jobs.CountAsync()).Delivered == 1);
            Assert.Equal([1, 2, 3], served.Deliveries.Select(delivery => delivery.Index).Order());
            foreach ((int i, SampleOracle seat) in seats.Index())
            {
                using SecretValue kept = (await seat.Secrets.GetAsync(Assert.Single(await seat.Secrets.ListAsync("delivery/"))))!;
                Assert.Equal(Digest.Of(kept.Bytes), served.Delivery(i + 1)!.DeliveryDigest);
            }

            OpenResult opened = await story.OpenAsync(request);
            Assert.True(opened.Succeeded, opened.Missing);
            Assert.Empty(opened.Faults);

            await CheckPagesAsync(nodes[2], story, request);
            foreach (OracleProcess node in nodes.Where(node => node != killed))
            {
                Assert.Equal(0, await node.TerminateAsync());
                Assert.Contains("Stopped.", node.Output, StringComparison.Ordinal);
            }

            string output = string.Join('\n', nodes.Select(node => node.Output));
            foreach (string forbidden in (string[])[story.World.Patient.Id.ToString(), story.World.Doctor.Id.ToString(), "a passphrase of the tests", "first.txt", "GH-2024-0117"])
            {
                Assert.DoesNotContain(forbidden, output, StringComparison.OrdinalIgnoreCase);
            }
        }
        finally
        {
            foreach (OracleProcess node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task Run_OnEthereumAndIpfs_ThreeProcessesDeliverAndTheDoctorOpens()
    {
        foreach ((string? program, string reason) in new[] { NodePrograms.Ipfs(), NodePrograms.Anvil() })
        {
            Assert.SkipUnless(program is not null, reason);
        }

        await using IpfsNodeProcess ipfs = await IpfsNodeProcess.StartAsync();
        using IpfsContentStore store = IpfsContentStore.Connect(new IpfsContentStoreOptions { Nodes = [ipfs.Api], LookupTimeout = TimeSpan.FromSeconds(2) });
        await using SampleChain chain = await SampleChain.StartAsync();
        await using Story story = await Story.BeginAsync(time: chain.Clock, openLedger: chain.OpenLedgerAsync, store: store);
        string deployment = Path.Combine(story.Folder, "ledger.json");
        await chain.Deployment!.SaveAsync(deployment);
        RequestId request = await story.ConsentedAsync();
        var nodes = new List<OracleProcess>();
        try
        {
            for (int seat = 1; seat <= 3; seat++)
            {
                SampleOracle oracle = await story.SeatAsync(request, seat);
                await chain.FundAsync(oracle.Identity.Id);
                nodes.Add(await TestOracles.StartAsync(story.Folder, oracle, change: settings => settings with
                {
                    EmbeddedFolder = null,
                    Deployment = deployment,
                    ChainNodes = [chain.Node],
                    IpfsNodes = [ipfs.Api],
                    State = Path.Combine(story.Folder, $"state-{seat}"),
                    JobFile = Path.Combine(story.Folder, "jobs.db"),
                    More = new Dictionary<string, string> { ["Oracle__Worker__ClockSkew"] = "00:30:00" },
                }));
            }

            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(6));
            try
            {
                await story.World.Doctor.WaitForDeliveriesAsync(request, 3, limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail(string.Join("\n\n", nodes.Select(node => node.Output)));
            }

            OpenResult opened = await story.OpenAsync(request);
            Assert.True(opened.Succeeded, opened.Missing);
            Assert.Empty(opened.Faults);

            // The leader gives them all in one answer, too, once it has looked at the chain again.
            using var client = new HttpClient();
            using var source = new HttpDeliverySource(new Dictionary<ActorId, Uri> { [(await story.SeatAsync(request, 1)).Identity.Id] = nodes[0].Http.BaseAddress! }) { Timeout = TimeSpan.FromSeconds(30) };
            while ((await source.FetchAsync(await story.ReadAsync(request), limit.Token)).Count < 3)
            {
                await Task.Delay(100, limit.Token);
            }

            Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await client.GetAsync(new Uri(nodes[0].Http.BaseAddress!, "deliveries/what"))).StatusCode);
            Assert.Equal(System.Net.HttpStatusCode.NotFound, (await client.GetAsync(new Uri(nodes[0].Http.BaseAddress!, $"deliveries/{new string('0', 64)}"))).StatusCode);
            foreach (OracleProcess node in nodes)
            {
                Assert.Equal(0, await node.TerminateAsync());
            }
        }
        finally
        {
            foreach (OracleProcess node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    /// <summary>
    /// Everything that a process stands on is away, and it writes all that it can write: nothing of what it prints or shows has a password, a key in an address, a passphrase or a secret. Chain and stores by the keys that
    /// providers put into the paths of their addresses.
    /// </summary>
    [Fact]
    public async Task Run_AtDebugWhileChainStoreAndDatabaseAreDown_PrintsNoSecret()
    {
        Assert.SkipWhen(postgres.Missing is not null, postgres.Missing ?? string.Empty);
        const string chainKey = "key-of-the-chain-4711", storeKey = "key-of-the-store-4712", password = "password-of-the-jobs-4713";
        await using Story story = await Story.BeginAsync(time: TimeProvider.System);
        SampleOracle first = story.World.Oracles[0], second = story.World.Oracles[1];
        using IdentityKeys payer = IdentityKeys.Generate();
        (string payerFile, string payerPassphrase) = await OracleNodeSettings.WriteKeyAsync(story.Folder, "payer", payer);
        string deployment = Path.Combine(story.Folder, "ledger.json");
        await new EthereumDeployment { Ledger = new LedgerId(31337, story.World.AgencyId), StartBlock = 1, Parameters = new LedgerParameters { FoundingAgency = story.World.AgencyId } }.SaveAsync(deployment);
        var debug = new Dictionary<string, string>
        {
            ["Logging__LogLevel__Default"] = "Trace",
            ["Logging__LogLevel__Microsoft.AspNetCore"] = "Trace",
            ["Logging__LogLevel__Microsoft.Extensions.Diagnostics.HealthChecks"] = "Trace",
            ["Oracle__Worker__PollInterval"] = "00:00:00.050",
        };
        await using PostgresProcess own = await PostgresProcess.StartAsync();
        string database = $"{await own.CreateDatabaseAsync()};Password={password}";

        // One has no chain and does not open; the other opens, finds its store away, and then its database.
        await using OracleProcess chainless = await TestOracles.StartAsync(story.Folder, first, "a", database, settings => settings with
        {
            EmbeddedFolder = null,
            Deployment = deployment,
            ChainNodes = [new Uri($"http://127.0.0.1:{LoopbackPort.Free()}/v3/{chainKey}")],
            ExchangeFolder = Path.Combine(story.Folder, "exchange"),
            State = Path.Combine(story.Folder, "state-a"),
            More = new Dictionary<string, string>(debug)
            {
                ["Oracle__Ethereum__Witnesses__0"] = $"http://127.0.0.1:{LoopbackPort.Free()}/v3/{chainKey}",
                ["Oracle__Ethereum__Payer__File"] = payerFile,
                ["Oracle__Ethereum__Payer__PassphraseFile"] = payerPassphrase,
            },
        });
        await using OracleProcess storeless = await TestOracles.StartAsync(story.Folder, second, "a", database, settings => settings with
        {
            IpfsNodes = [new Uri($"http://127.0.0.1:{LoopbackPort.Free()}/v0/{storeKey}/")],
            More = new Dictionary<string, string>(debug) { ["Oracle__Ipfs__Gateways__0"] = $"http://127.0.0.1:{LoopbackPort.Free()}/v0/{storeKey}/gateway/" },
        });
        await ServiceStory.UntilAsync(() => chainless.Output.Contains("\"EventId\":1105", StringComparison.Ordinal));
        await ServiceStory.UntilAsync(() => storeless.Output.Contains("The exchange stopped working", StringComparison.Ordinal));
        await own.StopAsync();
        await ServiceStory.UntilAsync(() => storeless.Output.Contains("The jobs stopped working", StringComparison.Ordinal));

        // A third one starts when the database is away already.
        await using OracleProcess jobless = await TestOracles.StartAsync(story.Folder, second, "b", database, settings => settings with { More = debug });
        await ServiceStory.UntilAsync(() => jobless.Output.Contains("\"EventId\":1105", StringComparison.Ordinal));
        OracleProcess[] nodes = [chainless, storeless, jobless];
        var shown = new List<string>();
        foreach (OracleProcess node in nodes)
        {
            foreach (string page in (string[])["", "health/ready", "health/live", "metrics"])
            {
                shown.Add(await ReadAsync(node, page));
            }

            Assert.Equal(0, await node.TerminateAsync());
            Assert.Contains("\"LogLevel\":\"Debug\"", node.Output, StringComparison.Ordinal);
            shown.Add(node.Output);
        }

        // Options that are wrong are named, and not what they say.
        (int code, string faults) = await OracleProcess.RunAsync(
            new Dictionary<string, string>(debug) { ["Node__Folder"] = story.Folder, ["Oracle__Key__File"] = "/nowhere", ["Node__Store"] = "ipfs", ["Oracle__Ipfs__Nodes__0"] = $"http:/{storeKey}", ["Oracle__Ipfs__Nodes__1"] = $"http://user:{password}@host/" },
            []);
        Assert.Equal(2, code);
        shown.Add(faults);

        string all = string.Join('\n', shown);
        var forbidden = new List<string> { chainKey, storeKey, password, "Password=", OracleNodeSettings.Passphrase };
        foreach (IdentityKeys keys in (IdentityKeys[])[first.Identity, second.Identity, payer])
        {
            byte[] root = new byte[IdentityKeys.RootSecretLength];
            keys.ExportRootSecret(root);
            forbidden.AddRange([Convert.ToHexString(root), Convert.ToBase64String(root)[..^2]]);
        }

        foreach (string name in await second.Secrets.ListAsync(string.Empty))
        {
            using SecretValue secret = (await second.Secrets.GetAsync(name))!;
            forbidden.Add(Convert.ToHexString(secret.Bytes[..Math.Min(32, secret.Length)]));
        }

        Assert.Empty(forbidden.Where(text => all.Contains(text, StringComparison.OrdinalIgnoreCase)).Select(text => all.Split('\n').First(line => line.Contains(text, StringComparison.OrdinalIgnoreCase))));
    }

    [Fact]
    public async Task Run_FaultyOptions_EndsWithEveryFault()
    {
        (int code, string output) = await OracleProcess.RunAsync(
            new Dictionary<string, string>
            {
                ["Node__Folder"] = "/nowhere",
                ["Oracle__Key__File"] = "/nowhere/key",
                ["Oracle__Jobs__Paralelism"] = "2",
            },
            []);
        Assert.Equal(2, code);
        Assert.Contains("holds no ledger.db", output, StringComparison.Ordinal);
        Assert.Contains("Oracle:Key:File names a file that is not there.", output, StringComparison.Ordinal);
        Assert.Contains("Oracle:Jobs:Paralelism is no option.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_KeysAndJobs_DoWhatTheManualSays()
    {
        await using Story story = await Story.BeginAsync(time: TimeProvider.System);
        string keyFile = Path.Combine(story.Folder, "new.key"), passphraseFile = Path.Combine(story.Folder, "new.passphrase");
        await File.WriteAllTextAsync(passphraseFile, "correct horse battery staple\n");
        (int code, string output) = await CommandAsync([], "keys", "create", "--file", keyFile, "--passphrase-file", passphraseFile);
        Assert.Equal((0, KeyFile.Inspect(keyFile).Actor.ToString()), (code, output.Trim()));

        (string operatorFile, string operatorPassphrase) = await OracleNodeSettings.WriteKeyAsync(story.Folder, "operator", story.World.Oracles[0].Operator);
        var settings = new Dictionary<string, string> { ["Node__Folder"] = story.Folder, ["Oracle__Key__File"] = keyFile, ["Oracle__Key__PassphraseFile"] = passphraseFile };
        (code, output) = await CommandAsync(settings, "keys", "publish", "--operator-key", operatorFile, "--operator-passphrase-file", operatorPassphrase);
        Assert.True(code == 0, output);
        Assert.Contains("Pending", output, StringComparison.Ordinal);
        ActorId oracle = KeyFile.Inspect(keyFile).Actor;
        await story.World.Agency.AdmitAsync(oracle);
        Digest before = (await story.World.Ledger.GetActorAsync(oracle))!.KeyRecordDigest;
        (code, output) = await CommandAsync(settings, "keys", "publish", "--operator-key", operatorFile, "--operator-passphrase-file", operatorPassphrase, "--days", "20");
        Assert.True(code == 0, output);
        ActorRecord record = (await story.World.Ledger.GetActorAsync(oracle))!;
        Assert.Equal(ActorStatus.Active, record.Status);
        Assert.NotEqual(before, record.KeyRecordDigest);

        await using IJobStore jobs = await JobStore.OpenSqliteAsync(Path.Combine(story.Folder, "oracles", "jobs.db"), oracle);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        await jobs.AddAsync([JobStoreContract.Offer(1)], now);
        JobLease lease = Assert.Single(await jobs.LeaseAsync(new JobLeaseOptions { Holder = "x" }, now));
        await jobs.SetAsideAsync(lease, now.AddHours(1), "it is broken.");
        (code, output) = await CommandAsync(settings, "jobs", "list", "--phase", "set-aside");
        Assert.Equal(0, code);
        Assert.Contains($"{lease.Job.Key}\tSetAside", output, StringComparison.Ordinal);
        Assert.Equal(0, (await CommandAsync(settings, "jobs", "retry", lease.Job.Key.ToString())).Code);
        Assert.Equal(JobPhase.Pending, (await jobs.FindAsync(lease.Job.Key))!.Phase);
        Assert.Equal(1, (await CommandAsync(settings, "jobs", "retry", lease.Job.Key.ToString())).Code);
        Assert.Equal(2, (await CommandAsync(settings, "jobs", "retry", "nonsense")).Code);
    }

    // Whatever the page's status is; the service starts before the pages do.
    private static async Task<string> ReadAsync(OracleProcess node, string page)
    {
        for (int failures = 0; ; failures++)
        {
            try
            {
                using HttpResponseMessage answer = await node.Http.GetAsync(new Uri(page, UriKind.Relative));
                return await answer.Content.ReadAsStringAsync();
            }
            catch (HttpRequestException) when (node.IsRunning && failures < 600)
            {
                await Task.Delay(100);
            }
        }
    }

    private static async Task CheckPagesAsync(OracleProcess node, Story story, RequestId request)
    {
        await node.WaitUntilReadyAsync();
        using HttpResponseMessage page = await node.Http.GetAsync(new Uri("/", UriKind.Relative));
        string html = await page.Content.ReadAsStringAsync();
        Assert.Equal((HttpStatusCode.OK, "text/html"), (page.StatusCode, page.Content.Headers.ContentType!.MediaType));
        Assert.Contains("default-src 'none'", string.Concat(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Contains(request.ToString()[..12], html, StringComparison.Ordinal);
        Assert.Contains("delivered", html, StringComparison.Ordinal);
        Assert.Contains("reputation", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(" style=", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(story.World.Doctor.Id.ToString(), html, StringComparison.Ordinal);
        Assert.Contains("max-width", await node.Http.GetStringAsync(new Uri("status.css", UriKind.Relative)), StringComparison.Ordinal);

        using JsonDocument ready = JsonDocument.Parse(await node.Http.GetStringAsync(new Uri("health/ready", UriKind.Relative)));
        Assert.Equal("healthy", ready.RootElement.GetProperty("status").GetString());
        using JsonDocument live = JsonDocument.Parse(await node.Http.GetStringAsync(new Uri("health/live", UriKind.Relative)));
        Assert.Equal("healthy", live.RootElement.GetProperty("status").GetString());
        string[] metrics = [];

        // The ledger has a delivery before the process has noted that it made it.
        await ServiceStory.UntilAsync(async () =>
            (metrics = (await node.Http.GetStringAsync(new Uri("metrics", UriKind.Relative))).Split('\n')).Any(line => line.StartsWith("phr_oracle_delivery_delay_seconds_count", StringComparison.Ordinal)));
        Assert.Contains("phr_oracle_ready 1", metrics);
        Assert.Contains("phr_oracle_jobs_finished_total{phr_phase=\"delivered\"} 1", metrics);
        Assert.Contains(metrics, line => line.StartsWith("phr_oracle_delivery_delay_seconds_count 1", StringComparison.Ordinal));
        Assert.All(metrics.Where(line => line.Length > 0), line => Assert.Matches(@"^(# (HELP|TYPE) phr_oracle_\w+ .+|phr_oracle_\w+(\{\w+=""[\w.+]+""(,\w+=""[\w.+]+"")*\})? -?[\d.E+-]+)$", line));
    }

    private static Task<(int Code, string Output)> CommandAsync(Dictionary<string, string> settings, params string[] arguments) => OracleProcess.RunAsync(settings, arguments);
}
