using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle.Hosting;
using Phr.Oracle.Telemetry;

namespace Phr.Oracle.Tests.Hosting;

public sealed class OracleOptionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("phr-options-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task StartAsync_ManyFaults_NamesThemAllAtOnce()
    {
        IReadOnlyCollection<string> faults = await StartAsync(
            parts => parts.UseEthereumLedger().UseDirectoryStore().UsePostgresJobs(),
            ("Oracle:Process", "Not A Name"),
            ("Oracle:Key:File", "/nowhere/oracle.key"),
            ("Oracle:Worker:PollInterval", "5"),
            ("Oracle:Worker:PolInterval", "00:00:05"),
            ("Oracle:Jobs:Parallelism", "my-secret"),
            ("Oracle:Jobs:MaxFailures", "0"),
            ("Oracle:Jobs:LeaseDuration", "00:00:01"),
            ("Oracle:Requesters", "100"),
            ("Oracle:Ethereum:Finality", "soon"),
            ("Oracle:Ethereum:Nodes:0", "ftp://node"),
            ("Oracle:Ethereum:MaxHeadAge", "-00:01:00"),
            ("Oracle:Ipfs:Nodes", "http://a/?key=my-secret"),
            ("Oracle:Ipfs:Replicas", "2"),
            ("Oracle:Passphrase", "my-secret"));
        Assert.Equal(
            [
                "Oracle:Ethereum:Deployment is missing: the ledger's address file.",
                "Oracle:Ethereum:Finality is not finalized, safe, head, or a number of blocks from 1 to 100000.",
                "Oracle:Ethereum:MaxHeadAge lies outside its bounds, 00:00:00.0010000 to 365.00:00:00.",
                "Oracle:Ethereum:Nodes has an entry that is no http or https address.",
                "Oracle:Ethereum:Nodes names 1 to 16 nodes.",
                "Oracle:Ipfs:Nodes and Ipfs:Gateways are addresses without query, fragment and user name.",
                "Oracle:Ipfs:Replicas lies outside its bounds, 1 to 1.",
                "Oracle:Jobs:Connection is missing: how PostgreSQL is reached.",
                "Oracle:Jobs:LeaseDuration lies outside its bounds, 00:00:03 to 01:00:00.",
                "Oracle:Jobs:MaxFailures lies outside its bounds, 1 to 100.",
                "Oracle:Jobs:Parallelism is not a whole number.",
                "Oracle:Key:File names a file that is not there.",
                "Oracle:Key:PassphraseFile is missing: the file with the passphrase.",
                "Oracle:Passphrase is no option. Known here: Ethereum, Ipfs, Jobs, Key, Process, Requesters, Secrets, State, Store, Worker.",
                "Oracle:Process has 1 to 40 characters of a-z, 0-9 and '-'.",
                "Oracle:Requesters is a group, not one value.",
                "Oracle:Secrets is missing: the folder with the oracle's secrets, shared by its processes.",
                "Oracle:State is missing: the folder of this process.",
                "Oracle:Store:Exchange is missing: the folder in which the parties exchange objects.",
                "Oracle:Worker:PolInterval is no option. Known here: ClockSkew, EnvelopeGrace, PollInterval, RefusalMargin.",
                "Oracle:Worker:PollInterval is not a length of time, as hours:minutes:seconds (00:00:30).",
            ],
            faults.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("my-secret", string.Concat(faults), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "names a file that is not there.")]
    [InlineData("", "has no credential on its first line: a scheme and what it takes, as 'Bearer …'.")]
    [InlineData("my-secret", "has no credential on its first line: a scheme and what it takes, as 'Bearer …'.")]
    [InlineData("\nBearer my-secret", "has no credential on its first line: a scheme and what it takes, as 'Bearer …'.")]
    [InlineData("Bearer my-s\u00e9cret", "has no credential on its first line: a scheme and what it takes, as 'Bearer …'.")]
    [InlineData("Be arer: my-secret, Basic other", "has no credential on its first line: a scheme and what it takes, as 'Bearer …'.")]
    public async Task StartAsync_CredentialFileWithoutACredential_IsNamedWithTheOtherFaultsAndNotShown(string? content, string fault)
    {
        string file = Path.Combine(_folder, "credential");
        if (content is not null)
        {
            await File.WriteAllTextAsync(file, content);
        }

        IReadOnlyCollection<string> faults = await StartAsync(parts => parts.UseEthereumLedger().UseIpfsStore().UseSqliteJobs(), ("Oracle:Ipfs:Nodes", "http://127.0.0.1:1/"), ("Oracle:Ipfs:CredentialFile", file));
        Assert.Contains($"Oracle:Ipfs:CredentialFile {fault}", faults);
        Assert.True(faults.Count > 1);
        Assert.DoesNotContain("my-s", string.Concat(faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_PartsMissingOrNamedTwice_SaysSo()
    {
        Assert.Superset(
            new HashSet<string>
            {
                "no ledger is named: UseEmbedded, UseEthereumLedger or UseLedger.",
                "no content store is named: UseDirectoryStore, UseIpfsStore or UseStores.",
                "no job store is named: UseSqliteJobs or UsePostgresJobs.",
            },
            new HashSet<string>(await StartAsync(_ => { })));
        Assert.Superset(
            new HashSet<string> { "more than one ledger is named.", "more than one content store is named.", "more than one job store is named.", "the embedded ledger is not there: the folder holds no ledger.db." },
            new HashSet<string>(await StartAsync(parts => parts.UseEmbedded(_folder).UseEthereumLedger().UseDirectoryStore().UseStores((_, _) => throw new NotSupportedException()).UseSqliteJobs().UsePostgresJobs())));
    }

    [Fact]
    public async Task StartAsync_WrongPassphrase_DoesNotStart()
    {
        OracleKeyOptions key = await WriteKeyAsync();
        await File.WriteAllTextAsync(key.PassphraseFile!, "wrong\n");
        await File.WriteAllBytesAsync(Path.Combine(_folder, "ledger.db"), []);
        await Assert.ThrowsAsync<PhrDataException>(() => BuildAndStartAsync(parts => parts.UseEmbedded(_folder), ("Oracle:Key:File", key.File!), ("Oracle:Key:PassphraseFile", key.PassphraseFile!)));
    }

    [Theory]
    [InlineData("correct horse")]
    [InlineData("correct horse\n")]
    [InlineData("correct horse\r\nsecond line\n")]
    public async Task LoadAsync_PassphraseOnTheFirstLine_GivesTheKeys(string content)
    {
        OracleKeyOptions key = await WriteKeyAsync();
        await File.WriteAllTextAsync(key.PassphraseFile!, content);
        using IdentityKeys keys = await new KeyFileProvider(key).LoadAsync();
        Assert.Equal(KeyFile.Inspect(key.File!).Actor, keys.Id);
    }

    [Fact]
    public async Task LoadAsync_PassphraseFileTooLong_IsRefused()
    {
        OracleKeyOptions key = await WriteKeyAsync();
        await File.WriteAllTextAsync(key.PassphraseFile!, new string('x', 4097));
        Assert.Equal(PhrDataReason.TooLarge, (await Assert.ThrowsAsync<PhrDataException>(() => new KeyFileProvider(key).LoadAsync())).Reason);
    }

    [Fact]
    public async Task Read_EveryKey_IsTaken()
    {
        OracleKeyOptions key = await WriteKeyAsync();
        string deployment = Path.Combine(_folder, "ledger.json");
        await File.WriteAllTextAsync(deployment, "{}");
        string credential = Path.Combine(_folder, "credential");
        await File.WriteAllTextAsync(credential, "Bearer abc\n");
        OracleServiceOptions options = OracleSettings.Read(Configure(
            ("Oracle:Process", "b"), ("Oracle:Secrets", "/s"), ("Oracle:State", "/t"), ("Oracle:Key:File", key.File!), ("Oracle:Key:PassphraseFile", key.PassphraseFile!),
            ("Oracle:Store:Records", "/r"), ("Oracle:Store:Exchange", "/x"),
            ("Oracle:Worker:PollInterval", "00:00:02"), ("Oracle:Worker:EnvelopeGrace", "00:00:03"), ("Oracle:Worker:RefusalMargin", "00:00:04"), ("Oracle:Worker:ClockSkew", "00:00:05"),
            ("Oracle:Jobs:File", "/j"), ("Oracle:Jobs:Connection", "Host=h"), ("Oracle:Jobs:Parallelism", "6"), ("Oracle:Jobs:LeaseDuration", "00:00:07"), ("Oracle:Jobs:MaxFailures", "8"),
            ("Oracle:Jobs:FirstRetry", "00:00:09"), ("Oracle:Jobs:LongestRetry", "00:00:10"), ("Oracle:Jobs:Retention", "1.00:00:00"), ("Oracle:Jobs:ShutdownGrace", "00:00:12"),
            ("Oracle:Requesters:Burst", "13"), ("Oracle:Requesters:PerHour", "14"),
            ("Oracle:Ipfs:Nodes:0", "http://i:1/"), ("Oracle:Ipfs:Nodes:1", "http://i:2/"), ("Oracle:Ipfs:Gateways", "http://g/"), ("Oracle:Ipfs:Replicas", "2"), ("Oracle:Ipfs:RequiredReplicas", "2"),
            ("Oracle:Ipfs:CredentialFile", credential), ("Oracle:Ipfs:LookupTimeout", "00:00:17"), ("Oracle:Ipfs:TransferTimeout", "00:00:18"),
            ("Oracle:Ethereum:Deployment", deployment), ("Oracle:Ethereum:Nodes:0", "http://a:1/"), ("Oracle:Ethereum:Nodes:1", "https://b/"), ("Oracle:Ethereum:Witnesses", "https://c/"),
            ("Oracle:Ethereum:Payer:File", key.File!), ("Oracle:Ethereum:Payer:PassphraseFile", key.PassphraseFile!), ("Oracle:Ethereum:Finality", "12"),
            ("Oracle:Ethereum:PollInterval", "00:00:15"), ("Oracle:Ethereum:RequestTimeout", "00:00:16"), ("Oracle:Ethereum:MaxHeadAge", "none")))
            .Require(new OracleComposition { UsesEthereum = true, UsesDirectoryStore = true, UsesPostgresJobs = true });
        Assert.Equal(
            new OracleServiceOptions { Process = "b", Secrets = "/s", State = "/t", Key = key, Store = new OracleStoreOptions { Records = "/r", Exchange = "/x" }, Worker = options.Worker, Ethereum = options.Ethereum, Ipfs = options.Ipfs, Requesters = new RequesterLimit { Burst = 13, PerHour = 14 }, Jobs = options.Jobs },
            options);
        Assert.Equal((2, 3, 4, 5), (options.Worker.PollInterval.Seconds, options.Worker.EnvelopeGrace.Seconds, options.Worker.RefusalMargin!.Value.Seconds, options.Worker.ClockSkew.Seconds));
        Assert.Equal(
            new OracleJobOptions
            {
                File = "/j", Connection = "Host=h", Parallelism = 6, LeaseDuration = TimeSpan.FromSeconds(7), MaxFailures = 8, FirstRetry = TimeSpan.FromSeconds(9),
                LongestRetry = TimeSpan.FromSeconds(10), Retention = TimeSpan.FromDays(1), ShutdownGrace = TimeSpan.FromSeconds(12),
            },
            options.Jobs);
        OracleIpfsOptions ipfs = options.Ipfs!;
        Assert.Equal([new Uri("http://i:1/"), new Uri("http://i:2/")], ipfs.Nodes);
        Assert.Equal(credential, ipfs.CredentialFile);
        Assert.Equal([new Uri("http://g/")], ipfs.Gateways);
        Assert.Equal((2, 2, 17, 18), (ipfs.Replicas, ipfs.RequiredReplicas, ipfs.LookupTimeout.Seconds, ipfs.TransferTimeout.Seconds));
        OracleEthereumOptions ethereum = options.Ethereum!;
        Assert.Equal([new Uri("http://a:1/"), new Uri("https://b/")], ethereum.Nodes);
        Assert.Equal([new Uri("https://c/")], ethereum.Witnesses);
        Assert.Equal((deployment, key, EthereumFinality.After(12), 15, 16, null), (ethereum.Deployment, ethereum.Payer, ethereum.Finality, ethereum.PollInterval.Seconds, ethereum.RequestTimeout.Seconds, ethereum.MaxHeadAge));
    }

    [Fact]
    public async Task Require_Embedded_FillsInFoldersBesideTheLedger()
    {
        OracleKeyOptions key = await WriteKeyAsync();
        await File.WriteAllBytesAsync(Path.Combine(_folder, "ledger.db"), []);
        OracleServiceOptions options = OracleSettings.Of(new OracleServiceOptions { Key = key, Process = "a" }).Require(new OracleComposition { EmbeddedFolder = _folder });
        string own = Path.Combine(_folder, "oracles", KeyFile.Inspect(key.File!).Actor.ToString());
        Assert.Equal(
            (Path.Combine(own, "secrets"), Path.Combine(own, "state-a"), Path.Combine(_folder, "oracles", "jobs.db"), Path.Combine(_folder, "records"), Path.Combine(_folder, "exchange")),
            (options.Secrets, options.State, options.Jobs.File, options.Store.Records, options.Store.Exchange));
    }

    [Fact]
    public void AddPhrOracle_Twice_IsRefused()
    {
        var services = new ServiceCollection();
        services.AddPhrOracle(new OracleServiceOptions());
        Assert.Throws<InvalidOperationException>(() => services.AddPhrOracle(new OracleServiceOptions()));
        Assert.Throws<ArgumentNullException>(() => new ServiceCollection().AddPhrOracle((IConfiguration)null!));
    }

    [Fact]
    public void Backoff_After_DoublesToTheLongestAndTakesOffUpToAHalf()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20));
        for (int failures = 1; failures <= 60; failures++)
        {
            double full = Math.Min(20, Math.Pow(2, failures - 1));
            Assert.InRange(backoff.After(failures).TotalSeconds, full / 2, full);
        }

        Assert.True(Enumerable.Range(0, 20).Select(_ => backoff.After(5)).Distinct().Count() > 1);
    }

    [Fact]
    public void Describe_ForeignExceptions_TellsTheirKindAndNothingOfTheirMessage()
    {
        Assert.Equal("InvalidOperationException in code of others.", Fault.Describe(new InvalidOperationException("Jane Doe")));
        Assert.Equal("stage: it is damaged.", Fault.Describe(new PhrDataException("stage", PhrDataReason.Malformed, "it is damaged.")));
        Assert.DoesNotContain("secret", Fault.Describe(new Npgsql.NpgsqlException("password=secret")), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", Fault.Describe(new HttpRequestException("https://node/secret")), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", Fault.Describe(new IOException("/secret/path")), StringComparison.Ordinal);
    }

    private async Task<OracleKeyOptions> WriteKeyAsync()
    {
        var options = new OracleKeyOptions { File = Path.Combine(_folder, "oracle.key"), PassphraseFile = Path.Combine(_folder, "passphrase") };
        using IdentityKeys keys = IdentityKeys.Generate();
        await KeyFile.SaveAsync(options.File, keys, "correct horse".AsMemory(), new KeyFileOptions { MemoryKib = KeyFileOptions.MinMemoryKib, Passes = KeyFileOptions.MinPasses });
        await File.WriteAllTextAsync(options.PassphraseFile, "correct horse");
        return options;
    }

    private static IConfigurationSection Configure(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(pair => KeyValuePair.Create<string, string?>(pair.Key, pair.Value))).Build().GetSection("Oracle");

    private static async Task<IReadOnlyCollection<string>> StartAsync(Action<OracleBuilder> parts, params (string Key, string Value)[] values) =>
        [.. (await Assert.ThrowsAsync<OptionsValidationException>(() => BuildAndStartAsync(parts, values))).Failures];

    private static async Task BuildAndStartAsync(Action<OracleBuilder> parts, params (string Key, string Value)[] values)
    {
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        parts(builder.Services.AddPhrOracle(Configure(values)));
        using IHost host = builder.Build();
        await host.StartAsync();
    }
}
