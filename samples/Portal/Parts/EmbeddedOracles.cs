using System.Globalization;
using System.Security.Cryptography;
using Phr.Oracle;

namespace Phr.Samples.Portal;

/// <summary>
/// The oracles of the embedded ledger: each a service of its own with its own keys, in this process. They see no record. For one machine; in earnest, oracles are processes of other operators (samples/OracleNode).
/// </summary>
public sealed class EmbeddedOracles(PortalOptions options, ILoggerFactory loggers) : IAsyncDisposable
{
    private static readonly TimeSpan _lifetime = TimeSpan.FromDays(29);

    private static readonly TimeSpan _renewalPeriod = TimeSpan.FromDays(14);

    private readonly List<IHost> _hosts = [];
    private readonly List<OracleMonitor> _monitors = [];
    private readonly List<ActorId> _operators = [];
    private readonly List<ActorId> _oracles = [];

    /// <summary>The operators, one for each oracle.</summary>
    public IReadOnlyList<ActorId> Operators => _operators;

    /// <summary>How each oracle is.</summary>
    public IReadOnlyList<OracleSnapshot> Read() => [.. _monitors.Select(monitor => monitor.Read())];

    /// <summary>Makes the oracles' keys, and lets them join with the agency's admission.</summary>
    internal async Task FoundAsync(ConsentServices services, string folder, AgencyClient agency, CancellationToken cancellationToken)
    {
        for (int i = 1; i <= options.Oracles; i++)
        {
            string own = FolderOf(folder, i);
            Directory.CreateDirectory(own);
            string passphrase = RandomNumberGenerator.GetHexString(64, lowercase: true);
            await WriteAsync(Path.Combine(own, "passphrase"), passphrase, cancellationToken);
            using IdentityKeys operatorKeys = IdentityKeys.Generate(), oracleKeys = IdentityKeys.Generate();
            await SaveAsync(Path.Combine(own, "operator.key"), operatorKeys, passphrase, cancellationToken);
            await SaveAsync(Path.Combine(own, "oracle.key"), oracleKeys, passphrase, cancellationToken);
            using var secrets = new InMemorySecretStore();
            var client = new TrusteeClient(services, operatorKeys, secrets);
            await client.RegisterAsync(ActorRoles.Operator, cancellationToken: cancellationToken);
            await agency.AdmitAsync(client.Id, cancellationToken);
            await PublishAsync(services, own, operatorKeys, oracleKeys, cancellationToken);
            await agency.AdmitAsync(oracleKeys.Id, cancellationToken);
        }
    }

    /// <summary>Starts the oracles that are there, and renews key records that end soon.</summary>
    internal async Task StartAsync(ConsentServices services, string folder, CancellationToken cancellationToken)
    {
        for (int i = 1; Directory.Exists(FolderOf(folder, i)); i++)
        {
            string own = FolderOf(folder, i);
            string passphrase = await File.ReadAllTextAsync(Path.Combine(own, "passphrase"), cancellationToken);
            using IdentityKeys operatorKeys = await KeyFile.LoadIdentityAsync(Path.Combine(own, "operator.key"), passphrase.AsMemory(), cancellationToken);
            using IdentityKeys oracleKeys = await KeyFile.LoadIdentityAsync(Path.Combine(own, "oracle.key"), passphrase.AsMemory(), cancellationToken);
            if (await EndsSoonAsync(services, oracleKeys.Id, cancellationToken))
            {
                await PublishAsync(services, own, operatorKeys, oracleKeys, cancellationToken);
            }

            _operators.Add(operatorKeys.Id);
            _oracles.Add(oracleKeys.Id);
            IHost host = Compose(own, folder, services.Time);
            await host.StartAsync(cancellationToken);
            _hosts.Add(host);
            _monitors.Add(host.Services.GetRequiredService<OracleMonitor>());
        }
    }

