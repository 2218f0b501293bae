using Phr.Crypto;

namespace Phr.Consent;

/// <summary>How an <see cref="EthereumConsentLedger"/> is reached.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class EthereumLedgerOptions
{
    /// <summary>Which ledger it is, from its address file.</summary>
    public required EthereumDeployment Deployment { get; init; }

    /// <summary>The nodes that are asked, the preferred one first; when one fails the next takes its place.</summary>
    public required EthereumRpcOptions Nodes { get; init; }

    /// <summary>
    /// Further nodes, run by others, that are asked whether they know the same final block, and the same logs of the contract up to it. A block or logs that one of them has others in the place of are an error, and
    /// nothing is final without all of them.
    /// </summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<EthereumRpcOptions> Witnesses { get; init; } = [];

    /// <summary>The key that pays for transactions: it carries signed commands and has no other power. The caller disposes it after the ledger.</summary>
    /// <value>Default: null, for a client that only reads.</value>
    public SecretKey? Relayer { get; init; }

    /// <summary>How transactions are priced, and when one that waits is sent anew with higher fees.</summary>
    /// <value>Default: as <see cref="EthereumSenderOptions"/> says.</value>
    public EthereumSenderOptions Sending { get; init; } = new();

    /// <summary>
    /// The folder in which signed transactions are kept from before they are sent until their blocks are final, so that a client that starts again sends again what a re-organisation dropped meanwhile: the relayer's when it
    /// connects, another account's when that sends the next one. One process has it at a time. What is in it is public.
    /// </summary>
    /// <value>Default: null. What is on its way when the client ends is then left to the nodes.</value>
    public string? JournalPath { get; init; }

    /// <summary>The file in which the client remembers what it read, so that it need not begin anew. One process has it at a time.</summary>
    /// <value>Default: null, for memory alone.</value>
    public string? CachePath { get; init; }

    /// <summary>When a block is final.</summary>
    /// <value>Default: when the network says so.</value>
    public EthereumFinality Finality { get; init; } = EthereumFinality.Finalized;

    /// <summary>How far back a re-organisation of the chain is undone, in blocks; a deeper one is an error until <see cref="EthereumConsentLedger.RebuildAsync"/>.</summary>
    /// <value>Default: 4,096. From 16 to 1,000,000.</value>
    public int RetainedBlocks { get; init; } = 4096;

    /// <summary>How old the last look at the chain may be for a question; an older one is made anew first.</summary>
    /// <value>Default: 1 second. From zero, which looks before every answer.</value>
    public TimeSpan MaxStaleness { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a follower looks for new blocks, and a submitter for its receipt.</summary>
    /// <value>Default: 2 seconds. Above zero.</value>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How old the chain's head may be, by the clock: an older one is an error, because a node that stands still hides revocations.</summary>
    /// <value>Default: 5 minutes. Null for development nodes, which make blocks only when there is something in them.</value>
    public TimeSpan? MaxHeadAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether the node is asked to make a block (<c>evm_mine</c>) where one must be waited for. For development nodes, which make none of their own accord.</summary>
    /// <value>Default: no.</value>
    public bool MinesOnDemand { get; init; }

    /// <summary>Told what each transaction cost, once it is in a block.</summary>
    /// <value>Default: null, for nobody.</value>
    public IProgress<EthereumTransactionCost>? Costs { get; init; }

    /// <summary>The clock.</summary>
    /// <value>Default: the system's.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Whether the model decides before the contract is asked. Without it refusals come from the contract alone, for the comparison of the two.</summary>
    internal bool DecidesFirst { get; init; } = true;

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Deployment);
        ArgumentNullException.ThrowIfNull(Nodes);
        ArgumentNullException.ThrowIfNull(Witnesses);
        ArgumentNullException.ThrowIfNull(Sending);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        Nodes.Check();
        Sending.Check();
        foreach (EthereumRpcOptions witness in Witnesses)
        {
            witness.Check();
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(RetainedBlocks, 16, nameof(RetainedBlocks));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RetainedBlocks, 1_000_000, nameof(RetainedBlocks));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxStaleness, TimeSpan.Zero, nameof(MaxStaleness));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(PollInterval, TimeSpan.Zero, nameof(PollInterval));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MaxHeadAge ?? TimeSpan.MaxValue, TimeSpan.Zero, nameof(MaxHeadAge));
        if (Deployment.Parameters.FindFault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(Deployment));
        }
    }
}
