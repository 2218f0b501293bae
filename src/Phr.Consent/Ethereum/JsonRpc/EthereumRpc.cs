using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>What Ethereum nodes are asked, over <see cref="JsonRpcClient"/>.</summary>
/// <remarks>
/// Methods throw <see cref="JsonRpcException"/> when a node answers with an error, <see cref="EthereumUnavailableException"/> when none gives a usable answer, and <see cref="EthereumRevertException"/> when a contract refuses.
/// Headers have the hash that they are given under. Thread safe.
/// </remarks>
internal sealed class EthereumRpc : IDisposable
{
    private readonly JsonRpcClient _client;

    public EthereumRpc(EthereumRpcOptions options, TimeProvider? clock = null, HttpMessageHandler? handler = null) => _client = new JsonRpcClient(options, clock, handler);

    public Task<T> SendAsync<T>(RpcCall<T> call, CancellationToken cancellationToken) => _client.SendAsync(call, cancellationToken);

    public Task<IReadOnlyList<RpcResult<T>>> SendBatchAsync<T>(IReadOnlyList<RpcCall<T>> calls, CancellationToken cancellationToken) => _client.SendBatchAsync(calls, cancellationToken);

    public Task<ulong> GetChainIdAsync(CancellationToken cancellationToken) => SendAsync(EthereumCalls.ChainId(), cancellationToken);

    public Task<ulong> GetBlockNumberAsync(CancellationToken cancellationToken) => SendAsync(EthereumCalls.BlockNumber(), cancellationToken);

    public Task<BlockHeader?> GetBlockAsync(BlockTag block, CancellationToken cancellationToken) => SendAsync(EthereumCalls.Block(block), cancellationToken);

    /// <summary>The headers of a range of blocks; shorter than the range when the node does not have all.</summary>
    public async Task<ImmutableArray<BlockHeader>> GetBlocksAsync(ulong first, int count, CancellationToken cancellationToken)
    {
        IReadOnlyList<RpcResult<BlockHeader?>> results = await SendBatchAsync([.. Enumerable.Range(0, count).Select(i => EthereumCalls.Block(BlockTag.Number(first + (ulong)i)))], cancellationToken);
        return [.. results.Select(r => r.Value).TakeWhile(b => b is not null).Select(b => b!)];
    }

    public Task<ImmutableArray<EthereumLog>> GetLogsAsync(LogFilter filter, Digest blockHash, CancellationToken cancellationToken) => SendAsync(EthereumCalls.Logs(filter, blockHash), cancellationToken);

    public Task<ImmutableArray<EthereumLog>> GetLogsAsync(LogFilter filter, ulong first, ulong last, CancellationToken cancellationToken) => SendAsync(EthereumCalls.Logs(filter, first, last), cancellationToken);

    public Task<TransactionReceipt?> GetReceiptAsync(Digest transaction, CancellationToken cancellationToken) => SendAsync(EthereumCalls.Receipt(transaction), cancellationToken);

    public Task<MinedTransaction?> GetTransactionAsync(Digest transaction, CancellationToken cancellationToken) => SendAsync(EthereumCalls.Transaction(transaction), cancellationToken);

    public Task<ulong> GetTransactionCountAsync(ActorId account, BlockTag block, CancellationToken cancellationToken) => SendAsync(EthereumCalls.TransactionCount(account, block), cancellationToken);

    public Task<BigInteger> GetBalanceAsync(ActorId account, BlockTag block, CancellationToken cancellationToken) => SendAsync(EthereumCalls.Balance(account, block), cancellationToken);

    public Task<AbiBytes> GetCodeAsync(ActorId account, BlockTag block, CancellationToken cancellationToken) => SendAsync(EthereumCalls.Code(account, block), cancellationToken);

    public Task<Digest> GetStorageAsync(ActorId account, Digest slot, BlockTag block, CancellationToken cancellationToken) => SendAsync(EthereumCalls.StorageAt(account, slot, block), cancellationToken);

    public Task<FeeHistory> GetFeeHistoryAsync(int blockCount, double percentile, CancellationToken cancellationToken) => SendAsync(EthereumCalls.FeeHistory(blockCount, BlockTag.Latest, percentile), cancellationToken);

    /// <summary>Carries a call out without changing anything.</summary>
    public async Task<AbiBytes> CallAsync(CallRequest request, BlockTag block, AbiErrorRegistry errors, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(EthereumCalls.Call(request, block), cancellationToken);
        }
        catch (JsonRpcException e) when (RevertOf(e, errors) is { } revert)
        {
            throw revert;
        }
    }

    /// <summary>Calls a function of a contract and reads what it returns.</summary>
    public async Task<TResult> CallAsync<TFunction, TResult>(ActorId contract, IAbiFunction<TFunction, TResult> call, BlockTag block, AbiErrorRegistry errors, CancellationToken cancellationToken)
        where TFunction : IAbiFunction<TFunction, TResult>
    {
        ArgumentNullException.ThrowIfNull(call);
        AbiBytes result = await CallAsync(new CallRequest { To = contract, Data = new AbiBytes(call.Function.EncodeCall(call.ToArguments())) }, block, errors, cancellationToken);
        return TFunction.FromResult(call.Function.DecodeResult(result.Span));
    }

    public async Task<ulong> EstimateGasAsync(CallRequest request, AbiErrorRegistry errors, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(EthereumCalls.EstimateGas(request), cancellationToken);
        }
        catch (JsonRpcException e) when (RevertOf(e, errors) is { } revert)
        {
            throw revert;
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>The contract's refusal in a node's error; null when the error is something else.</summary>
    internal static EthereumRevertException? RevertOf(JsonRpcException error, AbiErrorRegistry errors, Digest? transaction = null)
    {
        byte[]? data = RevertData(error.ErrorData);
        return data is { Length: > 0 } || error.Code == 3 || error.NodeMessage.Contains("revert", StringComparison.OrdinalIgnoreCase)
            ? errors.Explain(data ?? [], transaction, error)
            : null;
    }

    // Nodes give the data as a hexadecimal text, or as an object with such a text in "data".
    private static byte[]? RevertData(string? json)
    {
        if (json is null)
        {
            return null;
        }

        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement element = document.RootElement;
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("data", out JsonElement inner))
        {
            element = inner;
        }

        return element.ValueKind == JsonValueKind.String && Hex.TryRead(element.GetString(), out byte[]? bytes) ? bytes : null;
    }
}
