using System.Data.Common;
using System.Globalization;
using Phr.Crypto;

namespace Phr.Oracle.Jobs;

/// <summary>A database that holds jobs: connections, turns, and what its SQL has of its own.</summary>
internal abstract class JobDatabase : IAsyncDisposable
{
    private const int FormatVersion = 2;

    private const string Tables = """
        CREATE TABLE IF NOT EXISTS phr_job_format (version INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS phr_jobs (
          oracle TEXT NOT NULL,
          job TEXT NOT NULL,
          requester TEXT NOT NULL,
          deadline BIGINT NOT NULL,
          phase INTEGER NOT NULL,
          due BIGINT NOT NULL,
          set_aside INTEGER NOT NULL DEFAULT 0,
          admitted INTEGER NOT NULL DEFAULT 0,
          looks INTEGER NOT NULL DEFAULT 0,
          failures INTEGER NOT NULL DEFAULT 0,
          losses INTEGER NOT NULL DEFAULT 0,
          token BIGINT NOT NULL DEFAULT 0,
          holder TEXT NOT NULL DEFAULT '',
          lease_until BIGINT,
          reason TEXT NOT NULL DEFAULT '',
          found BIGINT NOT NULL,
          finished BIGINT,
          recorded BIGINT,
          PRIMARY KEY (oracle, job));
        CREATE INDEX IF NOT EXISTS phr_jobs_open ON phr_jobs (oracle, deadline) WHERE finished IS NULL;
        CREATE INDEX IF NOT EXISTS phr_jobs_finished ON phr_jobs (oracle, finished) WHERE finished IS NOT NULL;
        CREATE TABLE IF NOT EXISTS phr_requesters (
          oracle TEXT NOT NULL,
          requester TEXT NOT NULL,
          paid_until BIGINT NOT NULL,
          PRIMARY KEY (oracle, requester));
        """;

    // What brings the tables of one format to the next, from the first on. A step only adds: a process of the version before that still runs goes on working.
    private static readonly string[] _steps = ["ALTER TABLE phr_jobs ADD COLUMN recorded BIGINT"];

    /// <summary>What keeps two processes that lease at once from waiting for each other.</summary>
    public abstract string SkipLocked { get; }

    /// <summary>Makes the tables, brings those of an earlier format to this one, or refuses those of a later one.</summary>
    public Task PrepareAsync(CancellationToken cancellationToken) => WriteAsync(
        async connection =>
        {
            await LockForPreparingAsync(connection, cancellationToken).ConfigureAwait(false);
            await ExecuteAsync(connection, Tables, cancellationToken).ConfigureAwait(false);
            object? found = await ScalarAsync(connection, "SELECT max(version) FROM phr_job_format", cancellationToken).ConfigureAwait(false);
            if (found is null or DBNull)
            {
                await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"INSERT INTO phr_job_format (version) VALUES ({FormatVersion})"), cancellationToken).ConfigureAwait(false);
                return true;
            }

            long version = Convert.ToInt64(found, CultureInfo.InvariantCulture);
            if (version is < 1 or > FormatVersion)
            {
                throw new PhrDataException("job store", PhrDataReason.UnknownVersion, $"its format is {version}, where this version reads 1 to {FormatVersion}.");
            }

            foreach (string step in _steps.Skip((int)version - 1))
            {
                await ExecuteAsync(connection, step, cancellationToken).ConfigureAwait(false);
            }

            if (version < FormatVersion)
            {
                await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"UPDATE phr_job_format SET version = {FormatVersion}"), cancellationToken).ConfigureAwait(false);
            }

            return true;
        },
        cancellationToken);

    /// <summary>Runs work that writes in one transaction.</summary>
    public abstract Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>Runs work that only reads.</summary>
    public abstract Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken);

    /// <summary>A statement to run in work of <see cref="WriteAsync"/> or <see cref="ReadAsync"/>.</summary>
    public virtual JobStatement Prepare(DbConnection connection, string sql)
    {
        DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return new JobStatement(command, isKept: false);
    }

    public abstract ValueTask DisposeAsync();

    protected abstract Task LockForPreparingAsync(DbConnection connection, CancellationToken cancellationToken);

    protected static async Task ExecuteAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<object?> ScalarAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using DbCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }
}
