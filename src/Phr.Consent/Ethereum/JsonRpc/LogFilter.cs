using System.Text.Json.Nodes;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>Which logs are asked for.</summary>
internal sealed record LogFilter
{
    /// <summary>The contracts; empty for any.</summary>
    public AbiArray<ActorId> Addresses { get; init; } = [];

    /// <summary>For each position the topics that are wanted there; empty for any.</summary>
    public AbiArray<AbiArray<Digest>> Topics { get; init; } = [];

    /// <summary>The logs of one block, known by its hash: no other block can be meant.</summary>
    public JsonObject ToJson(Digest blockHash) => With(new JsonObject { ["blockHash"] = "0x" + blockHash });

    /// <summary>The logs of a range of blocks, both ends included.</summary>
    public JsonObject ToJson(BlockTag first, BlockTag last) => With(new JsonObject { ["fromBlock"] = first.ToString(), ["toBlock"] = last.ToString() });

    private JsonObject With(JsonObject filter)
    {
        if (Addresses.Count > 0)
        {
            filter["address"] = new JsonArray([.. Addresses.Select(a => JsonValue.Create("0x" + a))]);
        }

        if (Topics.Count > 0)
        {
            filter["topics"] = new JsonArray([.. Topics.Select(p => p.Count == 0 ? null : (JsonNode)new JsonArray([.. p.Select(t => JsonValue.Create("0x" + t))]))]);
        }

        return filter;
    }
}
