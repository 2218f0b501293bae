using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;
using Phr.Shared;

namespace Phr.Oracle.Jobs;

/// <summary>
/// Jobs in a SQLite file with a write-ahead log. A power failure may take the last commits and damages nothing: they are made again from the ledger. What writers of this process want at the same
/// time is one transaction; with those of others they take turns by SQLite's lock.
/// </summary>
internal sealed class SqliteJobDatabase : JobDatabase
{
    private const int LargestGroup = 128;

    private readonly SqliteConnection _connection;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly WorkGroups<Func<DbConnection, Task<object?>>, object?> _writes;

    // Statements stay compiled for as long as the connection is open.
    private readonly Dictionary<string, DbCommand> _statements = new(StringComparer.Ordinal);
    private bool _isOpen;
    private bool _isDisposed;

    public SqliteJobDatabase(string path)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        _writes = new(WriteGroupAsync, LargestGroup);
    }

    // One writer at a time has the file, so there is nothing to skip.
    public override string SkipLocked => string.Empty;

    public override async Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken) =>
        (T)(await _writes.DoAsync(async connection => await work(connection).ConfigureAwait(false), cancellationToken).ConfigureAwait(false))!;

    // Reads are short and seldom: they share the writers' connection.
    public override async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await OpenAsync(cancellationToken).ConfigureAwait(false);
            return await work(_connection).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    public override JobStatement Prepare(DbConnection connection, string sql)
    {
        if (!_statements.TryGetValue(sql, out DbCommand? statement))
        {
            statement = connection.CreateCommand();
            statement.CommandText = sql;
            _statements.Add(sql, statement);
        }

        return new JobStatement(statement, isKept: true);
    }

    public override async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            // Who waits for a turn gets it and is told: a semaphore that is disposed would leave him waiting for ever.
            if (!_isDisposed)
            {
                _isDisposed = true;
                foreach (DbCommand statement in _statements.Values)
                {
                    await statement.DisposeAsync().ConfigureAwait(false);
                }

                await _connection.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    protected override Task LockForPreparingAsync(DbConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;

    // One writer's failure takes back what that one did; what ends the transaction is everybody's.
    private async Task WriteGroupAsync(Func<IReadOnlyList<WorkGroups<Func<DbConnection, Task<object?>>, object?>.Member>> take)
    {
        var told = new List<Action>();
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await OpenAsync(CancellationToken.None).ConfigureAwait(false);
            await RunAsync("BEGIN IMMEDIATE").ConfigureAwait(false);
            try
            {
                foreach (WorkGroups<Func<DbConnection, Task<object?>>, object?>.Member member in take())
                {
                    await RunAsync("SAVEPOINT one").ConfigureAwait(false);
                    try
                    {
                        object? result = await member.Work(_connection).ConfigureAwait(false);
                        told.Add(() => member.Complete(result));
                    }
                    catch (Exception e)
                    {
                        await RunAsync("ROLLBACK TO one").ConfigureAwait(false);
                        told.Add(() => member.Fail(e));
                    }

                    await RunAsync("RELEASE one").ConfigureAwait(false);
                }

                await RunAsync("COMMIT").ConfigureAwait(false);
            }
            catch
            {
                await TryRollBackAsync().ConfigureAwait(false);
                throw;
            }
        }
        finally
        {
            _turn.Release();
        }

        told.ForEach(tell => tell());
    }

    private async Task RunAsync(string sql) => await Prepare(_connection, sql).Command.ExecuteNonQueryAsync().ConfigureAwait(false);

    private async Task TryRollBackAsync()
    {
        try
        {
            await RunAsync("ROLLBACK").ConfigureAwait(false);
        }
        catch (SqliteException)
        {
            // After some errors SQLite has done it by itself.
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isOpen)
        {
            return;
        }

        if (_connection.State != ConnectionState.Open)
        {
            await _connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        }

        await ExecuteAsync(_connection, "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", cancellationToken).ConfigureAwait(false);
        _isOpen = true;
    }
}
