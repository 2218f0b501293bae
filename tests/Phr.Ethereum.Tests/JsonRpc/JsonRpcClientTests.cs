using System.Net;
using System.Text.Json.Nodes;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.TestSupport;

namespace Phr.Ethereum.Tests.JsonRpc;

public class JsonRpcClientTests
{
    private static readonly Uri _first = new("http://user:sesame@first.invalid:8545/key-4711");
    private static readonly Uri _second = new("https://second.invalid/");

    [Fact]
    public async Task SendAsync_Result_IsReadAndTheRequestIsWellFormed()
    {
        using var node = new FakeNode((_, request) => FakeNode.Result(request, "\"0x7a69\""));
        using JsonRpcClient client = Client(node);
        Assert.Equal(31337UL, await client.SendAsync(EthereumCalls.ChainId(), CancellationToken.None));
        JsonNode request = Assert.Single(node.Requests).Request;
        Assert.Equal("2.0", (string)request["jsonrpc"]!);
        Assert.Equal("eth_chainId", (string)request["method"]!);
        Assert.Empty(request["params"]!.AsArray());
    }

    [Fact]
    public async Task SendAsync_NodesError_IsThrownOnceWithItsData()
    {
        using var node = new FakeNode((_, request) => FakeNode.Error(request, """{"code":3,"message":"execution reverted","data":"0x01020304"}"""));
        using JsonRpcClient client = Client(node);
        JsonRpcException error = await Assert.ThrowsAsync<JsonRpcException>(() => client.SendAsync(EthereumCalls.ChainId(), CancellationToken.None));
        Assert.Equal((3L, "execution reverted", "\"0x01020304\"", "eth_chainId"), (error.Code, error.NodeMessage, error.ErrorData, error.Method));
        Assert.Single(node.Requests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"jsonrpc":"2.0","id":999,"result":"0x1"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":"0x1","error":{"code":1,"message":""}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":"no"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":1}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":"1"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":"0x"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":"0x10000000000000000"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{"a":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}}""")]
    public async Task SendAsync_UnusableAnswer_GoesToTheNextNode(string answer)
    {
        using var node = new FakeNode((address, request) => address == _first ? answer : FakeNode.Result(request, "\"0x1\""));
        using JsonRpcClient client = Client(node);
        Assert.Equal(1UL, await client.SendAsync(EthereumCalls.ChainId(), CancellationToken.None));
        Assert.Equal([_first, _second], node.Requests.Select(r => r.Address));
    }

    [Fact]
    public async Task SendAsync_AllNodesFail_SaysSoWithoutTheirKeys()
    {
        using var node = new FakeNode((_, _, _) => throw new HttpRequestException("sesame key-4711"));
        using JsonRpcClient client = Client(node, options => options with { MaxAttempts = 5 });
        EthereumUnavailableException error = await Assert.ThrowsAsync<EthereumUnavailableException>(() => client.SendAsync(EthereumCalls.ChainId(), CancellationToken.None));
        Assert.Contains("first.invalid:8545", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("4711", error.Message, StringComparison.Ordinal);
        Assert.Equal([_first, _second, _first, _second, _first], node.Requests.Select(r => r.Address));
    }

    [Fact]
    public async Task SendAsync_NotRepeatable_IsTriedOnce()
    {
        using var node = new FakeNode((_, _, _) => throw new HttpRequestException());
        using JsonRpcClient client = Client(node);
        await Assert.ThrowsAsync<EthereumUnavailableException>(() => client.SendAsync(EthereumCalls.ChainId() with { IsRepeatable = false }, CancellationToken.None));
        Assert.Single(node.Requests);
    }

    [Fact]
    public async Task SendAsync_NodeIsSilent_IsGivenUpAfterTheTimeout()
    {
        using var node = new FakeNode(async (address, request, ct) =>
        {
            if (address == _first)
            {
                await Task.Delay(Timeout.Infinite, ct);
            }

            return FakeNode.Json(FakeNode.Result(request, "\"0x1\""));
        });
        using JsonRpcClient client = Client(node, options => options with { RequestTimeout = TimeSpan.FromSeconds(1) });
        Assert.Equal(1UL, await client.SendAsync(EthereumCalls.ChainId(), CancellationToken.None));
    }

    [Fact]
    public async Task SendAsync_NodeFailed_IsPassedOverUntilItsCoolDownEnds()
    {
        var clock = new SteppedClock();
        bool isDown = true;
        using var node = new FakeNode((address, request) => address == _first && isDown ? "" : FakeNode.Result(request, "\"0x1\""));
        using JsonRpcClient client = Client(node, options => options with { CoolDown = TimeSpan.FromMinutes(1) }, clock);
        await client.SendAsync(EthereumCalls.ChainId(), CancellationToken.None);
        await client.SendAsync(EthereumCalls.ChainId(), CancellationToken.None);
        Assert.Equal([_first, _second, _second], node.Requests.Select(r => r.Address));
        isDown = false;
        clock.Now += TimeSpan.FromMinutes(2);
        await client.SendAsync(EthereumCalls.ChainId(), CancellationToken.None);
        Assert.Equal(_first, node.Requests[^1].Address);
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.BadGateway)]
    public async Task SendAsync_NodeIsBusy_TheOtherIsAskedAndTheWaitIsReported(HttpStatusCode status)
    {
        using var node = new FakeNode((_, _, _) =>
        {
            HttpResponseMessage response = FakeNode.Json("{}", status);
            response.Headers.RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(TimeSpan.FromSeconds(7));
            return Task.FromResult(response);
        });
        using JsonRpcClient client = Client(node, options => options with { MaxAttempts = 2 });
        EthereumUnavailableException error = await Assert.ThrowsAsync<EthereumUnavailableException>(() => client.SendAsync(EthereumCalls.ChainId(), CancellationToken.None));
        Assert.Equal(TimeSpan.FromSeconds(7), error.RetryAfter);
        Assert.Equal([_first, _second], node.Requests.Select(r => r.Address));
    }

    [Fact]
    public async Task SendAsync_LimitExceeded_GoesToTheNextNode()
    {
        using var node = new FakeNode((address, request) => address == _first ? FakeNode.Error(request, """{"code":-32005,"message":"too many"}""") : FakeNode.Result(request, "\"0x1\""));
        using JsonRpcClient client = Client(node);
        Assert.Equal(1UL, await client.SendAsync(EthereumCalls.ChainId(), CancellationToken.None));
    }

    [Fact]
    public async Task SendAsync_TooManyLogs_IsAnAnswer()
    {
        using var node = new FakeNode((_, request) => FakeNode.Error(request, """{"code":-32005,"message":"query returned more than 10000 results"}"""));
        using JsonRpcClient client = Client(node);
        JsonRpcException error = await Assert.ThrowsAsync<JsonRpcException>(() => client.SendAsync(EthereumCalls.Logs(new LogFilter(), 0, 9), CancellationToken.None));
        Assert.Equal(-32005, error.Code);
        Assert.Single(node.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SendAsync_AnswerIsTooLong_IsNotRead(bool lengthIsAnnounced)
    {
        using var node = new FakeNode((_, _, _) =>
        {
            HttpResponseMessage response = FakeNode.Json(new string(' ', 5000));
            response.Content.Headers.ContentLength = lengthIsAnnounced ? 5000 : null;
            return Task.FromResult(response);
        });
        using JsonRpcClient client = Client(node, options => options with { MaxResponseLength = 2000, MaxAttempts = 1 });
        EthereumUnavailableException error = await Assert.ThrowsAsync<EthereumUnavailableException>(() => client.SendAsync(EthereumCalls.ChainId(), CancellationToken.None));
        Assert.Contains("2000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SendAsync_Cancelled_StopsAtOnce()
    {
        using var node = new FakeNode(async (_, _, ct) =>
        {
            await Task.Delay(Timeout.Infinite, ct);
            return new HttpResponseMessage();
        });
        using JsonRpcClient client = Client(node);
        using var source = new CancellationTokenSource();
        Task<ulong> call = client.SendAsync(EthereumCalls.ChainId(), source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task SendBatchAsync_AnswersInAnyOrder_AreSorted()
    {
        using var node = new FakeNode((_, request) => "[" + string.Join(',', request.AsArray().Reverse().Select(r => (string)r!["params"]![0]! == "0x2"
            ? FakeNode.Error(r, """{"code":-32000,"message":"no"}""")
            : FakeNode.Result(r, (string)r["params"]![0]! is var n ? $"\"{n}\"" : ""))) + "]");
        using JsonRpcClient client = Client(node, options => options with { MaxBatchSize = 3 });
        RpcCall<ulong>[] calls = [.. Enumerable.Range(0, 7).Select(i => new RpcCall<ulong>("echo", [QuantityConverter.Text(i)], e => Convert.ToUInt64(e.GetString(), 16)))];
        IReadOnlyList<RpcResult<ulong>> results = await client.SendBatchAsync(calls, CancellationToken.None);
        Assert.Equal([3, 3, 1], node.Requests.Select(r => r.Request.AsArray().Count));
        for (int i = 0; i < calls.Length; i++)
        {
            Assert.Equal(i == 2, results[i].Error is not null);
            if (i != 2)
            {
                Assert.Equal((ulong)i, results[i].Value);
            }
        }

        Assert.Equal(-32000, Assert.Throws<JsonRpcException>(() => results[2].Value).Code);
        Assert.Empty(await client.SendBatchAsync(Array.Empty<RpcCall<ulong>>(), CancellationToken.None));
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("double")]
    [InlineData("foreign")]
    [InlineData("object")]
    public async Task SendBatchAsync_AnswersDoNotMatch_GoesToTheNextNode(string how)
    {
        using var node = new FakeNode((address, request) =>
        {
            string[] answers = [.. request.AsArray().Select(r => FakeNode.Result(r!, "\"0x5\""))];
            return address == _second ? $"[{string.Join(',', answers)}]" : how switch
            {
                "missing" => $"[{answers[0]}]",
                "double" => $"[{answers[0]},{answers[0]}]",
                "foreign" => $"[{answers[0]},{answers[1].Replace("\"id\":2", "\"id\":77", StringComparison.Ordinal)}]",
                _ => answers[0],
            };
        });
        using JsonRpcClient client = Client(node);
        IReadOnlyList<RpcResult<ulong>> results = await client.SendBatchAsync([EthereumCalls.ChainId(), EthereumCalls.BlockNumber()], CancellationToken.None);
        Assert.Equal([5UL, 5UL], results.Select(r => r.Value));
        Assert.Equal(2, node.Requests.Count);
    }

    [Fact]
    public async Task SendBatchAsync_WholeBatchRefused_ThrowsTheError()
    {
        using var node = new FakeNode((_, _) => """{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no batches"}}""");
        using JsonRpcClient client = Client(node);
        Assert.Equal(-32600, (await Assert.ThrowsAsync<JsonRpcException>(() => client.SendBatchAsync([EthereumCalls.ChainId()], CancellationToken.None))).Code);
    }

