using Phr.Records.Dicom;

namespace Phr.Records;

/// <summary>How the elements and the picture of a DICOM file are written (PS3.5, section 10 and annex A).</summary>
/// <remarks>Immutable; safe for use by several threads.</remarks>
public sealed class DicomTransferSyntax
{
    private static readonly DicomTransferSyntax[] Known =
    [
        new("1.2.840.10008.1.2", "Implicit VR Little Endian", SyntaxKind.Implicit),
        new("1.2.840.10008.1.2.1", "Explicit VR Little Endian", SyntaxKind.Native),
        new("1.2.840.10008.1.2.1.99", "Deflated Explicit VR Little Endian", SyntaxKind.Deflated),
        new("1.2.840.10008.1.2.2", "Explicit VR Big Endian", SyntaxKind.BigEndian),
        new("1.2.840.10008.1.2.5", "RLE Lossless", SyntaxKind.Rle),
        new("1.2.840.10008.1.2.4.50", "JPEG Baseline", SyntaxKind.Jpeg),
        new("1.2.840.10008.1.2.4.51", "JPEG Extended", SyntaxKind.Jpeg),
        new("1.2.840.10008.1.2.4.57", "JPEG Lossless (process 14)", SyntaxKind.Jpeg),
        new("1.2.840.10008.1.2.4.70", "JPEG Lossless (process 14, selection value 1)", SyntaxKind.Jpeg),
        new("1.2.840.10008.1.2.4.80", "JPEG-LS Lossless", SyntaxKind.JpegLs),
        new("1.2.840.10008.1.2.4.81", "JPEG-LS Near-lossless", SyntaxKind.JpegLs),
        new("1.2.840.10008.1.2.4.90", "JPEG 2000 Lossless", SyntaxKind.Other),
        new("1.2.840.10008.1.2.4.91", "JPEG 2000", SyntaxKind.Other),
        new("1.2.840.10008.1.2.4.92", "JPEG 2000 Multi-component Lossless", SyntaxKind.Other),
        new("1.2.840.10008.1.2.4.93", "JPEG 2000 Multi-component", SyntaxKind.Other),
        new("1.2.840.10008.1.2.4.100", "MPEG2 Main Profile, Main Level", SyntaxKind.Video),
        new("1.2.840.10008.1.2.4.101", "MPEG2 Main Profile, High Level", SyntaxKind.Video),
        new("1.2.840.10008.1.2.4.102", "MPEG-4 AVC/H.264 High Profile", SyntaxKind.Video),
        new("1.2.840.10008.1.2.4.103", "MPEG-4 AVC/H.264 BD-compatible", SyntaxKind.Video),
        new("1.2.840.10008.1.2.4.104", "MPEG-4 AVC/H.264 High Profile for 2D video", SyntaxKind.Video),
        new("1.2.840.10008.1.2.4.105", "MPEG-4 AVC/H.264 High Profile for 3D video", SyntaxKind.Video),
        new("1.2.840.10008.1.2.4.106", "MPEG-4 AVC/H.264 Stereo High Profile", SyntaxKind.Video),
        new("1.2.840.10008.1.2.4.107", "HEVC/H.265 Main Profile", SyntaxKind.Video),
        new("1.2.840.10008.1.2.4.108", "HEVC/H.265 Main 10 Profile", SyntaxKind.Video),
        new("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000 Lossless", SyntaxKind.Other),
        new("1.2.840.10008.1.2.4.202", "High-Throughput JPEG 2000 with RPCL Lossless", SyntaxKind.Other),
        new("1.2.840.10008.1.2.4.203", "High-Throughput JPEG 2000", SyntaxKind.Other),
    ];

    private DicomTransferSyntax(string uid, string name, SyntaxKind kind) => (Uid, Name, Kind) = (uid, name, kind);

    /// <summary>The identifier in the file: <c>1.2.840.10008.1.2.1</c>.</summary>
    public string Uid { get; }

    /// <summary>The name for people.</summary>
    public string Name { get; }

    /// <summary>Whether this library can show pictures that are written so: uncompressed, deflated or RLE.</summary>
    public bool IsRenderable => Kind is SyntaxKind.Implicit or SyntaxKind.Native or SyntaxKind.Deflated or SyntaxKind.BigEndian or SyntaxKind.Rle;

    internal static DicomTransferSyntax ImplicitLittleEndian => Known[0];

    internal static DicomTransferSyntax ExplicitLittleEndian => Known[1];

    internal SyntaxKind Kind { get; }

    /// <summary>Whether the picture is in fragments.</summary>
    internal bool IsEncapsulated => Kind is SyntaxKind.Rle or SyntaxKind.Jpeg or SyntaxKind.JpegLs or SyntaxKind.Video or SyntaxKind.Other;

    /// <summary>The program that makes a picture of this kind readable.</summary>
    internal string Remedy => Kind switch
    {
        SyntaxKind.Jpeg => "Convert it with dcmdjpeg of dcmtk, or gdcmconv --raw",
        SyntaxKind.JpegLs => "Convert it with dcmdjpls of dcmtk, or gdcmconv --raw",
        SyntaxKind.Video => "It is a film; save it in a format that a browser plays",
        _ => "Convert it with gdcmconv --raw",
    };

    /// <summary>The name and the identifier.</summary>
    /// <returns>For example <c>RLE Lossless (1.2.840.10008.1.2.5)</c>.</returns>
    public override string ToString() => $"{Name} ({Uid})";

    /// <summary>The syntax of an identifier. One that is not known is taken to be explicit and little-endian with a compressed picture, as PS3.5 says of all that come.</summary>
    internal static DicomTransferSyntax Find(string uid) => Array.Find(Known, k => k.Uid == uid) ?? new DicomTransferSyntax(uid, "an unknown transfer syntax", SyntaxKind.Other);
}
