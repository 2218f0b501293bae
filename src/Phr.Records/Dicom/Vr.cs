namespace Phr.Records.Dicom;

/// <summary>What the format needs to know of a value representation.</summary>
internal static class Vr
{
    private static readonly Dictionary<ushort, DicomVr> ByCode = Enum.GetValues<DicomVr>().ToDictionary(Code);

    /// <summary>The two letters as a little-endian number.</summary>
    public static ushort Code(DicomVr vr)
    {
        string name = vr.ToString();
        return (ushort)(name[0] | (name[1] << 8));
    }

    /// <summary>The representation of two letters; null when there is none.</summary>
    public static DicomVr? Find(byte first, byte second) => ByCode.TryGetValue((ushort)(first | (second << 8)), out DicomVr vr) ? vr : null;

    /// <summary>Whether the length takes four bytes, after two reserved ones.</summary>
    public static bool HasLongLength(DicomVr vr) =>
        vr is DicomVr.OB or DicomVr.OD or DicomVr.OF or DicomVr.OL or DicomVr.OV or DicomVr.OW or DicomVr.SQ or DicomVr.SV or DicomVr.UC or DicomVr.UN or DicomVr.UR or DicomVr.UT or DicomVr.UV;

    /// <summary>The bytes of one number; 1 for bytes and text. What changes its order between the two byte orders.</summary>
    public static int Unit(DicomVr vr) => vr switch
    {
        DicomVr.AT or DicomVr.OW or DicomVr.SS or DicomVr.US => 2,
        DicomVr.FL or DicomVr.OF or DicomVr.OL or DicomVr.SL or DicomVr.UL => 4,
        DicomVr.FD or DicomVr.OD or DicomVr.OV or DicomVr.SV or DicomVr.UV => 8,
        _ => 1,
    };

    public static bool IsText(DicomVr vr) =>
        vr is DicomVr.AE or DicomVr.AS or DicomVr.CS or DicomVr.DA or DicomVr.DS or DicomVr.DT or DicomVr.IS or DicomVr.LO or DicomVr.LT or DicomVr.PN
            or DicomVr.SH or DicomVr.ST or DicomVr.TM or DicomVr.UC or DicomVr.UI or DicomVr.UR or DicomVr.UT;

    /// <summary>Whether the file's character set applies; the other texts are ASCII.</summary>
    public static bool IsLocalText(DicomVr vr) =>
        vr is DicomVr.LO or DicomVr.LT or DicomVr.PN or DicomVr.SH or DicomVr.ST or DicomVr.UC or DicomVr.UT;

    /// <summary>Whether a backslash is a backslash, and not the end of one value of several.</summary>
    public static bool IsOneText(DicomVr vr) => vr is DicomVr.LT or DicomVr.ST or DicomVr.UR or DicomVr.UT;
}
