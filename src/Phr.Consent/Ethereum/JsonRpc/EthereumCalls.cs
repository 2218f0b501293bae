using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>The JSON-RPC methods that are used, as calls that can be made alone or in a batch. Source: Ethereum execution APIs.</summary>
internal static class EthereumCalls
{
    public static RpcCall<ulong> ChainId() => new("eth_chainId", [], UInt64);

    public static RpcCall<ulong> BlockNumber() => new("eth_blockNumber", [], UInt64);

    /// <summary>A block's header with its hash checked; null when the node knows no such block, or has none yet.</summary>
    public static RpcCall<BlockHeader?> Block(BlockTag block) => block.IsHash
        ? new RpcCall<BlockHeader?>("eth_getBlockByHash", [block.ToString(), false], e => Header(e, block))
        : new RpcCall<BlockHeader?>("eth_getBlockByNumber", [block.ToString(), false], e => Header(e, block));

    public static RpcCall<ImmutableArray<EthereumLog>> Logs(LogFilter filter, Digest blockHash) =>
        new("eth_getLogs", [filter.ToJson(blockHash)], e => CheckLogs(Object(e, RpcJson.Default.EthereumLogArray), l => l.BlockHash == blockHash));

    public static RpcCall<ImmutableArray<EthereumLog>> Logs(LogFilter filter, ulong first, ulong last) =>
        new("eth_getLogs", [filter.ToJson(BlockTag.Number(first), BlockTag.Number(last))], e => CheckLogs(Object(e, RpcJson.Default.EthereumLogArray), l => l.BlockNumber >= first && l.BlockNumber <= last));

    /// <summary>A transaction's receipt; null while it is in no block.</summary>
    public static RpcCall<TransactionReceipt?> Receipt(Digest transaction) =>
        new("eth_getTransactionReceipt", ["0x" + transaction], e => Optional(e, RpcJson.Default.TransactionReceipt) is var r && (r is null || r.TransactionHash == transaction) ? r : throw Fault("a receipt is of another transaction."));

    /// <summary>A transaction; null when the node does not know it.</summary>
    public static RpcCall<MinedTransaction?> Transaction(Digest transaction) =>
        new("eth_getTransactionByHash", ["0x" + transaction], e => Optional(e, RpcJson.Default.MinedTransaction) is var t && (t is null || t.Hash == transaction) ? t : throw Fault("a transaction has another hash."));

    public static RpcCall<AbiBytes> Call(CallRequest request, BlockTag block = default) => new("eth_call", [request.ToJson(), block.ToJson()], Bytes);

    public static RpcCall<ulong> EstimateGas(CallRequest request, BlockTag block = default) => new("eth_estimateGas", [request.ToJson(), block.ToString()], UInt64);

    /// <param name="blockCount">How many blocks, up to 1,024.</param>
    /// <param name="newest">The last of them.</param>
    /// <param name="percentiles">At which percentiles of a block's gas its priority fees are wanted, ascending, 0 to 100.</param>
    public static RpcCall<FeeHistory> FeeHistory(int blockCount, BlockTag newest, params ReadOnlySpan<double> percentiles) =>
        new("eth_feeHistory", [QuantityConverter.Text(blockCount), newest.ToString(), new JsonArray([.. percentiles.ToArray().Select(p => JsonValue.Create(p))])], e => Object(e, RpcJson.Default.FeeHistory));

    public static RpcCall<ulong> TransactionCount(ActorId account, BlockTag block = default) => new("eth_getTransactionCount", ["0x" + account, block.ToJson()], UInt64);

    public static RpcCall<BigInteger> Balance(ActorId account, BlockTag block = default) => new("eth_getBalance", ["0x" + account, block.ToJson()], Quantity);

    public static RpcCall<AbiBytes> Code(ActorId account, BlockTag block = default) => new("eth_getCode", ["0x" + account, block.ToJson()], Bytes);

    public static RpcCall<Digest> StorageAt(ActorId account, Digest slot, BlockTag block = default) =>
        new("eth_getStorageAt", ["0x" + account, QuantityConverter.Text(new BigInteger(slot.ToBytes(), isUnsigned: true, isBigEndian: true)), block.ToJson()], e => Digest.FromBytes(Bytes(e).Span));

    /// <summary>Sends a transaction. Sending the same one twice does no more than sending it once, but the second time nodes answer with an error.</summary>
    public static RpcCall<Digest> SendRawTransaction(SignedTransaction transaction) =>
        new("eth_sendRawTransaction", [Hex.Of(transaction.ToBytes())], e => Digest.TryParse(e.GetString(), out Digest hash) && hash == transaction.Hash ? hash : throw Fault("the node gives a transaction another hash."));

    private static BlockHeader? Header(JsonElement element, BlockTag wanted)
    {
        if (Optional(element, RpcJson.Default.BlockHeader) is not { } header)
        {
            return null;
        }

        return (wanted.IsHash && wanted.ToString() != "0x" + header.Hash)
            || (!wanted.IsHash && wanted.ToString().StartsWith("0x", StringComparison.Ordinal) && wanted.ToString() != QuantityConverter.Text(header.Number))
            ? throw Fault("a block is not the one that was asked for.")
            : header.Verified();
    }

    private static ImmutableArray<EthereumLog> CheckLogs(EthereumLog[] logs, Func<EthereumLog, bool> isAskedFor) =>
        logs.All(l => isAskedFor(l) && !l.Removed && !l.Topics.IsDefault && l.Topics.Length <= 4) ? [.. logs] : throw Fault("a log is of a block that was not asked for.");

    private static ulong UInt64(JsonElement element) =>
        Quantity(element) is var number && number <= ulong.MaxValue ? (ulong)number : throw Fault("a quantity has more than 64 bits.");

    private static BigInteger Quantity(JsonElement element) =>
        element.ValueKind == JsonValueKind.String && QuantityConverter.TryRead(element.GetString(), out BigInteger number) ? number : throw Fault("a quantity is not hexadecimal.");

    private static AbiBytes Bytes(JsonElement element) =>
        element.ValueKind == JsonValueKind.String && Hex.TryRead(element.GetString(), out byte[]? bytes) ? new AbiBytes(bytes) : throw Fault("bytes are not hexadecimal.");

    private static T Object<T>(JsonElement element, JsonTypeInfo<T> type)
        where T : class => Optional(element, type) ?? throw Fault("a result is missing.");

    private static T? Optional<T>(JsonElement element, JsonTypeInfo<T> type)
        where T : class => element.ValueKind == JsonValueKind.Null ? null : element.Deserialize(type);

    private static PhrDataException Fault(string detail) => new("json-rpc answer", PhrDataReason.Malformed, detail);
}
