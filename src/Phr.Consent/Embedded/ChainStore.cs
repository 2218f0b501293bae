using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Phr.Crypto;
using SQLitePCL;

namespace Phr.Consent.Embedded;

/// <summary>
/// The hash chain in its SQLite file: write-ahead log, every commit synced. One connection writes, one transaction at a time; another reads and never waits for it.
/// Several processes may have the file open. It knows entries, hashes and the operator's signature, and nothing of what the entries say.
/// </summary>
internal sealed class ChainStore : IDisposable
{
    /// <summary>"Phr1", in SQLite's application_id, so that a foreign database is told apart.</summary>
    private const int ApplicationId = 0x50687231;
    private const int FormatVersion = 1;

    private readonly string _path;
    private readonly TimeSpan _busyTimeout;
    private readonly SqliteConnection _writeConnection;
    private readonly SqliteConnection _readConnection;
    private readonly ChainReader _reader;
    private readonly ChainReader _writersReader;
    private readonly SqliteCommand _insert;
    private readonly Lock _readLock = new();
    private readonly SemaphoreSlim _gate = new(1);
    private readonly SecretKey? _operatorKey;
    private readonly bool _ownsOperatorKey;
    private volatile bool _disposed;

    private ChainStore(
        string path, TimeSpan busyTimeout, SqliteConnection writeConnection, SqliteConnection readConnection, ChainGenesis genesis, SecretKey? operatorKey, bool ownsOperatorKey)
    {
        _path = path;
        _busyTimeout = busyTimeout;
        _writeConnection = writeConnection;
        _readConnection = readConnection;
        Genesis = genesis;
        _operatorKey = operatorKey;
        _ownsOperatorKey = ownsOperatorKey;
        _reader = new ChainReader(readConnection);
        _writersReader = new ChainReader(writeConnection);
        _insert = writeConnection.CreateCommand();
        _insert.CommandText = """
            INSERT INTO entries (number, time, previous_hash, command, events, hash, operator_signature)
            VALUES ($number, $time, $previous_hash, $command, $events, $hash, $operator_signature)
            """;
        foreach (string name in (ReadOnlySpan<string>)["$number", "$time"])
        {
            _insert.Parameters.Add(name, SqliteType.Integer);
        }

        foreach (string name in (ReadOnlySpan<string>)["$previous_hash", "$command", "$events", "$hash", "$operator_signature"])
        {
            _insert.Parameters.Add(name, SqliteType.Blob);
        }
    }

    public ChainGenesis Genesis { get; }

    /// <summary>Whether the operator's key is at hand, without which no entry can be made.</summary>
    public bool CanWrite => _operatorKey is not null;

    /// <summary>Opens the file, and makes it first when it is not there and <paramref name="create"/> gives the time and parameters to begin with.</summary>
    /// <param name="path">The database file.</param>
    /// <param name="operatorKey">The operator's key when it is kept elsewhere; the caller keeps it alive and disposes it. Null: the file beside the database.</param>
    /// <param name="create">What a new chain begins with; null when none is to be made.</param>
    /// <param name="busyTimeout">How long to wait for another process's lock.</param>
    /// <param name="ct">Cancels the waiting.</param>
    public static Task<ChainStore> OpenAsync(
        string path, SecretKey? operatorKey, Func<(DateTimeOffset Time, byte[] Parameters)>? create, TimeSpan busyTimeout, CancellationToken ct) =>
        OpenAsync(path, operatorKey, create, readOperatorKey: true, busyTimeout, ct);

    /// <summary>Opens the file without looking for a key: nothing can be written.</summary>
    public static Task<ChainStore> OpenForReadingAsync(string path, TimeSpan busyTimeout, CancellationToken ct) =>
        OpenAsync(path, operatorKey: null, create: null, readOperatorKey: false, busyTimeout, ct);

