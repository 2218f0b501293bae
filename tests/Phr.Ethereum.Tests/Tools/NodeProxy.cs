using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Phr.TestSupport;

namespace Phr.Ethereum.Tests;

/// <summary>Stands between a client and its node, and lets a test do something before a request is passed on, or in its place.</summary>
internal sealed class NodeProxy : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly HttpClient _http = new();
    private readonly Uri _node;
    private readonly Task _loop;

    private NodeProxy(Uri node, int port)
    {
        _node = node;
        Address = new Uri($"http://127.0.0.1:{port}/");
        _listener.Prefixes.Add(Address.AbsoluteUri);
        _listener.Start();
        _loop = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>Called before each request with its method, or with the methods of a batch with commas between; a text that it gives is the answer, null passes the request on.</summary>
    public Func<string, JsonNode, Task<string?>>? Before { get; set; }

    public static NodeProxy Start(DevNode node) => new(node.Address, LoopbackPort.Free());

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _loop;
        _http.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                break;
            }

            running.Add(ServeAsync(context));
        }

        await Task.WhenAll(running);
    }

    private async Task ServeAsync(HttpListenerContext context)
    {
        try
        {
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            JsonNode request = JsonNode.Parse(body.ToArray())!;
            string methods = request is JsonArray batch ? string.Join(',', batch.Select(call => (string)call!["method"]!)) : (string)request["method"]!;
            byte[] answer;
            if (Before is { } before && await before(methods, request) is { } instead)
            {
                answer = System.Text.Encoding.UTF8.GetBytes(instead);
            }
            else
            {
                using var content = new ByteArrayContent(body.ToArray());
                content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                using HttpResponseMessage response = await _http.PostAsync(_node, content);
                answer = await response.Content.ReadAsByteArrayAsync();
            }

            // Head and body together: apart, each answer would wait for the acknowledgement of its head.
            context.Response.ContentType = "application/json";
            context.Response.ContentLength64 = answer.Length;
            context.Response.Close(answer, willBlock: false);
        }
        catch (Exception e) when (e is HttpListenerException or HttpRequestException or ObjectDisposedException or IOException)
        {
            context.Response.Abort();
        }
    }
}
