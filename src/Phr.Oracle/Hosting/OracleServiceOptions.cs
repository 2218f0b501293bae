namespace Phr.Oracle;

/// <summary>How an oracle runs as a service.</summary>
/// <remarks>Read from configuration by <see cref="OracleServiceCollectionExtensions.AddPhrOracle(Microsoft.Extensions.DependencyInjection.IServiceCollection, Microsoft.Extensions.Configuration.IConfiguration)"/>; each property has the name of its key. Checked when the host starts, all faults at once. Immutable and thread safe. See docs/operations/oracle.md.</remarks>
public sealed record OracleServiceOptions
{
    /// <summary>The process's name among those that serve the same oracle.</summary>
    /// <value>1 to 40 characters of <c>a-z</c>, <c>0-9</c> and <c>-</c>; default <c>main</c>. No two running processes of one oracle may have the same.</value>
    public string Process { get; init; } = "main";

    /// <summary>The folder with the oracle's secrets, shared by all of its processes: envelope keys, and deliveries that can still be asked for.</summary>
    /// <value>Default: null, which only an embedded ledger allows: a folder beside it.</value>
    public string? Secrets { get; init; }

    /// <summary>The folder for what this process alone remembers: the last head of the ledger, what it read of a chain. May be lost.</summary>
    /// <value>Default: null, which only an embedded ledger allows: a folder beside it. No two processes share one.</value>
    public string? State { get; init; }

    /// <summary>Where the oracle's keys are.</summary>
    public OracleKeyOptions Key { get; init; } = new();

    /// <summary>The folders with content objects, for <see cref="OracleBuilder.UseDirectoryStore"/>.</summary>
    public OracleStoreOptions Store { get; init; } = new();

    /// <summary>How the worker works.</summary>
    public OracleOptions Worker { get; init; } = new();

    /// <summary>How jobs are kept and divided.</summary>
    public OracleJobOptions Jobs { get; init; } = new();

    /// <summary>How much one requester is served.</summary>
    public RequesterLimit Requesters { get; init; } = new();

    /// <summary>How IPFS nodes are reached, for <see cref="OracleBuilder.UseIpfsStore"/>.</summary>
    /// <value>Default: null.</value>
    public OracleIpfsOptions? Ipfs { get; init; }

    /// <summary>How a ledger on Ethereum is reached, for <see cref="OracleBuilder.UseEthereumLedger"/>.</summary>
    /// <value>Default: null.</value>
    public OracleEthereumOptions? Ethereum { get; init; }
}
