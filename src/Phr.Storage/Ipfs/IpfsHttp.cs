using System.Net;
using System.Text;
using System.Text.Json;
using Phr.Crypto;

namespace Phr.Storage.Ipfs;

/// <summary>Sends requests to nodes and gateways and turns everything that can go wrong with an answer into one <see cref="IpfsFaultException"/>. Thread safe.</summary>
internal sealed class IpfsHttp : IDisposable
{
    private const string ErrorTrailer = "X-Stream-Error";

    private readonly HttpClient _http;

    public IpfsHttp(IpfsContentStoreOptions options)
    {
        Options = options;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.TransferTimeout,
            MaxResponseHeadersLength = IpfsLimits.MaxHeadersLength,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),

            // A node closes a connection that was idle for a few seconds, js-ipfs after five.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(3),
            MaxResponseDrainSize = 1 << 16,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public IpfsContentStoreOptions Options { get; }

    /// <summary>Sends a request and waits for the headers of a successful answer.</summary>
    public async Task<IpfsAnswer> SendAsync(IpfsEndpoint endpoint, HttpMethod method, string path, HttpContent? content, TimeSpan within, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, endpoint.Base + path) { Content = content };
        request.Headers.Authorization = Options.Authorize?.Invoke(endpoint.Address);
        if (path.Contains("format=car", StringComparison.Ordinal))
        {
            request.Headers.TryAddWithoutValidation("Accept", "application/vnd.ipld.car; version=1; order=dfs; dups=y");
        }
        else if (path.Contains("format=raw", StringComparison.Ordinal))
        {
            request.Headers.TryAddWithoutValidation("Accept", "application/vnd.ipld.raw");
        }

        HttpResponseMessage response = await GuardAsync(
            endpoint, within, ct => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct), isBody: false, cancellationToken).ConfigureAwait(false);
        try
        {
            if (!response.IsSuccessStatusCode)
            {
                throw await RefusalAsync(endpoint, response, cancellationToken).ConfigureAwait(false);
            }

            Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            return new IpfsAnswer(this, endpoint, response, body);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Does one step of a conversation within a time and names what goes wrong with it.</summary>
    /// <remarks>With <paramref name="isBody"/> an answer has begun, and a broken connection cuts it off.</remarks>
    internal async Task<T> GuardAsync<T>(IpfsEndpoint endpoint, TimeSpan within, Func<CancellationToken, Task<T>> step, bool isBody, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var deadline = new CancellationTokenSource(within, Options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await step(either.Token).ConfigureAwait(false);
        }
        catch (IpfsFaultException)
        {
            throw;
        }
        catch (Exception e) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Fault(endpoint, IpfsFaultKind.TimedOut, $"it did not answer within {within.TotalSeconds:0.###} seconds.", e);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (PhrDataException e)
        {
            throw Fault(endpoint, KindOf(e.Reason), e.Message, e);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw Fault(endpoint, IpfsFaultKind.HeadersTooLarge, $"the headers of its answer are longer than {IpfsLimits.MaxHeadersLength} KiB.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw e is HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse }
                ? Fault(endpoint, IpfsFaultKind.Malformed, "its answer is not HTTP.", e)
                : isBody ? Fault(endpoint, IpfsFaultKind.Truncated, "the connection broke in the middle of its answer.", e)
                : Fault(endpoint, IpfsFaultKind.Unreachable, "it cannot be reached.", e);
        }
    }

    public static IpfsFaultException Fault(IpfsEndpoint endpoint, IpfsFaultKind kind, string detail, Exception? inner = null) =>
        new(new IpfsFault(endpoint.Address, kind, detail), inner);

    /// <summary>What a node said went wrong: no more than a node may say in a log, on one line.</summary>
    public static IpfsFaultException Refused(IpfsEndpoint endpoint, string message) =>
        Fault(endpoint, SaysNotFound(message) ? IpfsFaultKind.NotFound : IpfsFaultKind.Refused, $"it says: {OneLine(message)}");

    /// <summary>The error that a node puts behind a body when it has begun one already, or null.</summary>
    internal static string? ErrorBehind(HttpResponseMessage response) =>
        response.TrailingHeaders.TryGetValues(ErrorTrailer, out IEnumerable<string>? values) ? string.Join(' ', values) : null;

    private static IpfsFaultKind KindOf(PhrDataReason reason) => reason switch
    {
        PhrDataReason.DigestMismatch => IpfsFaultKind.WrongBytes,
        PhrDataReason.Truncated => IpfsFaultKind.Truncated,
        PhrDataReason.TooLarge => IpfsFaultKind.TooLong,
        PhrDataReason.Mismatched => IpfsFaultKind.WrongDag,
        _ => IpfsFaultKind.Malformed,
    };

    // Kubo and js-ipfs have one status for all errors, and say in words that a block was not found or not in time.
    private static bool SaysNotFound(string message) =>
        message.Contains("not found", StringComparison.OrdinalIgnoreCase)
        || message.Contains("could not find", StringComparison.OrdinalIgnoreCase)
        || message.Contains("timed out", StringComparison.OrdinalIgnoreCase)
        || message.Contains("deadline exceeded", StringComparison.OrdinalIgnoreCase);

    private static string OneLine(string message)
    {
        var line = new StringBuilder();
        foreach (char c in message.AsSpan(0, Math.Min(message.Length, 300)))
        {
            line.Append(c is >= ' ' and <= '~' ? c : '?');
        }

        return line.Length == 0 ? "nothing." : line.ToString();
    }

    private async Task<IpfsFaultException> RefusalAsync(IpfsEndpoint endpoint, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        int status = (int)response.StatusCode;
        if (status is >= 300 and < 400)
        {
            return Fault(endpoint, IpfsFaultKind.Redirected, $"it answers with status {status} and points elsewhere.");
        }

        string message = string.Empty;
        try
        {
            message = await GuardAsync(endpoint, Options.TransferTimeout, ct => ReadErrorAsync(response, ct), isBody: true, cancellationToken).ConfigureAwait(false);
        }
        catch (IpfsFaultException)
        {
            // The status says enough.
        }

        IpfsFaultKind kind = SaysNotFound(message) || (endpoint.IsGateway && status is 404 or 410 or 504) ? IpfsFaultKind.NotFound : IpfsFaultKind.Refused;
        return Fault(endpoint, kind, message.Length == 0 ? $"it answers with status {status}." : $"it answers with status {status} and says: {OneLine(message)}");
    }

    private static async Task<string> ReadErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[IpfsLimits.MaxErrorLength];
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        int length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        try
        {
            using var json = JsonDocument.Parse(buffer.AsMemory(0, length));
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("Message", out JsonElement message) && message.ValueKind == JsonValueKind.String)
            {
                return message.GetString()!;
            }
        }
        catch (JsonException)
        {
            // A plain text then, as gateways give.
        }

        return Encoding.UTF8.GetString(buffer, 0, length).Trim();
    }
}
