namespace Phr.Oracle;

/// <summary>How an oracle reaches content stores on IPFS nodes.</summary>
/// <remarks>Immutable and thread safe. The bounds are those of <see cref="Phr.Storage.IpfsContentStoreOptions"/>.</remarks>
public sealed record OracleIpfsOptions
{
    /// <summary>Nodes with Kubo's RPC interface, the preferred one first; deliveries are kept by these. At least one. A node of the parties' own swarm: what lies in the exchange is not for the public.</summary>
    public IReadOnlyList<Uri> Nodes { get; init; } = [];

    /// <summary>Trustless gateways to read from when the nodes do not have something.</summary>
    /// <value>Default: none. Together with the nodes at most 10.</value>
    public IReadOnlyList<Uri> Gateways { get; init; } = [];

    /// <summary>The file whose first line is the credential for the nodes, as it stands in the header <c>Authorization</c>: a scheme and what it takes, <c>Bearer …</c> or <c>Basic …</c>. Read when the service starts. It is sent to the nodes and never to gateways.</summary>
    /// <value>Default: null, for none. The credential itself is never an option; keep the file readable by the service alone.</value>
    public string? CredentialFile { get; init; }

    /// <summary>On how many nodes an object is to be kept.</summary>
    /// <value>From 1 to the number of nodes; default 1.</value>
    public int Replicas { get; init; } = 1;

    /// <summary>On how many nodes an object must be kept for a delivery to go on.</summary>
    /// <value>From 1 to <see cref="Replicas"/>; default 1.</value>
    public int RequiredReplicas { get; init; } = 1;

    /// <summary>How long a node is left to find a block.</summary>
    /// <value>50 milliseconds to 1 hour; default 10 seconds.</value>
    public TimeSpan LookupTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long any other answer may take to begin, and each block to arrive.</summary>
    /// <value>50 milliseconds to 1 hour; default 30 seconds.</value>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
