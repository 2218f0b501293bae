using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>A transaction that was sent, with all its versions, until the chain has it for good.</summary>
internal sealed class PendingTransaction
{
    private readonly TaskCompletionSource<TransactionReceipt> _inclusion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TransactionReceipt> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<SignedTransaction> _versions = [];

    public PendingTransaction(SignedTransaction first, AbiErrorRegistry errors)
    {
        Nonce = first.Transaction.Nonce;
        Errors = errors;
        _versions.Add(first);

        // Nobody need wait for it; a failure that nobody sees is no error of the process.
        foreach (Task<TransactionReceipt> task in (Task<TransactionReceipt>[])[_inclusion.Task, _completion.Task])
        {
            _ = task.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
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
    /// The receipt when the transaction is in a block for the first time, which a re-organisation may still replace. Fails as <see cref="Completion"/> does, as soon as the first block shows it.
    /// </summary>
    public Task<TransactionReceipt> Inclusion => _inclusion.Task;

    /// <summary>
    /// The receipt when the transaction's block is final. Fails with <see cref="EthereumRevertException"/> when the contract refused it, and with <see cref="EthereumTransactionException"/> when it never got into the chain.
    /// </summary>
    public Task<TransactionReceipt> Completion => _completion.Task;

    public AbiErrorRegistry Errors { get; }

    /// <summary>Since when nothing but its own fees keeps it from a block, as a timestamp of the clock; null while others are before it.</summary>
    public long? WaitingSince { get; set; }

    /// <summary>The block that it was in at the last look; null while it is in none.</summary>
    public ulong? Block { get; set; }

    /// <summary>The chain's head when another transaction was first seen in its place; null while there is none.</summary>
    public ulong? DisplacedSince { get; set; }

    /// <summary>How often it was missing although another transaction in its place is final.</summary>
    public int TimesMissing { get; set; }

    public void Add(SignedTransaction version)
    {
        lock (_versions)
        {
            _versions.Add(version);
        }
    }

    /// <summary>Whether a transaction is one of the versions.</summary>
    public bool Has(Digest transaction) => Versions.Any(version => version.Hash == transaction);

    /// <summary>The transaction is in a block, and did what it should, or failed for a reason.</summary>
    public void Include(TransactionReceipt receipt, Exception? reason)
    {
        Block = receipt.BlockNumber;
        _ = reason is null ? _inclusion.TrySetResult(receipt) : _inclusion.TrySetException(reason);
    }

    public void Complete(TransactionReceipt receipt) => _completion.TrySetResult(receipt);

    public void Fail(Exception exception)
    {
        _inclusion.TrySetException(exception);
        _completion.TrySetException(exception);
    }
}
