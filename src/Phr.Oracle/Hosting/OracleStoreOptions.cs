namespace Phr.Oracle;

/// <summary>Folders with content objects.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record OracleStoreOptions
{
    /// <summary>The folder with sealed documents. An oracle reads nothing there.</summary>
    /// <value>Default: null, for the same folder as <see cref="Exchange"/>.</value>
    public string? Records { get; init; }

    /// <summary>The folder in which the parties exchange headers, dealings, approvals, envelopes and deliveries.</summary>
    /// <value>Default: null.</value>
    public string? Exchange { get; init; }
}
