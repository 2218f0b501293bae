using System.Text.Json;
using System.Text.Json.Nodes;

namespace Phr.Consent.Ethereum;

/// <summary>A call of a JSON-RPC method, and how its result is read.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="Parameters">The parameters in their order.</param>
/// <param name="Read">Reads the result; JSON of another shape makes it throw <see cref="JsonException"/> or <see cref="Crypto.PhrDataException"/>.</param>
/// <param name="IsRepeatable">Whether asking twice does no more than asking once; else a failure is never answered by another try.</param>
internal sealed record RpcCall<T>(string Method, JsonArray Parameters, Func<JsonElement, T> Read, bool IsRepeatable = true);
