namespace Phr.Portal.Tests;

/// <summary>The portal with the demonstration's story on PostgreSQL: there every question to the database is really waited for, where SQLite answers on the spot. Nothing starts where this machine has no PostgreSQL.</summary>
public sealed class PostgresPortal : IAsyncLifetime
{
    private PostgresProcess? _server;
    private PortalHost? _host;

    /// <summary>Why there is no portal; empty when there is one.</summary>
    public string Reason { get; private set; } = string.Empty;

    /// <summary>The portal. The test is skipped where there is none.</summary>
    public PortalHost Host
    {
        get
        {
            Assert.SkipWhen(_host is null, Reason);
            return _host!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        (string? programs, string reason) = NodePrograms.Postgres();
        if (programs is null)
        {
            Reason = reason;
            return;
        }

        _server = await PostgresProcess.StartAsync();
        _host = await PortalHost.StartAsync(demo: true, settings: new Dictionary<string, string> { ["Portal:Database"] = "postgres", ["Portal:Connection"] = await _server.CreateDatabaseAsync() });
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
