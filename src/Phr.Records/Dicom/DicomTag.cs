using System.Globalization;
using Phr.Records.Dicom;

namespace Phr.Records;

/// <summary>The name of a DICOM data element: its group and its number in the group (DICOM PS3.5, section 7.1).</summary>
/// <param name="Value">Group and element in one number: <c>0x0010_0010</c> is the patient's name, (0010,0010).</param>
/// <remarks>The default value is (0000,0000), which no file has. Safe for use by several threads.</remarks>
public readonly record struct DicomTag(uint Value) : IComparable<DicomTag>
{
    /// <summary>Specific Character Set (0008,0005): how text is written.</summary>
    public static DicomTag SpecificCharacterSet => new(0x0008_0005);

    /// <summary>SOP Class UID (0008,0016): what kind of object the file is.</summary>
    public static DicomTag SopClassUid => new(0x0008_0016);

    /// <summary>SOP Instance UID (0008,0018): which object the file is.</summary>
    public static DicomTag SopInstanceUid => new(0x0008_0018);

    /// <summary>Study Date (0008,0020).</summary>
    public static DicomTag StudyDate => new(0x0008_0020);

    /// <summary>Modality (0008,0060): <c>CT</c>, <c>MR</c>, <c>DX</c>.</summary>
    public static DicomTag Modality => new(0x0008_0060);

    /// <summary>Study Description (0008,1030).</summary>
    public static DicomTag StudyDescription => new(0x0008_1030);

    /// <summary>Series Description (0008,103E).</summary>
    public static DicomTag SeriesDescription => new(0x0008_103E);

    /// <summary>Patient's Name (0010,0010).</summary>
    public static DicomTag PatientName => new(0x0010_0010);

    /// <summary>Patient ID (0010,0020).</summary>
    public static DicomTag PatientId => new(0x0010_0020);

    /// <summary>Body Part Examined (0018,0015).</summary>
    public static DicomTag BodyPartExamined => new(0x0018_0015);

    /// <summary>Study Instance UID (0020,000D).</summary>
    public static DicomTag StudyInstanceUid => new(0x0020_000D);

    /// <summary>Series Instance UID (0020,000E).</summary>
    public static DicomTag SeriesInstanceUid => new(0x0020_000E);

    /// <summary>Instance Number (0020,0013): the place of the picture in its series.</summary>
    public static DicomTag InstanceNumber => new(0x0020_0013);

    /// <summary>Pixel Data (7FE0,0010).</summary>
    public static DicomTag PixelData => new(0x7FE0_0010);

    /// <summary>The group: the first four digits.</summary>
    public ushort Group => (ushort)(Value >> 16);

    /// <summary>The number in the group: the last four digits.</summary>
    public ushort Element => (ushort)(Value & 0xFFFF);

    /// <summary>Whether a manufacturer gave the element its meaning, and not the standard: the group is odd.</summary>
    public bool IsPrivate => (Group & 1) == 1;

    /// <summary>The name that PS3.6 gives the element, as one word (<c>PatientName</c>); null for private and unknown ones.</summary>
    public string? Keyword => DicomDictionary.Find(this)?.Keyword;

    internal bool IsPrivateCreator => IsPrivate && Element is >= 0x10 and <= 0xFF;

    /// <summary>The tag of a name of PS3.6.</summary>
    /// <param name="keyword">The name as one word, in its own capitals: <c>PatientName</c>.</param>
    /// <returns>The tag.</returns>
    /// <exception cref="ArgumentException">PS3.6 has no such name, or it is one for several elements.</exception>
    public static DicomTag FromKeyword(string keyword)
    {
        ArgumentNullException.ThrowIfNull(keyword);
        return DicomDictionary.TagOf(keyword) ?? throw new ArgumentException($"DICOM has no element that is called '{keyword}'.", nameof(keyword));
    }

    /// <summary>Compares by group, then by element: the order in a file.</summary>
    /// <param name="other">The other tag.</param>
    /// <returns>Below zero when this one comes first.</returns>
    public int CompareTo(DicomTag other) => Value.CompareTo(other.Value);

    /// <summary>Whether one tag comes before another in a file.</summary>
    /// <param name="left">The first.</param>
    /// <param name="right">The second.</param>
    /// <returns>Whether the first comes earlier.</returns>
    public static bool operator <(DicomTag left, DicomTag right) => left.Value < right.Value;

    /// <summary>Whether one tag comes after another in a file.</summary>
    /// <param name="left">The first.</param>
    /// <param name="right">The second.</param>
    /// <returns>Whether the first comes later.</returns>
    public static bool operator >(DicomTag left, DicomTag right) => left.Value > right.Value;

    /// <summary>Whether one tag comes before another in a file, or is the same.</summary>
    /// <param name="left">The first.</param>
    /// <param name="right">The second.</param>
    /// <returns>Whether the first comes no later.</returns>
    public static bool operator <=(DicomTag left, DicomTag right) => left.Value <= right.Value;

    /// <summary>Whether one tag comes after another in a file, or is the same.</summary>
    /// <param name="left">The first.</param>
    /// <param name="right">The second.</param>
    /// <returns>Whether the first comes no earlier.</returns>
    public static bool operator >=(DicomTag left, DicomTag right) => left.Value >= right.Value;

    /// <summary>The tag as the standard writes it: <c>(0010,0010)</c>.</summary>
    /// <returns>Eleven characters.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"({Group:X4},{Element:X4})");
}