    [Fact]
    public void Constructor_OptionsOutOfBounds_IsACallersMistake()
    {
        var good = new EthereumRpcOptions { Endpoints = [_first] };
        EthereumRpcOptions[] bad =
        [
            good with { Endpoints = [] },
            good with { Endpoints = [new Uri("ftp://first.invalid/")] },
            good with { Endpoints = [new Uri("/relative", UriKind.Relative)] },
            good with { RequestTimeout = TimeSpan.Zero },
            good with { MaxAttempts = 0 },
            good with { RetryDelay = TimeSpan.FromSeconds(-1) },
            good with { MaxRetryDelay = TimeSpan.Zero },
            good with { CoolDown = TimeSpan.FromSeconds(-1) },
            good with { MaxResponseLength = 0 },
            good with { MaxBatchSize = 0 },
        ];
        Assert.All(bad, options => Assert.ThrowsAny<ArgumentException>(() => new JsonRpcClient(options)));
    }

    [Fact]
    public void Answers_Damaged_AreRefusedOrRead()
    {
        byte[] current = [];
        using var node = new FakeNode((_, _, _) => Task.FromResult(new HttpResponseMessage { Content = new ByteArrayContent(current) }));
        Mutations.Run(
            "json-rpc answer",
            [System.Text.Encoding.UTF8.GetBytes(SampleAnswers.Header), System.Text.Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":1,"result":null}"""), System.Text.Encoding.UTF8.GetBytes("""{"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"m","data":{"data":"0x"}}}""")],
            bytes =>
            {
                current = bytes;
                using JsonRpcClient client = Client(node, options => options with { MaxAttempts = 1 });
                try
                {
                    // Nothing here is waited for: the fake node answers at once.
                    client.SendAsync(EthereumCalls.Block(BlockTag.Latest), CancellationToken.None).GetAwaiter().GetResult();
                    return true;
                }
                catch (JsonRpcException)
                {
                    return true;
                }
            },
            e => e is EthereumUnavailableException);
    }

    private static JsonRpcClient Client(HttpMessageHandler node, Func<EthereumRpcOptions, EthereumRpcOptions>? change = null, TimeProvider? clock = null)
    {
        var options = new EthereumRpcOptions { Endpoints = [_first, _second], RetryDelay = TimeSpan.Zero, MaxRetryDelay = TimeSpan.FromMilliseconds(1), RequestTimeout = TimeSpan.FromMinutes(1) };
        return new JsonRpcClient(change?.Invoke(options) ?? options, clock, node);
    }

    private sealed class SteppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
