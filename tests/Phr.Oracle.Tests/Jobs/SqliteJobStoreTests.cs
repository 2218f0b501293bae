using System.Data.Common;
using Microsoft.Data.Sqlite;
using Phr.Crypto;
using Phr.Oracle.Jobs;

namespace Phr.Oracle.Tests.Jobs;

public sealed class SqliteJobStoreTests : JobStoreContract
{
    private string _folder = string.Empty;

    [Fact]
    public async Task OpenSqliteAsync_FileThatIsNoDatabase_IsRefused()
    {
        string path = Path.Combine(_folder, "text.db");
        await File.WriteAllTextAsync(path, new string('x', 5000));
        await Assert.ThrowsAsync<SqliteException>(() => JobStore.OpenSqliteAsync(path, default));
        await Assert.ThrowsAsync<ArgumentException>(() => JobStore.OpenSqliteAsync(string.Empty, default));
    }

    [Fact]
    public async Task WriteAsync_OneOfAGroupFailsAndOneIsWithdrawn_TheOthersStand()
    {
        await using var database = new SqliteJobDatabase(Path.Combine(_folder, "group.db"));
        await database.PrepareAsync(default);
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously), gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> holder = database.WriteAsync(
            async _ =>
            {
                begun.SetResult();
                await gate.Task;
                return 0;
            },
            default);
        await begun.Task;

        // These wait for the holder, and so are one group.
        using var cancel = new CancellationTokenSource();
        Task<int>[] writes = [.. Enumerable.Range(0, 20).Select(i => database.WriteAsync(connection => InsertAsync(connection, i), i == 9 ? cancel.Token : default))];
        await cancel.CancelAsync();
        gate.SetResult();
        Assert.Equal(0, await holder);
        Assert.Equal("planted", (await Assert.ThrowsAsync<InvalidOperationException>(() => writes[7])).Message);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writes[9]);
        await Assert.ThrowsAsync<SqliteException>(() => writes[13]);
        Assert.Equal(17, (await Task.WhenAll(writes.Where((_, i) => i is not (7 or 9 or 13)))).Length);

        // The next group is not the worse for it.
        Assert.Equal(1, await database.WriteAsync(connection => InsertAsync(connection, 20), default));
        List<string> requesters = await database.ReadAsync(
            async connection =>
            {
                await using DbCommand command = connection.CreateCommand();
                command.CommandText = "SELECT requester FROM phr_requesters";
                await using DbDataReader reader = await command.ExecuteReaderAsync();
                var found = new List<string>();
                while (await reader.ReadAsync())
                {
                    found.Add(reader.GetString(0));
                }

                return found;
            },
            default);
        Assert.Equal(Enumerable.Range(0, 21).Except([7, 9, 13]).Select(Name).Order(), requesters.Order());

        static string Name(int i) => $"requester {i:00}";

        // The seventh fails after its first write, the thirteenth by the database's own word.
        async Task<int> InsertAsync(DbConnection connection, int i)
        {
            await using JobStatement insert = database.Prepare(connection, "INSERT INTO phr_requesters (oracle, requester, paid_until) VALUES ('o', @requester, 0)");
            insert.Set("@requester", Name(i));
            int inserted = await insert.Command.ExecuteNonQueryAsync();
            return i switch
            {
                7 => throw new InvalidOperationException("planted"),
                13 => await insert.Command.ExecuteNonQueryAsync(),
                _ => inserted,
            };
        }
    }

    [Fact]
    public async Task DisposeAsync_WhileOthersWaitForTheirTurn_TellsThemAndCanBeRepeated()
    {
        var database = new SqliteJobDatabase(Path.Combine(_folder, "closing.db"));
        await database.PrepareAsync(default);
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously), gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<int> holder = database.WriteAsync(
            async _ =>
            {
                begun.SetResult();
                await gate.Task;
                return 1;
            },
            default);
        await begun.Task;
        Task closing = database.DisposeAsync().AsTask();
        Task<int>[] late = [database.ReadAsync(_ => Task.FromResult(2), default), database.WriteAsync(_ => Task.FromResult(3), default)];
        gate.SetResult();
        Assert.Equal(1, await holder);
        await closing;
        foreach (Task<int> one in late)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => one.WaitAsync(TimeSpan.FromMinutes(1)));
        }

        await database.DisposeAsync();
    }

    protected override Task PrepareAsync()
    {
        _folder = Directory.CreateTempSubdirectory("phr-jobs-").FullName;
        return Task.CompletedTask;
    }

    protected override Task CleanAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    protected override Task<IJobStore> OpenAsync(ActorId oracle) => JobStore.OpenSqliteAsync(Path.Combine(_folder, "made", "jobs.db"), oracle);

    protected override async Task<DbConnection> ConnectAsync()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "made", "jobs.db")};Pooling=False");
        await connection.OpenAsync();
        return connection;
    }
}
