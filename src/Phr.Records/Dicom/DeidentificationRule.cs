namespace Phr.Records.Dicom;

/// <summary>What becomes of an element.</summary>
internal enum DeidentificationRule
{
    Remove,
    Keep,
    Empty,
    Pseudonym,
    Rename,
    Enter,
}
