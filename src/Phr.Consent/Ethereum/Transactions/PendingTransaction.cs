using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>A transaction that was sent, with all its versions, until the chain has it for good.</summary>
internal sealed class PendingTransaction
{
    private readonly TaskCompletionSource<TransactionReceipt> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<SignedTransaction> _versions = [];

    public PendingTransaction(SignedTransaction first, AbiErrorRegistry errors)
    {
        Nonce = first.Transaction.Nonce;
        Errors = errors;
        _versions.Add(first);

        // Nobody need wait for it; a failure that nobody sees is no error of the process.
        _ = _completion.Task.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public ulong Nonce { get; }

    /// <summary>The newest version: the one with the highest fees.</summary>
    public SignedTransaction Newest
    {
        get
        {
            lock (_versions)
            {
                return _versions[^1];
            }
        }
    }

    /// <summary>All versions, the oldest first. One of them at most gets into the chain.</summary>
    public IReadOnlyList<SignedTransaction> Versions
    {
        get
        {
            lock (_versions)
            {
                return [.. _versions];
            }
        }
    }

    /// <summary>
    /// The receipt when the transaction has its confirmations. Fails with <see cref="EthereumRevertException"/> when the contract refused it, and with <see cref="EthereumTransactionException"/> when it never got into the chain.
    /// </summary>
    public Task<TransactionReceipt> Completion => _completion.Task;

    public AbiErrorRegistry Errors { get; }

    /// <summary>Since when nothing but its own fees keeps it from a block, as a timestamp of the clock; null while others are before it.</summary>
    public long? WaitingSince { get; set; }

    /// <summary>How often it was missing although its nonce is used.</summary>
    public int TimesMissing { get; set; }

    public void Add(SignedTransaction version)
    {
        lock (_versions)
        {
            _versions.Add(version);
        }
    }

    public void Complete(TransactionReceipt receipt) => _completion.TrySetResult(receipt);

    public void Fail(Exception exception) => _completion.TrySetException(exception);
}
