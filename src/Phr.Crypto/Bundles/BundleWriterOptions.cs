namespace Phr.Crypto;

/// <summary>What a <see cref="BundleWriter"/> may be told.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class BundleWriterOptions
{
    /// <summary>The clock for the header's time.</summary>
    /// <value><see cref="TimeProvider.System"/> unless said.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The id of a new bundle. A revision keeps its bundle's id and does not look at this.</summary>
    /// <value>Null, which draws a random one, unless said. Say one only when something else was bound to a random id already.</value>
    public BundleId? BundleId { get; init; }
}