    private static async Task<ChainStore> OpenAsync(
        string path, SecretKey? operatorKey, Func<(DateTimeOffset Time, byte[] Parameters)>? create, bool readOperatorKey, TimeSpan busyTimeout, CancellationToken ct)
    {
        path = Path.GetFullPath(path);
        if (!File.Exists(path))
        {
            if (create is null)
            {
                throw new FileNotFoundException($"There is no ledger at {path}, and no parameters were given to create one.", path);
            }

            OperatorKeyFile.CreateOwnerOnly(path);
        }

        SqliteConnection? write = null, read = null;
        SecretKey? ownKey = null;
        try
        {
            write = Connect(path);
            await RetryAsync(() => Execute(write, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON"), path, busyTimeout, ct);
            RequireWriteAheadLog(write, path);
            ChainGenesis? genesis = TryReadGenesis(write, path);
            if (genesis is null)
            {
                if (create is null)
                {
                    throw new PhrDataException("embedded ledger", PhrDataReason.NotFound, $"the file {path} holds no ledger.");
                }

                await RetryAsync(() => Execute(write, "BEGIN IMMEDIATE"), path, busyTimeout, ct);
                genesis = TryReadGenesis(write, path) ?? CreateChain(write, path, operatorKey, create());
                Check(Execute(write, "COMMIT"), path);
            }

            if (operatorKey is null && readOperatorKey)
            {
                operatorKey = ownKey = OperatorKeyFile.TryRead(OperatorKeyFile.PathFor(path));
            }

            if (operatorKey is not null && operatorKey.PublicKey != genesis.OperatorKey)
            {
                throw new PhrDataException("operator key", PhrDataReason.Mismatched, $"the key is not that of the operator of the ledger at {path}.");
            }

            read = Connect(path);
            Check(Execute(read, "PRAGMA query_only = ON"), path);
            return new ChainStore(path, busyTimeout, write, read, genesis, operatorKey, ownsOperatorKey: ownKey is not null);
        }
        catch (Exception e)
        {
            read?.Dispose();
            write?.Dispose();
            ownKey?.Dispose();
            if (e is SqliteException fault)
            {
                throw Translate(fault, path);
            }

            throw;
        }
    }

    /// <summary>Reads the entries after a number, as other processes have committed them by now.</summary>
    public IReadOnlyList<ChainEntry> ReadPage(ulong after) => Read(static (reader, number) => reader.ReadPage(number), after);

    public ChainEntry? ReadEntry(ulong number) => Read(static (reader, number) => reader.ReadEntry(number), number);

    public ulong ReadLastNumber() => Read(static (reader, _) => reader.ReadLastNumber(), 0);

    /// <summary>Waits for this process's turn and then for the database's write lock. Dispose what comes back: uncommitted entries vanish.</summary>
    /// <exception cref="TimeoutException">Another process kept the lock for longer than the busy timeout.</exception>
    public async Task<ChainWriter> BeginWriteAsync(CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_operatorKey is null)
        {
            throw new InvalidOperationException(
                $"The ledger at {_path} can be read and verified but not written here: its operator's key is not beside it ({OperatorKeyFile.PathFor(_path)}).");
        }

        await _gate.WaitAsync(ct);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            await RetryAsync(
                () =>
                {
                    ObjectDisposedException.ThrowIf(_disposed, this);
                    return Execute(_writeConnection, "BEGIN IMMEDIATE");
                },
                _path,
                _busyTimeout,
                ct);
            return new ChainWriter(this);
        }
        catch
        {
            _gate.Release();
            throw;
        }
    }

    internal IReadOnlyList<ChainEntry> ReadPageInTransaction(ulong after) => Guard(() => _writersReader.ReadPage(after));

    internal ChainEntry? ReadEntryInTransaction(ulong number) => Guard(() => _writersReader.ReadEntry(number));

    internal ChainEntry AppendInTransaction(ChainHead previous, DateTimeOffset time, byte[] command, byte[] events)
    {
        if (command.Length > ChainFormat.MaxBlobLength || events.Length > ChainFormat.MaxBlobLength)
        {
            throw new ArgumentException($"A command and its events have at most {ChainFormat.MaxBlobLength} bytes each.");
        }

        var entry = ChainEntry.Create(_operatorKey!, Genesis.Ledger, previous, time, command, events);
        _insert.Parameters["$number"].Value = checked((long)entry.Number);
        _insert.Parameters["$time"].Value = entry.Time.ToUnixTimeSeconds();
        _insert.Parameters["$previous_hash"].Value = entry.PreviousHash.ToBytes();
        _insert.Parameters["$command"].Value = entry.Command;
        _insert.Parameters["$events"].Value = entry.Events;
        _insert.Parameters["$hash"].Value = entry.Hash.ToBytes();
        _insert.Parameters["$operator_signature"].Value = entry.OperatorSignature.ToBytes();
        Guard(() => _insert.ExecuteNonQuery());
        return entry;
    }

    internal void Commit() => Check(Execute(_writeConnection, "COMMIT"), _path);

    internal void EndWrite(bool committed)
    {
        if (!committed)
        {
            // After some errors SQLite has rolled back by itself; that a rollback is then refused does not matter.
            _ = Execute(_writeConnection, "ROLLBACK");
        }

        _gate.Release();
    }

    /// <summary>Closes the file, after the write that is under way.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        lock (_readLock)
        {
            _reader.Dispose();
            _readConnection.Dispose();
        }

