using System.Numerics;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>Sends calls of the ledger in transactions of one account, and sees them into a block.</summary>
internal sealed class CallCarrier(EthereumRpc rpc, SecretKey key, ulong chainId, AbiErrorRegistry errors, TimeSpan pollInterval, TimeProvider clock) : IAsyncDisposable
{
    private readonly TransactionSender _sender = new(rpc, key, chainId, new EthereumSenderOptions { PollInterval = pollInterval }, journal: null, clock);

    /// <summary>The account that pays.</summary>
    public ActorId Account => _sender.Account;

    /// <summary>Sends a call, or deploys a contract when no address is given.</summary>
    /// <returns>The receipt of a transaction that succeeded.</returns>
    /// <exception cref="EthereumRevertException">The contract refused it, before it was sent or when it was mined.</exception>
    public async Task<TransactionReceipt> SendAsync(ActorId? to, ReadOnlyMemory<byte> data, BigInteger value, CancellationToken ct) => await _sender.SendAsync(
        new TransactionRequest { To = to, Data = new AbiBytes(data.Span), Value = value, Errors = errors, GasLimit = await EstimateAsync(to, data, value, ct) }, ct);

    public ValueTask DisposeAsync() => _sender.DisposeAsync();

    /// <summary>
    /// The gas with a quarter for what may change meanwhile, as of the block to come: the ledger's rules ask for the time, and the last block's may be long ago. Null where the node knows no such
    /// block: the sender then estimates by the last one.
    /// </summary>
    private async Task<ulong?> EstimateAsync(ActorId? to, ReadOnlyMemory<byte> data, BigInteger value, CancellationToken ct)
    {
        try
        {
            ulong gas = await rpc.SendAsync(EthereumCalls.EstimateGas(new CallRequest { From = _sender.Account, To = to, Data = new AbiBytes(data.Span), Value = value }, BlockTag.Pending), ct);
            return Math.Min(gas + (gas / 4), TransactionSender.MaxGas);
        }
        catch (JsonRpcException e)
        {
            return EthereumRpc.RevertOf(e, errors) is { } revert ? throw revert : null;
        }
    }
}
