using Phr.Consent;

namespace Phr.Oracle;

/// <summary>How an oracle reaches a ledger on Ethereum.</summary>
/// <remarks>Immutable and thread safe. Addresses of nodes may hold access keys: no log of this library shows them.</remarks>
public sealed record OracleEthereumOptions
{
    /// <summary>The ledger's address file, as <see cref="EthereumDeployment"/> reads it.</summary>
    public string? Deployment { get; init; }

    /// <summary>The nodes' JSON-RPC addresses, the preferred one first; 1 to 16.</summary>
    public IReadOnlyList<Uri> Nodes { get; init; } = [];

    /// <summary>Further nodes, run by others, that must agree on every final block.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<Uri> Witnesses { get; init; } = [];

    /// <summary>The key file, and passphrase, of the account that pays for transactions.</summary>
    /// <value>Default: null, for the oracle's own ledger key. Each process of an oracle wants an account of its own.</value>
    public OracleKeyOptions? Payer { get; init; }

    /// <summary>When a block is final. In configuration: <c>finalized</c>, <c>safe</c>, <c>head</c>, or a number of blocks.</summary>
    /// <value>Default: when the network says so.</value>
    public EthereumFinality Finality { get; init; } = EthereumFinality.Finalized;

    /// <summary>How often the chain is looked at.</summary>
    /// <value>Above zero; default 2 seconds.</value>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one question to one node may take.</summary>
    /// <value>Above zero, at most 1 hour; default 10 seconds.</value>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How old the chain's head may be.</summary>
    /// <value>Above zero; default 5 minutes. Null for development nodes, which make blocks only when there is something in them; in configuration <c>none</c>.</value>
    public TimeSpan? MaxHeadAge { get; init; } = TimeSpan.FromMinutes(5);
}
