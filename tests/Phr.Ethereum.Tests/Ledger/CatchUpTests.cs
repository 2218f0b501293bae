using System.Diagnostics;
using System.Globalization;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Consent.Tests;
using Phr.Crypto;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>A client that comes late to a ledger with a long history.</summary>
public sealed class CatchUpTests(ITestOutputHelper output) : IDisposable
{
    private const int CommandsPerTransaction = 125;
    private const int EventsPerCommand = 2;

    private readonly string _folder = Directory.CreateTempSubdirectory("phr-catch-up-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Ten thousand events of signed commands in batches, a hundred thousand with PHR_TEST_LONG; blocks without any between them.</summary>
    [Fact]
    public async Task ConnectAsync_ToALongHistory_HasEveryEventOnce()
    {
        int commands = (Environment.GetEnvironmentVariable("PHR_TEST_LONG") == "1" ? 100_000 : 10_000) / EventsPerCommand;
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        await using EthereumConsentLedger ledger = await NodeLedgers.DeployAsync(node, LedgerStory.Parameters);
        LedgerStory story = NodeLedgers.StoryOf(node, ledger);
        await story.RegisterAsync(LedgerStory.Patient, ActorRoles.Patient);
        var calls = new LedgerCallWriter(LedgerAbi.Shipped);
        var blank = new ConsentState(ledger.Id, ledger.Parameters);
        using SecretKey relayer = DevNode.Account(2);
        await using var carrier = new CallCarrier(node.Rpc, relayer, node.ChainId, LedgerAbi.Shipped.Errors, new EthereumSenderOptions { PollInterval = TimeSpan.FromMilliseconds(5) }, null, TimeProvider.System);
        var watch = Stopwatch.StartNew();
        for (int first = 1; first <= commands; first += CommandsPerTransaction)
        {
            byte[][] batch =
            [
                .. Enumerable.Range(first, CommandsPerTransaction).AsParallel().AsOrdered()
                    .Select(nonce => calls.Write(SignedCommand.Sign(new ConfirmPresence { Actor = LedgerStory.Patient.Id }, (ulong)nonce, ledger.Id, LedgerStory.Patient.Key), blank)),
            ];
            await carrier.SendAsync(ledger.Id.Contract, calls.WriteBatch(batch, atomic: true), 0, default);
            await node.MineAsync(1 + (first % 7));
        }

        TimeSpan made = watch.Elapsed;
        watch.Restart();
        string cache = Path.Combine(_folder, "late.db");
        EthereumConsentLedger late = await NodeLedgers.ConnectAsync(node, ledger.Deployment, cachePath: cache);
        TimeSpan caughtUp = watch.Elapsed;
        LedgerHead head = await late.GetHeadAsync();
        Assert.Equal((ulong)commands + 1, head.Number);
        Assert.Equal(head.Hash, (await ledger.GetHeadAsync()).Hash);
        Assert.Equal((ulong)commands + 1, await late.GetNonceAsync(LedgerStory.Patient.Id));
        var counts = new Dictionary<string, int>();
        ulong next = 0;
        await foreach (LedgerEntry entry in late.ReadAsync(0))
        {
            Assert.Equal(++next, entry.Number);
            Assert.Equal(next - 1, entry.Command!.Nonce);
            foreach (LedgerEvent ledgerEvent in entry.Events)
            {
                counts[ledgerEvent.GetType().Name] = counts.GetValueOrDefault(ledgerEvent.GetType().Name) + 1;
            }
        }

        Assert.Equal(commands + 1, counts[nameof(NonceUsed)]);
        Assert.Equal(commands, counts[nameof(PresenceConfirmed)]);
        ulong last = await node.Rpc.GetBlockNumberAsync(default);
        int logs = 0;
        for (ulong first = 0; first <= last; first += 50)
        {
            logs += (await node.Rpc.GetLogsAsync(new LogFilter { Addresses = [ledger.Id.Contract] }, first, Math.Min(last, first + 49), default)).Length;
        }

        Assert.Equal((EventsPerCommand * commands) + 2, logs);
        await late.DisposeAsync();
        watch.Restart();
        await using EthereumConsentLedger again = await NodeLedgers.ConnectAsync(node, ledger.Deployment, cachePath: cache);
        Assert.Equal(head, await again.GetHeadAsync());
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{logs} events made in {made.TotalSeconds:0.0} s, caught up in {caughtUp.TotalSeconds:0.0} s, read from the cache in {watch.Elapsed.TotalSeconds:0.0} s"));
    }
}
