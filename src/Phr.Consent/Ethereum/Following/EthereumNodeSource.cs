using System.Collections.Immutable;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>A contract's logs as nodes give them over JSON-RPC.</summary>
internal sealed class EthereumNodeSource(EthereumRpc rpc, ActorId contract, string name) : IChainSource
{
    private const ulong MaxTime = 253402300799;

    private readonly LogFilter _filter = new() { Addresses = [contract] };

    public string Name => name;

    public static FollowedBlock ToBlock(BlockHeader header) => header.Timestamp <= MaxTime
        ? new FollowedBlock(header.Number, header.Hash, header.ParentHash, header.Time, header.MixHash)
        : throw new PhrDataException("block header", PhrDataReason.OutOfRange, "the block's time is after the year 9999.");

    public async Task<FollowedBlock> GetHeadAsync(CancellationToken ct) =>
        ToBlock(await rpc.GetBlockAsync(BlockTag.Latest, ct) ?? throw new PhrDataException("block header", PhrDataReason.NotFound, $"{name} knows no block."));

    public async Task<FollowedBlock?> FindBlockAsync(ulong number, CancellationToken ct) => ToBlockOrNull(await rpc.GetBlockAsync(BlockTag.Number(number), ct));

    public async Task<FollowedBlock?> FindBlockAsync(Digest hash, CancellationToken ct) => ToBlockOrNull(await rpc.GetBlockAsync(BlockTag.Hash(hash), ct));

    public async Task<FollowedBlock?> FindFinalBlockAsync(FinalityKind kind, CancellationToken ct) =>
        ToBlockOrNull(await rpc.GetBlockAsync(kind == FinalityKind.Safe ? BlockTag.Safe : BlockTag.Finalized, ct));

    public async Task<IReadOnlyList<FollowedLog>?> FindLogsAsync(Digest blockHash, CancellationToken ct)
    {
        // Some nodes have an error for a block that they do not know, some no logs. Asked together, one node says both: the logs, and whether it has the block.
        (RpcResult<object?> logs, BlockHeader? block) = await AskTogetherAsync(EthereumCalls.Logs(_filter, blockHash), BlockTag.Hash(blockHash), ct);
        return block is null ? null : Convert((ImmutableArray<EthereumLog>)logs.Value!);
    }

    public async Task<IReadOnlyList<FollowedLog>?> FindLogsAsync(ulong first, FollowedBlock last, CancellationToken ct)
    {
        try
        {
            // A node that lags behind gives what it has of a range without a word.
            (RpcResult<object?> logs, BlockHeader? block) = await AskTogetherAsync(EthereumCalls.Logs(_filter, first, last.Number), BlockTag.Number(last.Number), ct);
            return block?.Hash == last.Hash ? Convert((ImmutableArray<EthereumLog>)logs.Value!) : null;
        }
        catch (Exception e) when (first < last.Number && e is JsonRpcException or EthereumUnavailableException)
        {
            // Too many results, too long an answer, too much time: nodes do not agree on how they say it. A smaller range shows whether it was that, if the node is there at all.
            await rpc.GetBlockNumberAsync(ct);
            return null;
        }
    }

    public async Task<IReadOnlyList<FollowedTransaction?>> FindTransactionsAsync(IReadOnlyList<Digest> hashes, CancellationToken ct)
    {
        IReadOnlyList<RpcResult<MinedTransaction?>> results = await rpc.SendBatchAsync([.. hashes.Select(EthereumCalls.Transaction)], ct);
        return [.. results.Select(result => result.Value is { IsPending: false } t ? new FollowedTransaction(t.Hash, t.From, t.To, t.Input.ToArray()) : null)];
    }

    private async Task<(RpcResult<object?> Logs, BlockHeader? Block)> AskTogetherAsync(RpcCall<ImmutableArray<EthereumLog>> logs, BlockTag tag, CancellationToken ct)
    {
        RpcCall<BlockHeader?> block = EthereumCalls.Block(tag);
        IReadOnlyList<RpcResult<object?>> results = await rpc.SendBatchAsync<object?>(
            [new RpcCall<object?>(logs.Method, logs.Parameters, e => logs.Read(e)), new RpcCall<object?>(block.Method, block.Parameters, block.Read)], ct);
        return (results[0], (BlockHeader?)results[1].Value);
    }

    private static FollowedBlock? ToBlockOrNull(BlockHeader? header) => header is null ? null : ToBlock(header);

    private FollowedLog[] Convert(ImmutableArray<EthereumLog> logs) => [.. logs.Select(log => log.Address == contract
        ? new FollowedLog(log.BlockNumber, log.BlockHash, checked((int)log.LogIndex), log.TransactionHash, log.Topics, log.Data.ToArray())
        : throw new PhrDataException("contract log", PhrDataReason.Mismatched, $"{name} gave a log of another contract."))];
}
