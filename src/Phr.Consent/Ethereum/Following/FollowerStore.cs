using System.Buffers.Binary;
using Microsoft.Data.Sqlite;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>
/// What a follower remembers, in one SQLite file: the hashes of the last blocks, the contract's logs with their transactions, and the entries that were made of them. What belongs together is
/// written together, so a process that is killed at any instant finds either all of a step or nothing of it. One process has the file at a time.
/// </summary>
/// <remarks>Not thread safe.</remarks>
internal sealed class FollowerStore : IDisposable
{
    private const string Stage = "chain follower";

    /// <summary>"PhrF", in SQLite's application_id.</summary>
    private const int ApplicationId = 0x50687246;
    private const int FormatVersion = 1;
    private const int PageSize = 256;

    private readonly SqliteConnection _connection;
    private readonly string _path;
    private readonly Dictionary<string, SqliteCommand> _commands = [];
    private SqliteTransaction? _transaction;

    private FollowerStore(SqliteConnection connection, string path)
    {
        _connection = connection;
        _path = path;
    }

    /// <summary>Opens the file, or makes it; without a path everything is kept in memory.</summary>
    /// <exception cref="PhrDataException">The file is of another ledger, another format, or damaged.</exception>
    /// <exception cref="IOException">Another process has the file, or the disk failed.</exception>
    public static FollowerStore Open(string? path, LedgerId ledger, ulong startBlock)
    {
        string name = path is null ? "(memory)" : Path.GetFullPath(path);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path is null ? ":memory:" : name,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 1,
        }.ToString());
        try
        {
            connection.Open();
            var store = new FollowerStore(connection, name);
            store.Guard(() => store.Prepare(ledger, startBlock));
            return store;
        }
        catch (Exception e)
        {
            connection.Dispose();
            throw e is SqliteException fault ? Translate(fault, name) : e;
        }
    }

    /// <summary>The last block that was taken in; null before the first.</summary>
    public FollowedBlock? LastBlock => Block("SELECT number, hash, parent_hash, time, mix_hash FROM blocks ORDER BY number DESC LIMIT 1", null);

    /// <summary>The number of the oldest block in the unbroken part of the journal: no re-organisation is undone below it.</summary>
    public ulong FloorBlock => (ulong)Scalar("SELECT floor FROM meta");

    /// <summary>The number of the last block that was final.</summary>
    public ulong FinalBlock => (ulong)Scalar("SELECT final FROM meta");

    public long LogCount => Scalar("SELECT count(*) FROM logs");

    public FollowedBlock? FindBlock(ulong number) => Block("SELECT number, hash, parent_hash, time, mix_hash FROM blocks WHERE number = $a", number);

    /// <summary>Every log of some blocks, in order.</summary>
    public IEnumerable<FollowedLog> ReadLogs(ulong first = 0, ulong last = long.MaxValue)
    {
        (long block, long index) = ((long)first - 1, long.MaxValue);
        while (true)
        {
            List<FollowedLog> page = Guard(() =>
            {
                SqliteCommand command = Command(
                    "SELECT l.block, b.hash, l.idx, l.tx, l.topics, l.data FROM logs l JOIN blocks b ON b.number = l.block WHERE (l.block, l.idx) > ($a, $b) AND l.block <= $c ORDER BY l.block, l.idx LIMIT $d",
                    block, index, (long)last, PageSize);
                using SqliteDataReader row = command.ExecuteReader();
                var logs = new List<FollowedLog>();
                while (row.Read())
                {
                    byte[] topics = row.GetFieldValue<byte[]>(4);
                    logs.Add(new FollowedLog(
                        (ulong)row.GetInt64(0),
                        ReadDigest(row, 1),
                        row.GetInt32(2),
                        ReadDigest(row, 3),
                        [.. topics.Chunk(Digest.Length).Select(topic => Digest.FromBytes(topic))],
                        row.GetFieldValue<byte[]>(5)));
                }

                return logs;
            });
            foreach (FollowedLog log in page)
            {
                yield return log;
            }

            if (page.Count < PageSize)
            {
                yield break;
            }

            (block, index) = ((long)page[^1].Block, page[^1].Index);
        }
    }

    public FollowedTransaction? FindTransaction(Digest hash) => Guard(() =>
    {
        using SqliteDataReader row = Command("SELECT sender, recipient, input FROM transactions WHERE hash = $a", hash.ToBytes()).ExecuteReader();
        return row.Read()
            ? new FollowedTransaction(hash, ActorId.FromBytes(row.GetFieldValue<byte[]>(0)), row.IsDBNull(1) ? null : ActorId.FromBytes(row.GetFieldValue<byte[]>(1)), row.GetFieldValue<byte[]>(2))
            : null;
    });

    /// <summary>Entries after a number, with the blocks in which they stand, a page at a time.</summary>
    public IReadOnlyList<FollowedEntry> ReadEntries(ulong after) => Guard(() =>
    {
        using SqliteDataReader row = Command(
            "SELECT e.number, e.tx, e.hash, e.command, e.events, b.number, b.hash, b.parent_hash, b.time, b.mix_hash FROM entries e JOIN blocks b ON b.number = e.block WHERE e.number > $a ORDER BY e.number LIMIT $b",
            (long)after, PageSize).ExecuteReader();
        var entries = new List<FollowedEntry>();
        while (row.Read())
        {
            entries.Add(new FollowedEntry((ulong)row.GetInt64(0), ReadBlock(row, 5), ReadDigest(row, 1), ReadDigest(row, 2), row.GetFieldValue<byte[]>(3), row.GetFieldValue<byte[]>(4)));
        }

        return entries;
    });

    public FollowedEntry? FindEntry(ulong number) => ReadEntries(number - 1) is [var entry, ..] && entry.Number == number ? entry : null;

    /// <summary>The number of the last entry in a block up to this one; 0 when there is none.</summary>
    public ulong LastEntryUpTo(ulong block) => (ulong)Guard(() => (long)Command("SELECT coalesce(max(number), 0) FROM entries WHERE block <= $a", (long)block).ExecuteScalar()!);

    /// <summary>Does several things together, or none of them.</summary>
    public void InTransaction(Action action)
    {
        Guard(() => _transaction = _connection.BeginTransaction());
        try
        {
            action();
            Guard(_transaction!.Commit);
        }
        finally
        {
            _transaction!.Dispose();
            _transaction = null;
        }
    }

    public void AddBlock(FollowedBlock block) => Run(
        "INSERT INTO blocks (number, hash, parent_hash, time, mix_hash) VALUES ($a, $b, $c, $d, $e) ON CONFLICT (number) DO NOTHING",
        (long)block.Number, block.Hash.ToBytes(), block.ParentHash.ToBytes(), block.Time.ToUnixTimeSeconds(), block.MixHash.ToBytes());

    public void AddLog(FollowedLog log) => Run(
        "INSERT INTO logs (block, idx, tx, topics, data) VALUES ($a, $b, $c, $d, $e)",
        (long)log.Block, log.Index, log.Transaction.ToBytes(), log.Topics.SelectMany(topic => topic.ToBytes()).ToArray(), log.Data.ToArray());

    public void AddTransaction(FollowedTransaction transaction, ulong block) => Run(
        "INSERT INTO transactions (hash, block, sender, recipient, input) VALUES ($a, $b, $c, $d, $e) ON CONFLICT (hash) DO UPDATE SET block = excluded.block",
        transaction.Hash.ToBytes(), (long)block, transaction.Sender.ToBytes(), transaction.Recipient is { } to ? to.ToBytes() : DBNull.Value, transaction.Input.ToArray());

    public void AddEntry(FollowedEntry entry) => Run(
        "INSERT INTO entries (number, block, tx, hash, command, events) VALUES ($a, $b, $c, $d, $e, $f)",
        (long)entry.Number, (long)entry.Block.Number, entry.Transaction.ToBytes(), entry.Hash.ToBytes(), entry.Command, entry.Events);

    /// <summary>Forgets every block after this one, with all that stands in it.</summary>
    public void RollBackTo(ulong block)
    {
        foreach (string sql in (ReadOnlySpan<string>)[
            "DELETE FROM entries WHERE block > $a", "DELETE FROM logs WHERE block > $a", "DELETE FROM transactions WHERE block > $a", "DELETE FROM blocks WHERE number > $a",
            "UPDATE meta SET final = min(final, $a), floor = min(floor, $a)"])
        {
            Run(sql, (long)block);
        }
    }

    /// <summary>Forgets everything, to begin again.</summary>
    public void Clear() => InTransaction(() =>
    {
        foreach (string sql in (ReadOnlySpan<string>)["DELETE FROM entries", "DELETE FROM logs", "DELETE FROM transactions", "DELETE FROM blocks", "UPDATE meta SET final = 0, floor = 0"])
        {
            Run(sql);
        }
    });

    public void SetFinalBlock(ulong block) => Run("UPDATE meta SET final = $a", (long)block);

    /// <summary>Sets where the unbroken part of the journal begins, and forgets older blocks in which nothing stands.</summary>
    public void SetFloor(ulong block)
    {
        if (block > FloorBlock)
        {
            Run("UPDATE meta SET floor = $a", (long)block);
            Run("DELETE FROM blocks WHERE number < $a AND NOT EXISTS (SELECT 1 FROM logs WHERE logs.block = blocks.number)", (long)block);
        }
    }

    public void Dispose()
    {
        foreach (SqliteCommand command in _commands.Values)
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private static Digest ReadDigest(SqliteDataReader row, int column) => Digest.FromBytes(row.GetFieldValue<byte[]>(column));

    private static FollowedBlock ReadBlock(SqliteDataReader row, int column) => new(
        (ulong)row.GetInt64(column), ReadDigest(row, column + 1), ReadDigest(row, column + 2), DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(column + 3)), ReadDigest(row, column + 4));

    private static Exception Translate(SqliteException e, string path) => e.SqliteErrorCode switch
    {
        SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED => new IOException($"Another process follows the ledger with the file {path}; give each its own.", e),
        SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB or SQLitePCL.raw.SQLITE_FORMAT or SQLitePCL.raw.SQLITE_ERROR or SQLitePCL.raw.SQLITE_CONSTRAINT =>
            new PhrDataException(Stage, PhrDataReason.Malformed, $"the file {path} is damaged or none of a follower: delete it, and it is made again from the chain.", e),
        _ => new IOException($"SQLite could not use {path}: {e.Message}", e),
    };

    private void Prepare(LedgerId ledger, ulong startBlock)
    {
        Run("PRAGMA locking_mode = EXCLUSIVE");
        Run("PRAGMA journal_mode = WAL");
        Run("PRAGMA synchronous = FULL");
        if (Scalar("SELECT count(*) FROM sqlite_schema") == 0)
        {
            Run($"""
                BEGIN IMMEDIATE;
                CREATE TABLE meta (chain INTEGER NOT NULL, contract BLOB NOT NULL, start INTEGER NOT NULL, final INTEGER NOT NULL, floor INTEGER NOT NULL) STRICT;
                CREATE TABLE blocks (number INTEGER PRIMARY KEY, hash BLOB NOT NULL, parent_hash BLOB NOT NULL, time INTEGER NOT NULL, mix_hash BLOB NOT NULL) STRICT;
                CREATE TABLE logs (block INTEGER NOT NULL, idx INTEGER NOT NULL, tx BLOB NOT NULL, topics BLOB NOT NULL, data BLOB NOT NULL, PRIMARY KEY (block, idx)) STRICT, WITHOUT ROWID;
                CREATE TABLE transactions (hash BLOB PRIMARY KEY, block INTEGER NOT NULL, sender BLOB NOT NULL, recipient BLOB, input BLOB NOT NULL) STRICT;
                CREATE INDEX transactions_by_block ON transactions (block);
                CREATE TABLE entries (number INTEGER PRIMARY KEY, block INTEGER NOT NULL, tx BLOB NOT NULL, hash BLOB NOT NULL, command BLOB NOT NULL, events BLOB NOT NULL) STRICT;
                CREATE INDEX entries_by_block ON entries (block);
                PRAGMA application_id = {ApplicationId};
                PRAGMA user_version = {FormatVersion};
                INSERT INTO meta (chain, contract, start, final, floor) VALUES ($a, $b, $c, 0, 0);
                COMMIT;
                """, unchecked((long)ledger.ChainId), ledger.Contract.ToBytes(), (long)startBlock);
        }

        if (Scalar("PRAGMA application_id") != ApplicationId || Scalar("PRAGMA user_version") != FormatVersion)
        {
            throw new PhrDataException(Stage, PhrDataReason.UnknownVersion, $"the file {_path} is not a follower's of format {FormatVersion}.");
        }

        using SqliteDataReader row = Command("SELECT chain, contract, start FROM meta").ExecuteReader();
        if (!row.Read() || unchecked((ulong)row.GetInt64(0)) != ledger.ChainId || !row.GetFieldValue<byte[]>(1).AsSpan().SequenceEqual(ledger.Contract.ToBytes()) || (ulong)row.GetInt64(2) != startBlock)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, $"the file {_path} is of another ledger than {ledger}.");
        }
    }

    private FollowedBlock? Block(string sql, ulong? number) => Guard(() =>
    {
        using SqliteDataReader row = (number is { } n ? Command(sql, (long)n) : Command(sql)).ExecuteReader();
        return row.Read() ? ReadBlock(row, 0) : null;
    });

    private long Scalar(string sql) => Guard(() => (long)Command(sql).ExecuteScalar()!);

    private void Run(string sql, params ReadOnlySpan<object> values)
    {
        SqliteCommand command = Command(sql, values);
        Guard(() => command.ExecuteNonQuery());
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        if (!_commands.TryGetValue(sql, out SqliteCommand? command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            _commands.Add(sql, command);
        }

        command.Transaction = _transaction;
        command.Parameters.Clear();
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue("$" + (char)('a' + i), values[i]);
        }

        return command;
    }

    private void Guard(Action action) => Guard(() =>
    {
        action();
        return 0;
    });

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
}
