using Microsoft.Data.Sqlite;
using Npgsql;
using Phr.Crypto;
using Phr.Oracle.Jobs;

namespace Phr.Oracle;

/// <summary>Opens job stores.</summary>
public static class JobStore
{
    /// <summary>Opens a job store in a SQLite file, and makes it first when it is not there. Several processes of one machine may share it; the file lies on a local disk.</summary>
    /// <param name="path">The file. Its folder is made when it is missing.</param>
    /// <param name="oracle">The oracle whose jobs they are. Several oracles may share a file.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The store. The caller disposes it.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="PhrDataException">The file holds a job store of a format that this version does not read.</exception>
    /// <exception cref="System.Data.Common.DbException">The file is no database, or cannot be used.</exception>
    public static async Task<IJobStore> OpenSqliteAsync(string path, ActorId oracle, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return await OpenAsync(new SqliteJobDatabase(path), oracle, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a job store in a PostgreSQL database (version 12 or later), and makes its tables first when they are not there. Processes of several machines may share it.</summary>
    /// <param name="connectionString">How it is reached, in Npgsql's words. Keep the password out of it: name a <c>Passfile</c>.</param>
    /// <param name="oracle">The oracle whose jobs they are. Several oracles may share a database.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The store. The caller disposes it.</returns>
    /// <exception cref="ArgumentException"><paramref name="connectionString"/> is null, empty, or no connection string.</exception>
    /// <exception cref="PhrDataException">The database holds a job store of a format that this version does not read.</exception>
    /// <exception cref="System.Data.Common.DbException">The database does not answer, or refuses.</exception>
    public static async Task<IJobStore> OpenPostgresAsync(string connectionString, ActorId oracle, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        return await OpenAsync(new PostgresJobDatabase(connectionString), oracle, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<IJobStore> OpenAsync(JobDatabase database, ActorId oracle, CancellationToken cancellationToken)
    {
        try
        {
            await database.PrepareAsync(cancellationToken).ConfigureAwait(false);
            return new SqlJobStore(database, oracle);
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
