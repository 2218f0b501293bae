using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Phr.Consent.Ethereum;

/// <summary>How the objects of the Ethereum JSON-RPC methods are read.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    Converters = [typeof(UInt64Converter), typeof(QuantityConverter), typeof(BytesConverter), typeof(DigestConverter), typeof(AddressConverter)])]
[JsonSerializable(typeof(JsonNode))]
[JsonSerializable(typeof(BlockHeader))]
[JsonSerializable(typeof(EthereumLog[]))]
[JsonSerializable(typeof(TransactionReceipt))]
[JsonSerializable(typeof(MinedTransaction))]
[JsonSerializable(typeof(FeeHistory))]
internal sealed partial class RpcJson : JsonSerializerContext;
