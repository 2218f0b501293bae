namespace Phr.Records;

/// <summary>What de-identification did to an element.</summary>
public enum DicomChangeKind
{
    /// <summary>It is gone.</summary>
    Removed = 0,
    /// <summary>It is there, without a value, since files of its kind must have it.</summary>
    Emptied,
    /// <summary>It has the pseudonym.</summary>
    Replaced,
    /// <summary>It is an identifier that was exchanged for another, the same one for the same under one key.</summary>
    Renamed,
}