    /// <summary>Renews key records that end soon, or have ended, while the oracles work: a portal runs for longer than a record holds.</summary>
    internal async Task RenewAsync(ConsentServices services, string folder, CancellationToken cancellationToken)
    {
        for (int i = 0; i < _oracles.Count; i++)
        {
            if (await EndsSoonAsync(services, _oracles[i], cancellationToken))
            {
                string own = FolderOf(folder, i + 1);
                string passphrase = await File.ReadAllTextAsync(Path.Combine(own, "passphrase"), cancellationToken);
                using IdentityKeys operatorKeys = await KeyFile.LoadIdentityAsync(Path.Combine(own, "operator.key"), passphrase.AsMemory(), cancellationToken);
                using IdentityKeys oracleKeys = await KeyFile.LoadIdentityAsync(Path.Combine(own, "oracle.key"), passphrase.AsMemory(), cancellationToken);
                await PublishAsync(services, own, operatorKeys, oracleKeys, cancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IHost host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }

        _hosts.Clear();
        _monitors.Clear();
        _operators.Clear();
        _oracles.Clear();
    }

    private static async Task<bool> EndsSoonAsync(ConsentServices services, ActorId oracle, CancellationToken cancellationToken) =>
        await services.Ledger.GetActorAsync(oracle, cancellationToken) is { } record && record.Status != ActorStatus.Suspended && record.ValidUntil - services.Time.GetUtcNow() < _renewalPeriod;

    private static string FolderOf(string folder, int number) => Path.Combine(folder, "oracles", number.ToString("00", CultureInfo.InvariantCulture));

    private IHost Compose(string own, string folder, TimeProvider time)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(loggers);
        builder.Services.AddLogging();
        builder.Services.AddSingleton<IHostLifetime, PortalsLifetime>();
        OracleBuilder oracle = builder.Services.AddPhrOracle(new OracleServiceOptions
        {
            Process = "portal",
            Secrets = Path.Combine(own, "secrets"),
            State = Path.Combine(own, "state"),
            Key = new OracleKeyOptions { File = Path.Combine(own, "oracle.key"), PassphraseFile = Path.Combine(own, "passphrase") },
            Jobs = new OracleJobOptions { File = Path.Combine(own, "jobs.db"), Parallelism = 1, ShutdownGrace = TimeSpan.FromSeconds(5) },
            Worker = new OracleOptions { EnvelopeGrace = TimeSpan.FromSeconds(1) },
            Ipfs = options.IpfsNodes.Count > 0 ? new OracleIpfsOptions { Nodes = [.. options.IpfsNodes] } : null,
        }).UseEmbedded(folder).UseSqliteJobs();
        if (options.IpfsNodes.Count > 0)
        {
            oracle.UseIpfsStore();
        }

        return builder.Build();
    }

    private static async Task PublishAsync(ConsentServices services, string own, IdentityKeys operatorKeys, IdentityKeys oracleKeys, CancellationToken cancellationToken)
    {
        using var secrets = new FileSecretStore(Path.Combine(own, "secrets"), oracleKeys);
        var worker = new OracleWorker(services, oracleKeys, secrets);
        DateTimeOffset until = DateTimeOffset.FromUnixTimeSeconds((services.Time.GetUtcNow() + _lifetime).ToUnixTimeSeconds());
        IdentityPublicKeys keys = await worker.RenewEnvelopeKeyAsync(cancellationToken);
        await worker.PublishKeysAsync(keys, OperatorEndorsement.Create(operatorKeys, services.Ledger.Id, keys, until), until, cancellationToken);
    }

    // Readable by this account alone from the beginning.
    private static async Task WriteAsync(string file, string text, CancellationToken cancellationToken)
    {
        var writing = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            writing.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var writer = new StreamWriter(file, writing);
        await writer.WriteAsync(text.AsMemory(), cancellationToken);
    }

    private static Task SaveAsync(string file, IdentityKeys keys, string passphrase, CancellationToken cancellationToken) =>
        KeyFile.SaveAsync(file, keys, passphrase.AsMemory(), new KeyFileOptions { MemoryKib = KeyFileOptions.MinMemoryKib, Passes = KeyFileOptions.MinPasses }, cancellationToken);

    // They stop when the portal does, and listen to no signal of their own.
    private sealed class PortalsLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
