using Phr.Storage;

namespace Phr.Oracle;

/// <summary>The two stores that an oracle works with.</summary>
/// <remarks>Immutable; as thread safe as its parts. The service disposes those that can be disposed.</remarks>
public sealed record OracleStores
{
    /// <summary>Where sealed documents lie. An oracle reads nothing there.</summary>
    public required IContentStore Records { get; init; }

    /// <summary>Where the parties exchange headers, dealings, approvals, envelopes and deliveries.</summary>
    public required IContentStore Exchange { get; init; }
}
