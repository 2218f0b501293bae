using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Phr.Crypto;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Phr.Consent.Ethereum;

/// <summary>Calls JSON-RPC 2.0 methods over HTTP at one of several nodes, the first that works.</summary>
/// <remarks>
/// A node that fails is passed over for a while. Repeatable calls go to the next node at once, and when all have been tried, again after a wait that doubles, with jitter. A node's own error is an answer and is thrown as
/// <see cref="JsonRpcException"/>, except where it says that it is busy. Sources: JSON-RPC 2.0, EIP-1474. Thread safe.
/// </remarks>
internal sealed class JsonRpcClient : IDisposable
{
    private const string Stage = "json-rpc answer";
    private const long LimitExceeded = -32005;
    private const int MaxJsonDepth = 64;

    private static readonly ResiliencePropertyKey<HashSet<RpcEndpoint>> _tried = new("tried");
    private static readonly ResiliencePropertyKey<bool> _repeatable = new("repeatable");

    private readonly EthereumRpcOptions _options;
    private readonly RpcEndpoint[] _endpoints;
    private readonly HttpClient _http;
    private readonly ResiliencePipeline _retry;
    private readonly ResiliencePipeline _timeout;
    private long _lastId;

    /// <param name="options">The nodes and the limits.</param>
    /// <param name="clock">The clock of time-outs and waits.</param>
    /// <param name="handler">Carries the requests; the caller disposes it. Null for the platform's own.</param>
    public JsonRpcClient(EthereumRpcOptions options, TimeProvider? clock = null, HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        clock ??= TimeProvider.System;
        _options = options;
        _endpoints = [.. options.Endpoints.Select(e => new RpcEndpoint(e, clock))];
        _http = handler is null
            ? new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), AutomaticDecompression = DecompressionMethods.All, AllowAutoRedirect = false })
            : new HttpClient(handler, disposeHandler: false);
        _http.Timeout = Timeout.InfiniteTimeSpan;
        _timeout = new ResiliencePipelineBuilder { TimeProvider = clock }.AddTimeout(options.RequestTimeout).Build();
        _retry = options.MaxAttempts == 1 ? ResiliencePipeline.Empty : new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = options.MaxAttempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryDelay,
                MaxDelay = options.MaxRetryDelay,
                ShouldHandle = a => ValueTask.FromResult(IsRepeatable(a.Context) && IsTransient(a.Outcome.Exception)),
                DelayGenerator = a => ValueTask.FromResult(Delay(a.Context, a.Outcome.Exception)),
            })
            .Build();
    }

    /// <summary>Makes one call.</summary>
    /// <exception cref="JsonRpcException">A node answered with an error.</exception>
    /// <exception cref="EthereumUnavailableException">No node gave a usable answer.</exception>
    public async Task<T> SendAsync<T>(RpcCall<T> call, CancellationToken cancellationToken)
    {
        long id = Interlocked.Increment(ref _lastId);
        byte[] body = Serialize(Request(id, call.Method, call.Parameters));
        return await ExecuteAsync(
            call.IsRepeatable,
            async (endpoint, ct) =>
            {
                using JsonDocument document = await PostAsync(endpoint, body, ct);
                return Checked(() => ReadAnswer(document.RootElement, id, call));
            },
            cancellationToken);
    }

    /// <summary>Makes many calls in as few requests as the options allow.</summary>
    /// <returns>A result for each call, in their order. A node's error for one call does not stop the others.</returns>
    /// <exception cref="EthereumUnavailableException">No node gave a usable answer.</exception>
    public async Task<IReadOnlyList<RpcResult<T>>> SendBatchAsync<T>(IReadOnlyList<RpcCall<T>> calls, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(calls);
        var results = new List<RpcResult<T>>(calls.Count);
        for (int start = 0; start < calls.Count; start += _options.MaxBatchSize)
        {
            RpcCall<T>[] chunk = [.. calls.Skip(start).Take(_options.MaxBatchSize)];
            results.AddRange(await SendChunkAsync(chunk, cancellationToken));
        }

        return results;
    }

    public void Dispose() => _http.Dispose();

    private async Task<RpcResult<T>[]> SendChunkAsync<T>(RpcCall<T>[] calls, CancellationToken cancellationToken)
    {
        long first = Interlocked.Add(ref _lastId, calls.Length) - calls.Length + 1;
        byte[] body = Serialize(new JsonArray([.. calls.Select((c, i) => (JsonNode)Request(first + i, c.Method, c.Parameters))]));
        return await ExecuteAsync(
            calls.All(c => c.IsRepeatable),
            async (endpoint, ct) =>
            {
                using JsonDocument document = await PostAsync(endpoint, body, ct);
                return Checked(() => ReadAnswers(document.RootElement, first, calls));
            },
            cancellationToken);
    }

    private async Task<T> ExecuteAsync<T>(bool isRepeatable, Func<RpcEndpoint, CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        ResilienceContext context = ResilienceContextPool.Shared.Get(cancellationToken);
        var tried = new HashSet<RpcEndpoint>();
        context.Properties.Set(_tried, tried);
        context.Properties.Set(_repeatable, isRepeatable);
        try
        {
            return await _retry.ExecuteAsync(async c => await TryAsync(Choose(tried), tried, send, c.CancellationToken), context);
        }
        catch (RpcTransportException e)
        {
            throw new EthereumUnavailableException($"No Ethereum node gave a usable answer; the last was {e.Message}", e.RetryAfter, e);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async Task<T> TryAsync<T>(RpcEndpoint endpoint, HashSet<RpcEndpoint> tried, Func<RpcEndpoint, CancellationToken, Task<T>> send, CancellationToken cancellationToken)
    {
        tried.Add(endpoint);
        try
        {
            T result = await _timeout.ExecuteAsync(async ct => await send(endpoint, ct), cancellationToken);
            endpoint.Answered();
            return result;
        }
        catch (JsonRpcException e)
        {
            if (IsBusy(e))
            {
                endpoint.Failed(_options.CoolDown);
            }

            throw;
        }
        catch (RpcTransportException e)
        {
            endpoint.Failed(e.RetryAfter is { } wait && wait > _options.CoolDown ? wait : _options.CoolDown);
            throw;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or PhrDataException or TimeoutRejectedException)
        {
            endpoint.Failed(_options.CoolDown);
            throw new RpcTransportException($"{endpoint.Name}: {Describe(e)}", null, e);
        }
    }

    // The first good node that was not tried yet, then any that was not tried, then the one that is good soonest.
    private RpcEndpoint Choose(HashSet<RpcEndpoint> tried)
    {
        if (tried.Count == _endpoints.Length)
        {
            tried.Clear();
        }

        return _endpoints.FirstOrDefault(e => e.IsGood && !tried.Contains(e)) ?? _endpoints.Where(e => !tried.Contains(e)).MinBy(e => e.BadUntil)!;
    }

    private TimeSpan? Delay(ResilienceContext context, Exception? exception)
    {
        if (context.Properties.GetValue(_tried, []).Count < _endpoints.Length)
        {
            return TimeSpan.Zero;
        }

        return exception is RpcTransportException { RetryAfter: { } wait } ? (wait < _options.MaxRetryDelay ? wait : _options.MaxRetryDelay) : null;
    }

    private static bool IsRepeatable(ResilienceContext context) => context.Properties.GetValue(_repeatable, false);

    private static bool IsTransient(Exception? exception) => exception is RpcTransportException || (exception is JsonRpcException error && IsBusy(error));

    // Asked for too many logs, nodes give the same code; the same question would get the same answer from each.
    private static bool IsBusy(JsonRpcException error) => error.Code == LimitExceeded && error.Method != "eth_getLogs";

    private static string Describe(Exception exception) => exception switch
    {
        TimeoutRejectedException => "it took too long.",
        HttpRequestException { StatusCode: { } status } => string.Create(CultureInfo.InvariantCulture, $"it answered with HTTP status {(int)status}."),
        HttpRequestException or IOException => "it cannot be reached.",
        PhrDataException e => $"its answer is not what was asked for: {e.Message}",
        _ => "its answer is not JSON of the right shape.",
    };

    private static JsonObject Request(long id, string method, JsonArray parameters) =>
        new() { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = parameters.DeepClone() };

    private static byte[] Serialize(JsonNode node) => JsonSerializer.SerializeToUtf8Bytes(node, RpcJson.Default.JsonNode);

    private async Task<JsonDocument> PostAsync(RpcEndpoint endpoint, byte[] body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);

        // Some nodes give a JSON-RPC error with a status of 4xx; anything else that is no success says nothing more than its number.
        if (!response.IsSuccessStatusCode && ((int)response.StatusCode is 429 or >= 500 || response.Content.Headers.ContentType?.MediaType != "application/json"))
        {
            throw new RpcTransportException(
                string.Create(CultureInfo.InvariantCulture, $"{endpoint.Name}: it answered with HTTP status {(int)response.StatusCode}."), response.Headers.RetryAfter?.Delta);
        }

        return JsonDocument.Parse(await ReadAsync(response, cancellationToken), new JsonDocumentOptions { MaxDepth = MaxJsonDepth });
    }

    private async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength > _options.MaxResponseLength)
        {
            throw TooLong();
        }

        using var buffer = new MemoryStream();
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        byte[] part = new byte[16 * 1024];
        for (int read; (read = await stream.ReadAsync(part, cancellationToken)) > 0;)
        {
            if (buffer.Length + read > _options.MaxResponseLength)
            {
                throw TooLong();
            }

            buffer.Write(part, 0, read);
        }

        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    private PhrDataException TooLong() => Fault(PhrDataReason.TooLarge, string.Create(CultureInfo.InvariantCulture, $"it has more than {_options.MaxResponseLength} bytes."));

    // JSON may hold half a surrogate pair, or bytes that are no UTF-8, which the platform notices only when the text is asked for.
    private static T Checked<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException e)
        {
            throw new PhrDataException(Stage, PhrDataReason.Malformed, "it has a text that is not Unicode, or a value of another kind than was asked for.", e);
        }
    }

    private static T ReadAnswer<T>(JsonElement answer, long id, RpcCall<T> call)
    {
        if (Id(answer) != id && !IsErrorWithoutId(answer))
        {
            throw Fault(PhrDataReason.Mismatched, "it has another id than the request.");
        }

        return ReadResult(answer, call).Value;
    }

    private static RpcResult<T>[] ReadAnswers<T>(JsonElement answers, long first, RpcCall<T>[] calls)
    {
        if (answers.ValueKind == JsonValueKind.Object && IsErrorWithoutId(answers))
        {
            // The whole batch was refused; a node that takes no batches says so like this.
            throw ErrorOf(answers.GetProperty("error"), calls[0].Method);
        }

        if (answers.ValueKind != JsonValueKind.Array || answers.GetArrayLength() != calls.Length)
        {
            throw Fault(PhrDataReason.WrongLength, "it has not one answer for each call.");
        }

        var results = new RpcResult<T>[calls.Length];
        var seen = new bool[calls.Length];
        foreach (JsonElement answer in answers.EnumerateArray())
        {
            if (Id(answer) is not { } id || id < first || id >= first + calls.Length || seen[id - first])
            {
                throw Fault(PhrDataReason.Mismatched, "it has an id that was not asked, or one twice.");
            }

            seen[id - first] = true;
            results[id - first] = ReadResult(answer, calls[id - first]);
            if (results[id - first].Error is { } busy && IsBusy(busy) && calls[id - first].IsRepeatable)
            {
                throw busy;
            }
        }

        return results;
    }

    private static RpcResult<T> ReadResult<T>(JsonElement answer, RpcCall<T> call)
    {
        bool hasError = answer.TryGetProperty("error", out JsonElement error) && error.ValueKind != JsonValueKind.Null;
        bool hasResult = answer.TryGetProperty("result", out JsonElement result);
        return (hasError, hasResult && (!hasError || result.ValueKind != JsonValueKind.Null)) switch
        {
            (true, false) => new RpcResult<T>(ErrorOf(error, call.Method)),
            (false, true) => new RpcResult<T>(call.Read(result)),
            _ => throw Fault(PhrDataReason.Malformed, "it has neither a result nor an error, or both."),
        };
    }

    private static JsonRpcException ErrorOf(JsonElement error, string method) =>
        error.ValueKind == JsonValueKind.Object
        && error.TryGetProperty("code", out JsonElement code) && code.ValueKind == JsonValueKind.Number && code.TryGetInt64(out long number)
            ? new JsonRpcException(
                method,
                number,
                error.TryGetProperty("message", out JsonElement message) && message.ValueKind == JsonValueKind.String ? message.GetString()! : "no message",
                error.TryGetProperty("data", out JsonElement data) && data.ValueKind != JsonValueKind.Null ? data.GetRawText() : null)
            : throw Fault(PhrDataReason.Malformed, "its error has no code.");

    private static bool IsErrorWithoutId(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Object
        && answer.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.Object
        && (!answer.TryGetProperty("id", out JsonElement id) || id.ValueKind == JsonValueKind.Null);

    private static long? Id(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out long value) ? value : null;

    private static PhrDataException Fault(PhrDataReason reason, string detail) => new(Stage, reason, detail);
}
