using System.Security.Cryptography;
using Phr.Crypto;

namespace Phr.Storage.Tests;

/// <summary>What the process does that <see cref="DirectoryContentStoreTests.Put_ProcessKilledAnywhere_LosesNothingThatItAcknowledged"/> kills. Alone it does nothing.</summary>
public sealed class CrashChildTests
{
    /// <summary>The variable that names the store's folder.</summary>
    internal const string Folder = "PHR_TEST_CRASH_FOLDER";

    internal static UnixFsLayout Layout { get; } = new() { ChunkSize = 16, MaxLinks = 3 };

    [Fact]
    public async Task Put_ToldByAnotherTest_RunsUntilKilled()
    {
        string? folder = Environment.GetEnvironmentVariable(Folder);
        if (folder is null)
        {
            return;
        }

        var store = DirectoryContentStore.Open(folder, new DirectoryContentStoreOptions { Layout = Layout });
        await using Stream parent = Console.OpenStandardError();
        while (true)
        {
            Cid cid = await store.PutAsync(new MemoryStream(RandomNumberGenerator.GetBytes(5000)));
            await parent.WriteAsync(System.Text.Encoding.ASCII.GetBytes(cid + "\n"));
        }
    }
}
