namespace Phr.Records;

/// <summary>How far a DICOM file is read, and what is too much. The defaults suit every picture that a hospital makes in one file.</summary>
public sealed class DicomReadOptions
{
    /// <summary>The longest file, in bytes, and the longest that a deflated one may become.</summary>
    /// <value>512 MiB unless set; from 1 to 2,147,483,591 (the longest array).</value>
    public int MaxLength { get; init; } = 512 << 20;

    /// <summary>How deep sequences may lie in each other.</summary>
    /// <value>24 unless set; from 0 to 100.</value>
    public int MaxDepth { get; init; } = 24;

    /// <summary>How many elements, items and fragments a file may have together.</summary>
    /// <value>500,000 unless set; at least 1.</value>
    public int MaxElements { get; init; } = 500_000;

    /// <summary>How many pixels one frame may have.</summary>
    /// <value>128 Mi unless set; at least 1.</value>
    public int MaxFramePixels { get; init; } = 128 << 20;

    /// <summary>How much of the file is read.</summary>
    /// <value><see cref="DicomExtent.Everything"/> unless set.</value>
    public DicomExtent Extent { get; init; }

    internal static DicomReadOptions Default { get; } = new();

    internal DicomReadOptions Checked()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxLength, 1, nameof(MaxLength));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxLength, Array.MaxLength, nameof(MaxLength));
        ArgumentOutOfRangeException.ThrowIfNegative(MaxDepth, nameof(MaxDepth));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxDepth, 100, nameof(MaxDepth));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxElements, 1, nameof(MaxElements));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxFramePixels, 1, nameof(MaxFramePixels));
        return this;
    }
}
