using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace Phr.RunChecker;

/// <summary>Reads the chain block by block over plain JSON-RPC and writes down what it sees, in the order in which it sees it, also what a re-organisation takes away later.</summary>
internal sealed class ChainWatcher(Uri node, string ledger, EventAbi abi, TimeSpan? patience = null) : IDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    // So long a node may fail to answer; then the watch fails, since what was not seen cannot be judged.
    private readonly TimeSpan _patience = patience ?? TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new() { BaseAddress = node, Timeout = TimeSpan.FromSeconds(20) };
    private readonly List<SeenBlock> _seen = [];

    // The chain as it was at the last look: number and hash, the last block last.
    private readonly List<(long Number, string Hash)> _chain = [];

    // Blocks were taken away, and none in their place is written down yet. Outlives a look: the chain may be shorter for a while.
    private bool _isReplaced;

    public IReadOnlyList<SeenBlock> Seen => _seen;

    public long EndTime { get; private set; }

    /// <summary>Looks until cancelled, and once more then.</summary>
    public async Task WatchAsync(TimeSpan interval, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            await LookAsync();
            await Task.Delay(interval, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await LookAsync();
    }

    public void Dispose() => _http.Dispose();

    private async Task LookAsync()
    {
        // Back to the last block that still stands.
        while (_chain.Count > 0 && (await BlockAsync(_chain[^1].Number))?.GetProperty("hash").GetString() != _chain[^1].Hash)
        {
            _chain.RemoveAt(_chain.Count - 1);
            _isReplaced = true;
        }

        long head = Hex((await AskAsync("eth_blockNumber")).GetString()!);
        for (long number = _chain.Count == 0 ? 0 : _chain[^1].Number + 1; number <= head; number++)
        {
            if (await BlockAsync(number) is not { } block)
            {
                return;
            }

            string hash = block.GetProperty("hash").GetString()!;
            if (_chain.Count > 0 && block.GetProperty("parentHash").GetString() != _chain[^1].Hash)
            {
                return;
            }

            if (await EventsAsync(number, hash) is not { } events)
            {
                // A re-organisation took the block between the two questions: what is there now is met at the next look.
                return;
            }

            EndTime = Hex(block.GetProperty("timestamp").GetString()!);
            _chain.Add((number, hash));
            if (events.Count > 0 || _isReplaced)
            {
                _seen.Add(new SeenBlock(number, hash[2..], EndTime, events));
                _isReplaced = false;
            }
        }
    }

    // The events of a block; null when the block does not stand any more. A node that has the block and not its logs is asked again, and in the end it is a failure: no events are never assumed.
    private async Task<List<SeenEvent>?> EventsAsync(long number, string blockHash)
    {
        long begin = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                // A filter by block hash: logs of no other block can come back.
                JsonElement logs = await AskAsync("eth_getLogs", new { blockHash, address = ledger, topics = new object[] { abi.Topics } });
                return Read(logs.ValueKind == JsonValueKind.Array ? logs : throw new InvalidDataException($"eth_getLogs: {logs.GetRawText()}"));
            }
            catch (InvalidDataException e)
            {
                if ((await BlockAsync(number))?.GetProperty("hash").GetString() != blockHash)
                {
                    return null;
                }

                if (Stopwatch.GetElapsedTime(begin) >= _patience)
                {
                    throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"The node has block {number} and not its logs. {e.Message}"), e);
                }

                await Task.Delay(_pause);
            }
        }
    }

    private List<SeenEvent> Read(JsonElement logs)
    {
        var events = new List<SeenEvent>();
        foreach (JsonElement log in logs.EnumerateArray())
        {
            string[] topics = [.. log.GetProperty("topics").EnumerateArray().Select(topic => topic.GetString()!)];
            if (abi.Read(topics, log.GetProperty("data").GetString()!) is { } seen)
            {
                events.Add(seen);
            }
        }

        return events;
    }

    private async Task<JsonElement?> BlockAsync(long number)
    {
        JsonElement block = await AskAsync("eth_getBlockByNumber", string.Create(CultureInfo.InvariantCulture, $"0x{number:x}"), false);
        return block.ValueKind == JsonValueKind.Null ? null : block;
    }

    private async Task<JsonElement> AskAsync(string method, params object[] parameters)
    {
        long begin = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using HttpResponseMessage response = await _http.PostAsJsonAsync(string.Empty, new { jsonrpc = "2.0", id = 1, method, @params = parameters });
                using JsonDocument answer = JsonDocument.Parse(await response.Content.ReadAsStreamAsync());
                if (answer.RootElement.TryGetProperty("result", out JsonElement result))
                {
                    return result.Clone();
                }

                throw new InvalidDataException($"{method}: {answer.RootElement.GetRawText()}");
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && Stopwatch.GetElapsedTime(begin) < _patience)
            {
                await Task.Delay(_pause);
            }
        }
    }

    private static long Hex(string number) => Convert.ToInt64(number, 16);
}
