using System.Data.Common;
using Npgsql;
using Phr.Crypto;
using Phr.Oracle.Tests.Tools;

namespace Phr.Oracle.Tests.Jobs;

public sealed class PostgresJobStoreTests(PostgresServer server) : JobStoreContract
{
    private string _database = string.Empty;

    [Fact]
    public async Task OpenPostgresAsync_NoServer_IsADatabaseFault()
    {
        await Assert.ThrowsAnyAsync<DbException>(() => JobStore.OpenPostgresAsync("Host=127.0.0.1;Port=1;Username=app;Timeout=2", default));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => JobStore.OpenPostgresAsync("Nonsense", default));
    }

    protected override async Task PrepareAsync()
    {
        Assert.SkipWhen(server.Missing is not null, server.Missing ?? string.Empty);
        _database = await server.CreateDatabaseAsync();
    }

    protected override Task CleanAsync()
    {
        // The server goes with all its databases.
        NpgsqlConnection.ClearAllPools();
        return Task.CompletedTask;
    }

    protected override Task<IJobStore> OpenAsync(ActorId oracle) => JobStore.OpenPostgresAsync(_database, oracle);

    protected override async Task<DbConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync();
        return connection;
    }
}
