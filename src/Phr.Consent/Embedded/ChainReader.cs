using Microsoft.Data.Sqlite;
using Phr.Crypto;

namespace Phr.Consent.Embedded;

/// <summary>Reads the rows of a chain over one connection, and refuses what does not have their shape. Not thread safe.</summary>
internal sealed class ChainReader : IDisposable
{
    /// <summary>How many entries are read at a time: no read keeps a snapshot open for longer than that.</summary>
    public const int PageSize = 256;

    private const string Columns = "SELECT number, time, previous_hash, command, events, hash, operator_signature FROM entries";

    private readonly SqliteCommand _page;
    private readonly SqliteCommand _last;

    public ChainReader(SqliteConnection connection)
    {
        _page = connection.CreateCommand();
        _page.CommandText = $"{Columns} WHERE number > $after ORDER BY number LIMIT $limit";
        _page.Parameters.Add("$after", SqliteType.Integer);
        _page.Parameters.Add("$limit", SqliteType.Integer);
        _last = connection.CreateCommand();
        _last.CommandText = "SELECT max(number) FROM entries";
    }

    /// <summary>
    /// The next entries after a number, at most <see cref="PageSize"/>; empty at the end. A row without the shape of an entry ends the page before
    /// it; when it is the first, the exception names it.
    /// </summary>
    /// <exception cref="ChainRowException">The next row is not an entry.</exception>
    public IReadOnlyList<ChainEntry> ReadPage(ulong after, int limit = PageSize)
    {
        _page.Parameters["$after"].Value = checked((long)after);
        _page.Parameters["$limit"].Value = limit;
        var page = new List<ChainEntry>();
        using SqliteDataReader row = _page.ExecuteReader();
        while (row.Read())
        {
            ulong number = 0;
            try
            {
                number = (ulong)row.GetInt64(0);
                page.Add(ReadEntry(row));
            }
            catch (Exception e) when (e is PhrDataException or InvalidCastException or OverflowException)
            {
                return page.Count > 0 ? page : throw new ChainRowException(number, e);
            }
        }

        return page;
    }

    /// <summary>One entry, or null.</summary>
    public ChainEntry? ReadEntry(ulong number) =>
        number == 0 ? null : ReadPage(number - 1, limit: 1) is [ChainEntry entry] && entry.Number == number ? entry : null;

    /// <summary>The number of the last entry, 0 when there is none.</summary>
    public ulong ReadLastNumber() => _last.ExecuteScalar() is long number and > 0 ? (ulong)number : 0;

    public void Dispose()
    {
        _page.Dispose();
        _last.Dispose();
    }

    public static ChainGenesis? ReadGenesis(SqliteConnection connection)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT operator_key, time, parameters, hash, operator_signature FROM meta";
        using SqliteDataReader row = command.ExecuteReader();
        if (!row.Read())
        {
            return null;
        }

        try
        {
            return new ChainGenesis(
                PublicKey.FromBytes(Blob(row, 0, PublicKey.Length)),
                Time(row, 1),
                Blob(row, 2, ChainFormat.MaxBlobLength),
                Digest.FromBytes(Blob(row, 3, Digest.Length)),
                RecoverableSignature.FromBytes(Blob(row, 4, RecoverableSignature.Length)));
        }
        catch (Exception e) when (e is PhrDataException or InvalidCastException or OverflowException)
        {
            throw new ChainRowException(0, e);
        }
    }

    private static ChainEntry ReadEntry(SqliteDataReader row) => new(
        (ulong)row.GetInt64(0),
        Time(row, 1),
        Digest.FromBytes(Blob(row, 2, Digest.Length)),
        Blob(row, 3, ChainFormat.MaxBlobLength),
        Blob(row, 4, ChainFormat.MaxBlobLength),
        Digest.FromBytes(Blob(row, 5, Digest.Length)),
        RecoverableSignature.FromBytes(Blob(row, 6, RecoverableSignature.Length)));

    private static DateTimeOffset Time(SqliteDataReader row, int column)
    {
        long seconds = row.GetInt64(column);
        return seconds is >= 0 and <= 253402300799
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new PhrDataException("embedded ledger", PhrDataReason.OutOfRange, "a time is not between 1970 and 9999.");
    }

    private static byte[] Blob(SqliteDataReader row, int column, int maxLength)
    {
        if (row.GetFieldType(column) != typeof(byte[]))
        {
            throw new PhrDataException("embedded ledger", PhrDataReason.Malformed, $"the column {row.GetName(column)} does not hold bytes.");
        }

        long length = row.GetBytes(column, 0, null, 0, 0);
        return length <= maxLength
            ? row.GetFieldValue<byte[]>(column)
            : throw new PhrDataException("embedded ledger", PhrDataReason.TooLarge, $"the column {row.GetName(column)} has {length} bytes where at most {maxLength} are read.");
    }
}
