namespace Phr.Records;

/// <summary>How much of a DICOM file is read.</summary>
public enum DicomExtent
{
    /// <summary>The whole file.</summary>
    Everything = 0,
    /// <summary>The elements before the picture. A stream is not read further than a little beyond them.</summary>
    BeforePixels,
}
