namespace Phr.Records;

/// <summary>What is too large for a PNG or JPEG picture. A browser needs four bytes for each pixel.</summary>
public sealed class ImageLimits
{
    /// <summary>The most pixels on a side.</summary>
    /// <value>32,768 unless set; at least 1.</value>
    public int MaxSide { get; init; } = 32_768;

    /// <summary>The most pixels in all.</summary>
    /// <value>100,000,000 unless set; at least 1.</value>
    public long MaxPixels { get; init; } = 100_000_000;

    internal static ImageLimits Default { get; } = new();

    internal ImageLimits Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxSide, 1, nameof(MaxSide));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPixels, 1, nameof(MaxPixels));
        return this;
    }
}
