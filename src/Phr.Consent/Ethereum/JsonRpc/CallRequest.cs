using System.Numerics;
using System.Text.Json.Nodes;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>What a call or an estimate would carry out.</summary>
internal sealed record CallRequest
{
    public ActorId? From { get; init; }

    public ActorId? To { get; init; }

    public AbiBytes Data { get; init; }

    public BigInteger Value { get; init; }

    /// <summary>The gas that may be used; null for the node's own limit.</summary>
    public ulong? Gas { get; init; }

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["data"] = Hex.Of(Data.Span) };
        if (From is { } from)
        {
            json["from"] = "0x" + from;
        }

        if (To is { } to)
        {
            json["to"] = "0x" + to;
        }

        if (!Value.IsZero)
        {
            json["value"] = QuantityConverter.Text(Value);
        }

        if (Gas is { } gas)
        {
            json["gas"] = QuantityConverter.Text(gas);
        }

        return json;
    }
}
