using Phr.Records;

namespace Phr.Samples.Portal;

/// <summary>What a page shows about a scan beside its picture.</summary>
/// <param name="Title">The document's title.</param>
/// <param name="IsDicom">Whether frames are drawn from DICOM; else the file is the picture.</param>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Frames">How many frames there are; at least 1.</param>
public sealed record ScanView(string Title, bool IsDicom, int Width, int Height, int Frames)
{
    /// <summary>The scan before this one among the appointment's documents; null for the first.</summary>
    public int? Previous { get; init; }

    /// <summary>The scan after this one; null for the last.</summary>
    public int? Next { get; init; }

    /// <summary>The window that is shown; null for a picture that has none.</summary>
    public DicomWindow? Window { get; init; }

    /// <summary>The windows to choose from: what the file proposes, and the full range.</summary>
    public IReadOnlyList<DicomWindow> Windows { get; init; } = [];

    /// <summary>What the values are in; null when the file does not say.</summary>
    public string? Unit { get; init; }

    /// <summary>What the file says about itself.</summary>
    public IReadOnlyList<(string What, string Value)> Facts { get; init; } = [];
}
