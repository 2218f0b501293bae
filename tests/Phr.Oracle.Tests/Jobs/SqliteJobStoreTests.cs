using System.Data.Common;
using Microsoft.Data.Sqlite;
using Phr.Crypto;

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
