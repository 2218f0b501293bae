namespace Phr.Crypto;

/// <summary>What a <see cref="BundleWriter"/> may be told.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class BundleWriterOptions
{
    /// <summary>The most cores that sealing can be told to use: 64.</summary>
    public const int MaxParallelism = 64;

    private readonly int _parallelism = 1;

    /// <summary>The clock for the header's time.</summary>
    /// <value><see cref="TimeProvider.System"/> unless said.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The id of a new bundle. A revision keeps its bundle's id and does not look at this.</summary>
    /// <value>Null, which draws a random one, unless said. Say one only when something else was bound to a random id already.</value>
    public BundleId? BundleId { get; init; }

    /// <summary>How many cores the sealing of one document may use at once. The bundle is the same, byte for byte, whatever is chosen.</summary>
    /// <value>1 to <see cref="MaxParallelism"/>; 1 unless said, which does everything on the caller's path.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside the range.</exception>
    /// <remarks>
    /// Worth it from some MiB on. Two SHA-256, over the content and over the ciphertext, each run on one core at a time, so more than three cores give
    /// nothing. With more than 1, the sink is called, and progress told, from other threads than the caller's, though never twice at once. Memory: 1 MiB for each, and 2 more.
    /// </remarks>
    public int Parallelism
    {
        get => _parallelism;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxParallelism);
            _parallelism = value;
        }
    }
}
