namespace Phr.Records;

/// <summary>One thing that de-identification did.</summary>
/// <remarks>Immutable; safe for use by several threads. Never has the value.</remarks>
public sealed record DicomChange
{
    /// <summary>The element.</summary>
    public required DicomTag Tag { get; init; }

    /// <summary>How many sequences it lies in; 0 for an element of the file itself.</summary>
    public required int Depth { get; init; }

    /// <summary>What was done.</summary>
    public required DicomChangeKind Kind { get; init; }
}
