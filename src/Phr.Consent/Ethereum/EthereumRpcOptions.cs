namespace Phr.Consent;

/// <summary>How Ethereum nodes are asked.</summary>
/// <remarks>Immutable and thread safe. Addresses of nodes may hold access keys, so no message of this library shows more of them than host and port.</remarks>
public sealed record EthereumRpcOptions
{
    /// <summary>The nodes' JSON-RPC addresses, <c>http</c> or <c>https</c>, the preferred one first; 1 to 16. All must serve the same chain.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>How long one request to one node may take. Default 10 seconds.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a request that may be repeated is tried, over all nodes. 1 to 20, default 5.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>The wait before the second round over the nodes; it doubles, with jitter. Default 250 milliseconds. While a node that has not been tried is left there is no wait.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest wait between two tries, whatever a node asks for. Default 10 seconds.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a node that failed is passed over while another is left. Default 30 seconds.</summary>
    public TimeSpan CoolDown { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest answer that is read, in bytes. Default 32 MiB.</summary>
    public int MaxResponseLength { get; init; } = 32 * 1024 * 1024;

    /// <summary>The most calls that go into one request. 1 to 1,000, default 100.</summary>
    public int MaxBatchSize { get; init; } = 100;

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Endpoints);
        if (Endpoints.Count is < 1 or > 16 || Endpoints.Any(e => e is null || !e.IsAbsoluteUri || e.Scheme is not ("http" or "https")))
        {
            throw new ArgumentException("1 to 16 nodes are named, each by an absolute http or https address.", nameof(Endpoints));
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RequestTimeout, TimeSpan.Zero, nameof(RequestTimeout));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RequestTimeout, TimeSpan.FromHours(1), nameof(RequestTimeout));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxAttempts, 1, nameof(MaxAttempts));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxAttempts, 20, nameof(MaxAttempts));
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryDelay, TimeSpan.Zero, nameof(RetryDelay));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRetryDelay, RetryDelay, nameof(MaxRetryDelay));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxRetryDelay, TimeSpan.FromHours(1), nameof(MaxRetryDelay));
        ArgumentOutOfRangeException.ThrowIfLessThan(CoolDown, TimeSpan.Zero, nameof(CoolDown));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxResponseLength, 1024, nameof(MaxResponseLength));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatchSize, 1, nameof(MaxBatchSize));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxBatchSize, 1000, nameof(MaxBatchSize));
    }
}
