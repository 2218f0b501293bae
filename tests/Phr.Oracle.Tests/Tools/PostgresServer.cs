using Phr.TestSupport;

namespace Phr.Oracle.Tests.Tools;

/// <summary>A PostgreSQL server, started once for all tests and stopped at their end.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private PostgresProcess? _process;

    /// <summary>Why there is no server; null when there is one.</summary>
    public string? Missing { get; private set; }

    public async ValueTask InitializeAsync()
    {
        (string? programs, string reason) = NodePrograms.Postgres();
        if (programs is null)
        {
            Missing = reason;
            return;
        }

        _process = await PostgresProcess.StartAsync();
    }

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>A new, empty database.</summary>
    public Task<string> CreateDatabaseAsync() => _process!.CreateDatabaseAsync();
}
