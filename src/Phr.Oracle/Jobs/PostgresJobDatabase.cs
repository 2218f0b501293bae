using System.Data.Common;
using Npgsql;

namespace Phr.Oracle.Jobs;

/// <summary>Jobs in PostgreSQL. Processes lease side by side: each skips the rows that another has locked.</summary>
internal sealed class PostgresJobDatabase(string connectionString) : JobDatabase
{
    // Any number, the same in every process: who makes the tables goes first.
    private const long PreparingLock = 0x5048_524A_4F42_5331;

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(connectionString);

    public override string SkipLocked => " FOR UPDATE SKIP LOCKED";

    public override async Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        T result = await work(connection).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return result;
    }

    public override async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        return await work(connection).ConfigureAwait(false);
    }

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    protected override async Task LockForPreparingAsync(DbConnection connection, CancellationToken cancellationToken) =>
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({PreparingLock})", cancellationToken).ConfigureAwait(false);
}
