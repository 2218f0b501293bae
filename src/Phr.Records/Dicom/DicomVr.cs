namespace Phr.Records;

/// <summary>The value representations of DICOM: what the bytes of an element are (PS3.5, section 6.2).</summary>
public enum DicomVr
{
    /// <summary>Unknown: bytes that this reader does not interpret.</summary>
    UN = 0,
    /// <summary>Application entity: a name of a system.</summary>
    AE,
    /// <summary>Age: <c>042Y</c>.</summary>
    AS,
    /// <summary>Attribute tag.</summary>
    AT,
    /// <summary>Code string: capitals, digits, spaces and underscores.</summary>
    CS,
    /// <summary>Date: <c>20261123</c>.</summary>
    DA,
    /// <summary>Decimal number as text.</summary>
    DS,
    /// <summary>Date and time.</summary>
    DT,
    /// <summary>64-bit floating-point number.</summary>
    FD,
    /// <summary>32-bit floating-point number.</summary>
    FL,
    /// <summary>Whole number as text.</summary>
    IS,
    /// <summary>Text of at most 64 characters.</summary>
    LO,
    /// <summary>Text of at most 10,240 characters, one value.</summary>
    LT,
    /// <summary>Bytes.</summary>
    OB,
    /// <summary>64-bit floating-point numbers in a row.</summary>
    OD,
    /// <summary>32-bit floating-point numbers in a row.</summary>
    OF,
    /// <summary>32-bit words.</summary>
    OL,
    /// <summary>64-bit words.</summary>
    OV,
    /// <summary>16-bit words.</summary>
    OW,
    /// <summary>Name of a person: <c>Family^Given</c>.</summary>
    PN,
    /// <summary>Text of at most 16 characters.</summary>
    SH,
    /// <summary>Signed 32-bit number.</summary>
    SL,
    /// <summary>Sequence: items that are data sets themselves.</summary>
    SQ,
    /// <summary>Signed 16-bit number.</summary>
    SS,
    /// <summary>Text of at most 1,024 characters, one value.</summary>
    ST,
    /// <summary>Signed 64-bit number.</summary>
    SV,
    /// <summary>Time of day: <c>134500.25</c>.</summary>
    TM,
    /// <summary>Text without a limit.</summary>
    UC,
    /// <summary>Unique identifier.</summary>
    UI,
    /// <summary>Unsigned 32-bit number.</summary>
    UL,
    /// <summary>Address of a resource.</summary>
    UR,
    /// <summary>Unsigned 16-bit number.</summary>
    US,
    /// <summary>Text without a limit, one value.</summary>
    UT,
    /// <summary>Unsigned 64-bit number.</summary>
    UV,
}