        _gate.Wait();
        _insert.Dispose();
        _writersReader.Dispose();
        _writeConnection.Dispose();
        _gate.Release();
        if (_ownsOperatorKey)
        {
            _operatorKey?.Dispose();
        }
    }

    private static ChainGenesis CreateChain(SqliteConnection connection, string path, SecretKey? operatorKey, (DateTimeOffset Time, byte[] Parameters) start)
    {
        string keyPath = OperatorKeyFile.PathFor(path);
        SecretKey? own = null;
        try
        {
            if (operatorKey is null)
            {
                // A process that died between writing the key and the commit left a key that nothing depends on yet.
                operatorKey = own = OperatorKeyFile.TryRead(keyPath) ?? SecretKey.Generate();
                OperatorKeyFile.Write(keyPath, own);
            }

            var genesis = ChainGenesis.Create(operatorKey, start.Time, start.Parameters);
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = $"""
                CREATE TABLE meta (
                    id INTEGER PRIMARY KEY CHECK (id = 0),
                    operator_key BLOB NOT NULL,
                    time INTEGER NOT NULL,
                    parameters BLOB NOT NULL,
                    hash BLOB NOT NULL,
                    operator_signature BLOB NOT NULL
                ) STRICT;
                CREATE TABLE entries (
                    number INTEGER PRIMARY KEY CHECK (number > 0),
                    time INTEGER NOT NULL,
                    previous_hash BLOB NOT NULL,
                    command BLOB NOT NULL,
                    events BLOB NOT NULL,
                    hash BLOB NOT NULL,
                    operator_signature BLOB NOT NULL
                ) STRICT;
                CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END;
                CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'an entry is never deleted'); END;
                PRAGMA application_id = {ApplicationId};
                PRAGMA user_version = {FormatVersion};
                INSERT INTO meta (id, operator_key, time, parameters, hash, operator_signature)
                VALUES (0, $operator_key, $time, $parameters, $hash, $operator_signature);
                """;
            command.Parameters.AddWithValue("$operator_key", genesis.OperatorKey.ToBytes());
            command.Parameters.AddWithValue("$time", genesis.Time.ToUnixTimeSeconds());
            command.Parameters.AddWithValue("$parameters", genesis.Parameters);
            command.Parameters.AddWithValue("$hash", genesis.Hash.ToBytes());
            command.Parameters.AddWithValue("$operator_signature", genesis.OperatorSignature.ToBytes());
            command.ExecuteNonQuery();
            return genesis;
        }
        finally
        {
            own?.Dispose();
        }
    }

    /// <summary>The genesis, or null for an empty database; a database of something else is refused.</summary>
    private static ChainGenesis? TryReadGenesis(SqliteConnection connection, string path)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT a.application_id, v.user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id a, pragma_user_version v";
        using (SqliteDataReader row = command.ExecuteReader())
        {
            _ = row.Read();
            if (row.GetInt64(2) == 0)
            {
                return null;
            }

            if (row.GetInt64(0) != ApplicationId || row.GetInt64(1) != FormatVersion)
            {
                throw new PhrDataException("embedded ledger", PhrDataReason.UnknownVersion, $"the database {path} is not a ledger of format {FormatVersion}.");
            }
        }

        try
        {
            return ChainReader.ReadGenesis(connection)
                ?? throw new PhrDataException("embedded ledger", PhrDataReason.Malformed, $"the ledger at {path} has lost its genesis.");
        }
        catch (ChainRowException e)
        {
            throw new PhrDataException("embedded ledger", PhrDataReason.Malformed, $"the genesis of the ledger at {path} is damaged: {e.Message}", e);
        }
    }

    private static void RequireWriteAheadLog(SqliteConnection connection, string path)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode";
        if (command.ExecuteScalar() is not "wal")
        {
            throw new IOException($"The file system of {path} does not let SQLite keep a write-ahead log; put the ledger on a local disk.");
        }
    }

    private static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = 10,
        }.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>Runs statements without Microsoft.Data.Sqlite's own retry, which would sleep on the thread; gives SQLite's result code.</summary>
    private static int Execute(SqliteConnection connection, string sql) => raw.sqlite3_exec(connection.Handle, sql);

    private static void Check(int code, string path)
    {
        if (code != raw.SQLITE_OK)
        {
            throw Translate(new SqliteException($"SQLite error {code}: {raw.sqlite3_errstr(code).utf8_to_string()}", code & 0xff, code), path);
        }
    }

    private static async Task RetryAsync(Func<int> attempt, string path, TimeSpan timeout, CancellationToken ct)
    {
        long start = Stopwatch.GetTimestamp();
        int longest = 2;
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            int code = attempt();
            if ((code & 0xff) is not (raw.SQLITE_BUSY or raw.SQLITE_LOCKED) || Stopwatch.GetElapsedTime(start) >= timeout)
            {
                Check(code, path);
                return;
            }

            // Real time, whatever the ledger's clock says: this waits for another process. The draw keeps two waiters out of step.
            await Task.Delay(RandomNumberGenerator.GetInt32(1, longest + 1), ct);
            longest = Math.Min(longest * 2, 32);
        }
    }

    private static Exception Translate(SqliteException e, string path) => e.SqliteErrorCode switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new TimeoutException($"The ledger at {path} stayed locked by another process for as long as was to be waited.", e),
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_FORMAT or raw.SQLITE_ERROR =>
            new PhrDataException("embedded ledger", PhrDataReason.Malformed, $"SQLite cannot read the file {path}: it is damaged or no ledger. Restore it from a copy.", e),
        _ => new IOException($"SQLite could not use the ledger at {path}: {e.Message}", e),
    };

    private T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (SqliteException e)
        {
            throw Translate(e, _path);
        }
    }

    private T Read<T>(Func<ChainReader, ulong, T> read, ulong number)
    {
        lock (_readLock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            try
            {
                return read(_reader, number);
            }
            catch (SqliteException e)
            {
                throw Translate(e, _path);
            }
        }
    }
}
