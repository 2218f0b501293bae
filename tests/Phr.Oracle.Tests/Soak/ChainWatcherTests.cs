using System.Net;
using System.Text.Json;
using Phr.RunChecker;
using Phr.TestSupport;

namespace Phr.Oracle.Tests.Soak;

/// <summary>What judges runs sees every event of the chain, or fails: a node that does not give a block's logs must not pass for a block without any.</summary>
public sealed class ChainWatcherTests
{
    private const string Ledger = "0x00112233445566778899aabbccddeeff00112233";

    private static readonly string _word = "0x" + new string('0', 64);

    private static EventAbi Abi => EventAbi.Load(RepositoryRoot.Combine("contracts", "artifacts", "PhrLedger.json"), Judge.Events);

    [Fact]
    public async Task WatchAsync_LogsFailAndTheBlockStands_AreAskedForUntilTheyCome()
    {
        int asked = 0;
        await using var node = new StubNode(number => number == 1 ? BlockOf('a') : null, _ => ++asked < 3 ? null : [LogOf("ActorSuspended")]);
        using var watcher = new ChainWatcher(node.Address, Ledger, Abi);
        await watcher.WatchAsync(TimeSpan.Zero, new CancellationToken(canceled: true));
        Assert.Equal("ActorSuspended", Assert.Single(Assert.Single(watcher.Seen).Events).Name);
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task WatchAsync_LogsFailForGood_Fails()
    {
        await using var node = new StubNode(number => number == 1 ? BlockOf('a') : null, _ => null);
        using var watcher = new ChainWatcher(node.Address, Ledger, Abi, TimeSpan.FromMilliseconds(500));
        InvalidDataException failure = await Assert.ThrowsAsync<InvalidDataException>(() => watcher.WatchAsync(TimeSpan.Zero, new CancellationToken(canceled: true)));
        Assert.Contains("block 1 and not its logs", failure.Message, StringComparison.Ordinal);
        Assert.Empty(watcher.Seen);
    }

    [Fact]
    public async Task WatchAsync_BlockGoneWhenItsLogsAreAskedFor_IsNotSeenAndTheOneInItsPlaceIs()
    {
        char block = 'a';
        await using var node = new StubNode(number => number == 1 ? BlockOf(block) : null, hash =>
        {
            if (hash == HashOf('a'))
            {
                block = 'b';
                return null;
            }

            return [LogOf("ActorRemoved")];
        });
        using var watcher = new ChainWatcher(node.Address, Ledger, Abi);
        await watcher.WatchAsync(TimeSpan.Zero, new CancellationToken(canceled: true));
        Assert.Empty(watcher.Seen);
        await watcher.WatchAsync(TimeSpan.Zero, new CancellationToken(canceled: true));
        SeenBlock seen = Assert.Single(watcher.Seen);
        Assert.Equal((HashOf('b')[2..], "ActorRemoved"), (seen.Hash, Assert.Single(seen.Events).Name));
    }

    [Fact]
    public async Task WatchAsync_ChainIsShorterForALookAfterAReorganisation_TheBlockThatComesInPlaceIsSeenThoughItIsEmpty()
    {
        char? block = 'a';
        await using var node = new StubNode(number => number == 1 && block is { } here ? BlockOf(here) : null, hash => hash == HashOf('a') ? [LogOf("DeliveryRecorded")] : []);
        using var watcher = new ChainWatcher(node.Address, Ledger, Abi);
        foreach (char? now in (char?[])['a', null, 'b'])
        {
            block = now;
            await watcher.WatchAsync(TimeSpan.Zero, new CancellationToken(canceled: true));
        }

        Assert.Equal([(1, HashOf('a')[2..], 1), (1, HashOf('b')[2..], 0)], watcher.Seen.Select(seen => (seen.Number, seen.Hash, seen.Events.Count)));
    }

    private static string HashOf(char block) => "0x" + new string(block, 64);

    private static object BlockOf(char block) => new { hash = HashOf(block), parentHash = HashOf('0'), timestamp = "0x10" };

    private static object LogOf(string name)
    {
        string data = "0x" + new string('0', 4096);
        string topic = Abi.Topics.First(topic => Abi.Read([topic, _word, _word, _word], data)?.Name == name);
        return new { topics = (string[])[topic, _word, _word, _word], data };
    }

    /// <summary>A chain with a genesis block and one more, over plain JSON-RPC.</summary>
    private sealed class StubNode : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly Func<long, object?> _block;
        private readonly Func<string, object[]?> _logs;
        private readonly Task _serving;

        /// <param name="block">The block of a number; null for none.</param>
        /// <param name="logs">The logs of a block that is not the first; null for an error.</param>
        public StubNode(Func<long, object?> block, Func<string, object[]?> logs)
        {
            (_block, _logs) = (block, logs);
            Address = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}/");
            _listener.Prefixes.Add(Address.ToString());
            _listener.Start();
            _serving = ServeAsync();
        }

        public Uri Address { get; }

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _serving;
            _listener.Close();
        }

        private async Task ServeAsync()
        {
            while (true)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }

                using JsonDocument question = await JsonDocument.ParseAsync(context.Request.InputStream);
                await JsonSerializer.SerializeAsync(context.Response.OutputStream, Answer(question.RootElement));
                context.Response.Close();
            }
        }

        private object Answer(JsonElement question)
        {
            string method = question.GetProperty("method").GetString()!;
            JsonElement parameters = question.GetProperty("params");
            switch (method)
            {
                case "eth_blockNumber":
                    return new { result = "0x1" };
                case "eth_getBlockByNumber":
                    long number = Convert.ToInt64(parameters[0].GetString(), 16);
                    return new { result = number == 0 ? new { hash = HashOf('0'), parentHash = HashOf('f'), timestamp = "0x1" } : _block(number) };
                default:
                    string hash = parameters[0].GetProperty("blockHash").GetString()!;
                    return hash == HashOf('0') ? new { result = Array.Empty<object>() } : _logs(hash) is { } logs ? new { result = logs } : new { error = new { code = -32000, message = "unknown block" } };
            }
        }
    }
}
