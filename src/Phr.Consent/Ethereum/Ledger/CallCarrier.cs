using System.Numerics;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>Sends calls of the ledger in transactions of one account, and sees them into a final block.</summary>
/// <param name="rpc">The nodes; the caller disposes it.</param>
/// <param name="key">The account's key; the caller disposes it, after the carrier.</param>
/// <param name="chainId">The chain.</param>
/// <param name="errors">How a refusal is named.</param>
/// <param name="options">Fees and waits.</param>
/// <param name="journalFolder">Where transactions that are on their way are kept over a restart, each account's in a folder of its own; null to forget them.</param>
/// <param name="clock">The clock of the waits.</param>
internal sealed class CallCarrier(EthereumRpc rpc, SecretKey key, ulong chainId, AbiErrorRegistry errors, EthereumSenderOptions options, string? journalFolder, TimeProvider clock) : IAsyncDisposable
{
    private readonly TransactionSender _sender = new(
        rpc, key, chainId, options, journalFolder is null ? null : new TransactionJournal(Path.Combine(journalFolder, ActorId.FromPublicKey(key.PublicKey).ToString())), clock);

    /// <summary>The account that pays.</summary>
    public ActorId Account => _sender.Account;

    /// <summary>Goes on with what the journal holds.</summary>
    public Task ResumeAsync(CancellationToken ct) => _sender.ResumeJournalAsync(ct);

    /// <summary>Waits until everything that was sent before, by an earlier client too, is in a block or given up.</summary>
    public async Task CatchUpAsync(CancellationToken ct)
    {
        await ResumeAsync(ct);
        await Task.WhenAll(_sender.Pending.Select(pending => pending.Inclusion.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default))).WaitAsync(ct);
    }

    /// <summary>Sends a call, or deploys a contract when no address is given, and waits until its block is final.</summary>
    /// <returns>The receipt of a transaction that succeeded.</returns>
    /// <exception cref="EthereumRevertException">The contract refused it, before it was sent or when it was mined.</exception>
    public async Task<TransactionReceipt> SendAsync(ActorId? to, ReadOnlyMemory<byte> data, BigInteger value, CancellationToken ct) =>
        await (await StartAsync(to, data, value, ct)).Completion.WaitAsync(ct);

    /// <summary>Sends a call.</summary>
    /// <returns>The transaction on its way.</returns>
    /// <exception cref="EthereumRevertException">The contract refuses it, and nothing was sent.</exception>
    public async Task<PendingTransaction> StartAsync(ActorId? to, ReadOnlyMemory<byte> data, BigInteger value, CancellationToken ct) => await _sender.StartAsync(
        new TransactionRequest { To = to, Data = new AbiBytes(data.Span), Value = value, Errors = errors, GasLimit = await EstimateAsync(to, data, value, ct) }, ct);

    public ValueTask DisposeAsync() => _sender.DisposeAsync();

    /// <summary>
    /// The gas with a margin for what may change meanwhile, as of the block to come: the ledger's rules ask for the time, and the last block's may be long ago. Null where the node knows no such
    /// block: the sender then estimates by the last one.
    /// </summary>
    private async Task<ulong?> EstimateAsync(ActorId? to, ReadOnlyMemory<byte> data, BigInteger value, CancellationToken ct)
    {
        try
        {
            ulong gas = await rpc.SendAsync(EthereumCalls.EstimateGas(new CallRequest { From = _sender.Account, To = to, Data = new AbiBytes(data.Span), Value = value }, BlockTag.Pending), ct);
            return Math.Min(gas + (gas * (ulong)options.GasMarginPercent / 100), TransactionSender.MaxGas);
        }
        catch (JsonRpcException e)
        {
            return EthereumRpc.RevertOf(e, errors) is { } revert ? throw revert : null;
        }
    }
}
