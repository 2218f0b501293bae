using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Phr.Consent;
using Phr.Consent.Tests;
using Phr.Crypto;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>
/// A process follows the ledger and is killed, again and again, at instants that nobody chose, while commands come in, blocks are replaced and its node is out of reach for a while.
/// </summary>
public sealed class FollowerKillTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>So many blocks follow before a block is final: no replaced block was.</summary>
    private const int Confirmations = 4;
    private const int DeepestReplacement = 3;
    private const int CommandsPerBlock = 12;

    /// <summary>Half of the instants are drawn from the start of the process, and fall into its start, its opening of the cache or its catching up; the others from its first entry.</summary>
    private const int LongestLifeInMilliseconds = 500;

    private readonly string _folder = Directory.CreateTempSubdirectory("phr-follower-kill-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task FollowAsync_ProcessKilledAtRandomInstants_GivesEveryEntryOnce()
    {
        int kills = Environment.GetEnvironmentVariable("PHR_TEST_LONG") == "1" ? 200 : 16;
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        await using EthereumConsentLedger ledger = await NodeLedgers.DeployAsync(node, LedgerStory.Parameters);
        await node.MineAsync(DeepestReplacement);
        await using NodeProxy proxy = NodeProxy.Start(node);
        string deployment = Path.Combine(_folder, "ledger.json");
        await File.WriteAllTextAsync(deployment, ledger.Deployment.ToJson());

        int requests = 0, refused = 0;
        proxy.Before = (_, _) => Interlocked.Increment(ref requests) % 41 < 4 ? throw new HttpRequestException($"the node is down, for the {Interlocked.Increment(ref refused)}th time") : Task.FromResult<string?>(null);
        using var ends = new CancellationTokenSource();
        Task<int> writing = WriteAsync(node, ledger, ends.Token);
        List<(ulong Number, Digest Hash)> given = [];
        for (int kill = 0; kill < kills; kill++)
        {
            given.AddRange(await FollowAndKillAsync(proxy, deployment, given.Count, writing, fromFirstEntry: kill % 2 == 1));
        }

        await ends.CancelAsync();
        int replaced = await writing;
        await node.MineAsync(Confirmations);
        await using EthereumConsentLedger fresh = await NodeLedgers.ConnectAsync(node, ledger.Deployment, EthereumFinality.After(Confirmations));
        ulong last = (await fresh.GetHeadAsync()).Number;
        given.AddRange(await FollowAndKillAsync(proxy, deployment, given.Count, writing, fromFirstEntry: true, until: last));
        var expected = new List<(ulong, Digest)>();
        await foreach (LedgerEntry entry in fresh.ReadAsync(0))
        {
            expected.Add((entry.Number, entry.Hash));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kills} kills, {given.Count} entries, {replaced} times blocks were replaced, {refused} of {requests} requests failed"));
        Assert.Equal(expected, given);
        Assert.InRange(given.Count, kills, int.MaxValue);
        Assert.InRange(replaced, 1, int.MaxValue);
    }

    /// <summary>Batches of commands of actors that are new, and now and then blocks that are replaced by empty ones.</summary>
    private static async Task<int> WriteAsync(DevNode node, EthereumConsentLedger ledger, CancellationToken ends)
    {
        DateTimeOffset until = (await NodeLedgers.NowAsync(node)).AddDays(20);
        int replaced = 0;
        while (!ends.IsCancellationRequested)
        {
            SignedCommand[] commands =
            [
                .. Enumerable.Range(0, CommandsPerBlock).Select(_ =>
                {
                    using var key = SecretKey.Generate();
                    var register = new RegisterActor { Actor = ActorId.FromPublicKey(key.PublicKey), Roles = ActorRoles.Guardian, KeyRecordDigest = LedgerStory.Fresh(), ValidUntil = until };
                    return SignedCommand.Sign(register, 0, ledger.Id, key);
                }),
            ];
            Assert.Equal(CommandsPerBlock, (await ledger.SubmitBatchAsync(commands, LedgerBatchMode.AllOrNothing, CancellationToken.None)).Count);
            if (RandomNumberGenerator.GetInt32(4) == 0)
            {
                await node.DevAsync("anvil_reorg", 1 + RandomNumberGenerator.GetInt32(DeepestReplacement), new JsonArray());
                replaced++;
            }
            else
            {
                await node.MineAsync(RandomNumberGenerator.GetInt32(3));
            }

            // So much as a busy chain has, and no more than a test can read again and again.
            await Task.Delay(25, CancellationToken.None);
        }

        return replaced;
    }

    private async Task<List<(ulong Number, Digest Hash)>> FollowAndKillAsync(NodeProxy proxy, string deployment, int after, Task<int> writing, bool fromFirstEntry, ulong? until = null)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [
            Path.Combine(AppContext.BaseDirectory, "LedgerFollower.dll"), deployment, proxy.Address.AbsoluteUri, Path.Combine(_folder, "follower.db"),
            after.ToString(CultureInfo.InvariantCulture), Confirmations.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        var first = new TaskCompletionSource();
        var reached = new TaskCompletionSource();
        Task<string> entries = ReadAsync(process.StandardOutput, first, text => until is { } wanted && text.Contains($"{wanted} ", StringComparison.Ordinal) && text.EndsWith('\n') && reached.TrySetResult());
        if (until is { } number)
        {
            await (number <= (ulong)after ? Task.CompletedTask : Task.WhenAny(reached.Task, process.WaitForExitAsync()).WaitAsync(TimeSpan.FromMinutes(2)));
        }
        else
        {
            if (fromFirstEntry)
            {
                await Task.WhenAny(first.Task, process.WaitForExitAsync(), writing).WaitAsync(TimeSpan.FromMinutes(3));
                if (writing.IsFaulted)
                {
                    process.Kill();
                    await writing;
                }
            }

            await Task.Delay(RandomNumberGenerator.GetInt32(LongestLifeInMilliseconds));
        }

        bool ended = process.HasExited;
        process.Kill();
        await process.WaitForExitAsync();
        string[] lines = (await entries).Split('\n')[..^1];
        Assert.False(ended, $"the follower ended by itself: {await errors}");

        // What follows the last line feed was cut off by the kill, and is given again.
        return [.. lines.Select(line => line.Split(' ')).Select(part => (ulong.Parse(part[0], CultureInfo.InvariantCulture), Digest.Parse(part[1])))];
    }

    private static async Task<string> ReadAsync(StreamReader reader, TaskCompletionSource first, Func<string, bool> look)
    {
        var text = new StringBuilder();
        char[] buffer = new char[4096];
        int read;
        while ((read = await reader.ReadAsync(buffer)) > 0)
        {
            text.Append(buffer, 0, read);
            first.TrySetResult();
            look(text.ToString());
        }

        return text.ToString();
    }
}
