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

    /// <summary>A process that stands still in the middle of taking a job keeps nobody from the others.</summary>
    [Fact]
    public async Task LeaseAsync_RowLockedInAnotherTransaction_IsSkippedAtOnce()
    {
        ActorId oracle = IdOf(40);
        await using IJobStore store = await OpenAsync(oracle);
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        await store.AddAsync([Offer(1, hours: 1), Offer(2, hours: 2), Offer(3, hours: 3)], now);
        await using DbConnection connection = await ConnectAsync();
        await using (DbTransaction transaction = await connection.BeginTransactionAsync())
        {
            await using DbCommand command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = $"SELECT job FROM phr_jobs WHERE oracle = '{oracle}' AND job = '{Key(1)}' FOR UPDATE";
            Assert.Equal(Key(1).ToString(), await command.ExecuteScalarAsync());
            Task<IReadOnlyList<JobLease>> leasing = store.LeaseAsync(new JobLeaseOptions { Holder = "b", Count = 3 }, now);
            try
            {
                Assert.Equal([Key(2), Key(3)], (await leasing.WaitAsync(TimeSpan.FromSeconds(60))).Select(lease => lease.Job.Key));
            }
            finally
            {
                await transaction.RollbackAsync();
                await leasing;
            }
        }

        Assert.Equal(Key(1), Assert.Single(await store.LeaseAsync(new JobLeaseOptions { Holder = "b", Count = 3 }, now)).Job.Key);
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
