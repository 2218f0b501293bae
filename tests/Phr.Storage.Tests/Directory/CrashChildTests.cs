using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Phr.Crypto;

namespace Phr.Storage.Tests;

/// <summary>What the processes do that tests of the folder store kill, or let work side by side. Alone it does nothing.</summary>
public sealed class CrashChildTests
{
    /// <summary>The variable that names the store's folder.</summary>
    private const string Folder = "PHR_TEST_CRASH_FOLDER";

    /// <summary>The variable that says what to put: objects one after the other, or blocks of many writers.</summary>
    private const string Kind = "PHR_TEST_CRASH_KIND";

    /// <summary>The variable that says at which flush the process kills itself; none when it is not set.</summary>
    private const string Flush = "PHR_TEST_CRASH_FLUSH";

    /// <summary>Writers of blocks.</summary>
    internal const int Writers = 16;

    internal static UnixFsLayout Layout { get; } = new() { ChunkSize = 16, MaxLinks = 3 };

    /// <summary>Starts this test program as a process that puts objects of several chunks, one after the other, and names each on its standard error.</summary>
    internal static Process StartObjects(string folder) => Start(folder, nameof(PutAsync), flush: null);

    /// <summary>Starts it as one that puts blocks, many at once.</summary>
    /// <param name="folder">The store's folder.</param>
    /// <param name="flush">At which flush of a file or a folder, counted from 1, it kills itself before it flushes; null to go on for ever.</param>
    internal static Process StartBlocks(string folder, int? flush = null) => Start(folder, nameof(PutBlocksAsync), flush);

    [Fact]
    public async Task Put_ToldByAnotherTest_RunsUntilKilled()
    {
        string? folder = Environment.GetEnvironmentVariable(Folder);
        if (folder is null)
        {
            return;
        }

        int left = int.TryParse(Environment.GetEnvironmentVariable(Flush), CultureInfo.InvariantCulture, out int flush) ? flush : int.MaxValue;
        void Pass()
        {
            if (Interlocked.Decrement(ref left) == 0)
            {
                using var self = Process.GetCurrentProcess();
                self.Kill();
            }
        }

        var options = new DirectoryContentStoreOptions { Layout = Layout };
        var store = DirectoryContentStore.Open(folder, options with
        {
            FlushFile = (path, file) =>
            {
                Pass();
                options.FlushFile(path, file);
            },
            FlushFolder = path =>
            {
                Pass();
                options.FlushFolder(path);
            },
        });
        await (Environment.GetEnvironmentVariable(Kind) == nameof(PutBlocksAsync) ? PutBlocksAsync(store) : PutAsync(store));
    }

    private static async Task PutAsync(DirectoryContentStore store)
    {
        while (true)
        {
            await TellAsync(await store.PutAsync(new MemoryStream(RandomNumberGenerator.GetBytes(5000))));
        }
    }

    private static Task PutBlocksAsync(DirectoryContentStore store) => Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
    {
        while (true)
        {
            await TellAsync(await store.PutBlockAsync(RandomNumberGenerator.GetBytes(RandomNumberGenerator.GetInt32(100, 5000))));
        }
    }));

    // A line is one write, so lines of several writers stay whole.
    private static async Task TellAsync(Cid cid)
    {
        await using Stream parent = Console.OpenStandardError();
        await parent.WriteAsync(Encoding.ASCII.GetBytes(cid + "\n"));
    }

    private static Process Start(string folder, string kind, int? flush) => Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Phr.Storage.Tests"))
    {
        ArgumentList = { "-method", $"{typeof(CrashChildTests).FullName}.{nameof(Put_ToldByAnotherTest_RunsUntilKilled)}" },
        Environment = { [Folder] = folder, [Kind] = kind, [Flush] = flush?.ToString(CultureInfo.InvariantCulture) ?? string.Empty },
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
