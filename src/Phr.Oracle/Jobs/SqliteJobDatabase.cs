using System.Data;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Phr.Oracle.Jobs;

/// <summary>
/// Jobs in a SQLite file with a write-ahead log. A power failure may take the last commits and damages nothing: they are made again from the ledger. Writers of this process take turns here,
/// those of others by SQLite's lock.
/// </summary>
internal sealed class SqliteJobDatabase(string path) : JobDatabase
{
    private readonly SqliteConnection _writer = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
    private readonly SemaphoreSlim _turn = new(1);
    private bool _isOpen;

    // One writer at a time has the file, so there is nothing to skip.
    public override string SkipLocked => string.Empty;

    public override async Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await OpenAsync(cancellationToken).ConfigureAwait(false);
            await using SqliteTransaction transaction = _writer.BeginTransaction(deferred: false);
            T result = await work(_writer).ConfigureAwait(false);
            await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
            return result;
        }
        finally
        {
            _turn.Release();
        }
    }

    // Reads are short and seldom: they share the writer's connection.
    public override async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await OpenAsync(cancellationToken).ConfigureAwait(false);
            return await work(_writer).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        await _writer.DisposeAsync().ConfigureAwait(false);
        _turn.Dispose();
    }

    protected override Task LockForPreparingAsync(DbConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (_isOpen)
        {
            return;
        }

        if (_writer.State != ConnectionState.Open)
        {
            await _writer.OpenAsync(cancellationToken).ConfigureAwait(false);
        }

        await ExecuteAsync(_writer, "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL", cancellationToken).ConfigureAwait(false);
        _isOpen = true;
    }
}
