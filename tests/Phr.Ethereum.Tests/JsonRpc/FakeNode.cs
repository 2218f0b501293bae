using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Phr.Ethereum.Tests.JsonRpc;

/// <summary>Answers requests as a test says, and remembers them.</summary>
internal sealed class FakeNode : HttpMessageHandler
{
    private readonly Func<Uri, JsonNode, CancellationToken, Task<HttpResponseMessage>> _answer;

    public FakeNode(Func<Uri, JsonNode, CancellationToken, Task<HttpResponseMessage>> answer) => _answer = answer;

    public FakeNode(Func<Uri, JsonNode, string> answer)
        : this((address, request, _) => Task.FromResult(Json(answer(address, request))))
    {
    }

    public List<(Uri Address, JsonNode Request)> Requests { get; } = [];

    public static HttpResponseMessage Json(string text, HttpStatusCode status = HttpStatusCode.OK) => new(status) { Content = new StringContent(text, Encoding.UTF8, "application/json") };

    /// <summary>The result for a single request or for each of a batch.</summary>
    public static string Result(JsonNode request, string result) =>
        request is JsonArray batch ? "[" + string.Join(',', batch.Select(r => Result(r!, result))) + "]" : $$"""{"jsonrpc":"2.0","id":{{request["id"]!.ToJsonString()}},"result":{{result}}}""";

    public static string Error(JsonNode request, string error) => $$"""{"jsonrpc":"2.0","id":{{request["id"]!.ToJsonString()}},"error":{{error}}}""";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        JsonNode body = JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!;
        lock (Requests)
        {
            Requests.Add((request.RequestUri!, body));
        }

        return await _answer(request.RequestUri!, body, cancellationToken);
    }
}
