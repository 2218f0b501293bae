using Microsoft.Data.Sqlite;

namespace Phr.Consent.Tests.Embedded;

/// <summary>How the tests open embedded ledgers, and how they tamper with them.</summary>
internal static class TestLedgers
{
    public static EmbeddedLedgerOptions Options(TimeProvider? clock = null, LedgerParameters? parameters = null) => new()
    {
        TimeProvider = clock ?? TimeProvider.System,
        CreateWith = parameters ?? LedgerStory.Parameters,
        PollInterval = TimeSpan.FromMilliseconds(5),
    };

    /// <summary>Changes the database behind the ledger's back, as somebody with the file could.</summary>
    public static void Tamper(string database, string sql, params (string Name, object Value)[] parameters)
    {
        using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"""
            PRAGMA ignore_check_constraints = ON;
            DROP TRIGGER IF EXISTS entries_are_never_changed;
            DROP TRIGGER IF EXISTS entries_are_never_deleted;
            {sql};
            """;
        foreach ((string name, object value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        command.ExecuteNonQuery();
    }
}
