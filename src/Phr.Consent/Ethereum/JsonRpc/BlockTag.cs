using System.Text.Json.Nodes;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>Names a block: by number, by hash (EIP-1898), or by what it is.</summary>
/// <remarks>Immutable. The default value is <see cref="Latest"/>.</remarks>
internal readonly struct BlockTag : IEquatable<BlockTag>
{
    private readonly string? _text;

    private BlockTag(string text, bool isHash = false)
    {
        _text = text;
        IsHash = isHash;
    }

    public static BlockTag Latest => default;

    public static BlockTag Pending { get; } = new("pending");

    public static BlockTag Safe { get; } = new("safe");

    public static BlockTag Finalized { get; } = new("finalized");

    public static BlockTag Earliest { get; } = new("earliest");

    /// <summary>Whether a hash names the block.</summary>
    public bool IsHash { get; }

    public static BlockTag Number(ulong number) => new(QuantityConverter.Text(number));

    public static BlockTag Hash(Digest hash) => new("0x" + hash, isHash: true);

    /// <summary>The parameter of a state method.</summary>
    public JsonNode ToJson() => IsHash ? new JsonObject { ["blockHash"] = _text } : JsonValue.Create(ToString());

    public override string ToString() => _text ?? "latest";

    public bool Equals(BlockTag other) => ToString() == other.ToString() && IsHash == other.IsHash;

    public override bool Equals(object? obj) => obj is BlockTag other && Equals(other);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);
}
