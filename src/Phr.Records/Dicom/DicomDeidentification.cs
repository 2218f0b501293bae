using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Phr.Records.Dicom;

namespace Phr.Records;

/// <summary>
/// A DICOM file from which the patient was taken, and what that did to it: the Basic Application Confidentiality Profile of PS3.15, annex E, and more. The profile lists what to remove; this keeps only
/// what is known to be harmless: numbers, codes, and a short list of texts about the machine.
/// </summary>
/// <remarks>
/// All text, all dates and times, all private elements, the whole patient and visit groups, curves and overlays go, at any depth; identifiers of instances are exchanged. Pixels are not looked at: writing that is burned into a picture stays, and
/// <see cref="MayShowText"/> says where the file admits it or is silent. A face can be made from slices of a head. Immutable; safe for use by several threads.
/// </remarks>
public sealed class DicomDeidentification
{
    private DicomDeidentification(DicomFile file, byte[] bytes, IReadOnlyList<DicomChange> changes, bool mayShowText) =>
        (File, Bytes, Changes, MayShowText) = (file, bytes, changes, mayShowText);

    /// <summary>The file without the patient.</summary>
    public DicomFile File { get; }

    /// <summary>The bytes of that file: explicit little-endian, or as the picture is compressed.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>What was done, in the order of the file.</summary>
    public IReadOnlyList<DicomChange> Changes { get; }

    /// <summary>Whether there may be writing in the picture: the file does not say <c>Burned In Annotation: NO</c>. A person must look.</summary>
    public bool MayShowText { get; }

    /// <summary>De-identifies a file.</summary>
    /// <param name="file">The file, read as a whole.</param>
    /// <param name="options">The key for identifiers, and the pseudonym.</param>
    /// <returns>The new file and the list of changes.</returns>
    /// <exception cref="ArgumentException">An option is outside its limits.</exception>
    /// <exception cref="Phr.Crypto.PhrDataException">The file cannot be written again within the limits of a reader.</exception>
    public static DicomDeidentification Create(DicomFile file, DicomDeidentificationOptions options)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        options.Checked();
        var changes = new List<DicomChange>();
        List<DicomElement> kept = Clean(file.Dataset, options, changes, depth: 0);
        kept.RemoveAll(e => e.Tag.Group == 0x0012 || e.Tag.Value == 0x0028_0303);
        kept.Add(DicomWriter.Text(0x0012_0062, DicomVr.CS, "YES"));
        kept.Add(DicomWriter.Text(0x0012_0063, DicomVr.LO, "PS3.15 basic profile; text and times not kept"));
        kept.Add(new DicomElement(new DicomTag(0x0012_0064), DicomVr.SQ, default, items:
        [
            new DicomDataset([DicomWriter.Text(0x0008_0100, DicomVr.SH, "113100"), DicomWriter.Text(0x0008_0102, DicomVr.SH, "DCM"), DicomWriter.Text(0x0008_0104, DicomVr.LO, "Basic Application Confidentiality Profile")]),
        ]));
        kept.Add(DicomWriter.Text(0x0028_0303, DicomVr.CS, "REMOVED"));
        byte[] bytes = DicomWriter.Write(file.TransferSyntax, new DicomDataset(kept));
        bool mayShowText = file.HasPixels && file.Dataset.GetString(new DicomTag(0x0028_0301)) != "NO";
        return new DicomDeidentification(DicomFile.FromBytes(bytes, new DicomReadOptions { MaxLength = Array.MaxLength, MaxFramePixels = file.MaxFramePixels }), bytes, changes, mayShowText);
    }

    private static List<DicomElement> Clean(DicomDataset dataset, DicomDeidentificationOptions options, List<DicomChange> changes, int depth)
    {
        var kept = new List<DicomElement>(dataset.Elements.Count);
        foreach (DicomElement element in dataset.Elements)
        {
            DicomElement? clean = Clean(element, options, changes, depth, out DicomChangeKind? change);
            if (change is { } kind)
            {
                changes.Add(new DicomChange { Tag = element.Tag, Depth = depth, Kind = kind });
            }

            if (clean is not null)
            {
                kept.Add(clean);
            }
        }

        return kept;
    }

    private static DicomElement? Clean(DicomElement element, DicomDeidentificationOptions options, List<DicomChange> changes, int depth, out DicomChangeKind? change)
    {
        change = null;
        switch (DeidentificationRules.For(element))
        {
            case DeidentificationRule.Keep:
                return element;
            case DeidentificationRule.Empty:
                change = DicomChangeKind.Emptied;
                return new DicomElement(element.Tag, element.Vr, default);
            case DeidentificationRule.Pseudonym:
                change = DicomChangeKind.Replaced;
                return DicomWriter.Text(element.Tag.Value, element.Vr, options.Pseudonym);
            case DeidentificationRule.Rename:
                change = DicomChangeKind.Renamed;
                return DicomWriter.Text(element.Tag.Value, DicomVr.UI, string.Join('\\', element.GetStrings().Select(u => Renamed(u, options.UidKey.Span))));
            case DeidentificationRule.Enter:
                return new DicomElement(element.Tag, DicomVr.SQ, default, items: [.. element.Items.Select(i => new DicomDataset(Clean(i, options, changes, depth + 1)))]);
            default:
                change = DicomChangeKind.Removed;
                return null;
        }
    }

    // Of the standard's own identifiers everybody may know which they are; every other becomes a number that only the key leads to.
    private static string Renamed(string uid, ReadOnlySpan<byte> key)
    {
        if (uid.Length == 0 || uid.StartsWith("1.2.840.10008.", StringComparison.Ordinal))
        {
            return uid;
        }

        byte[] mac = HMACSHA256.HashData(key, Encoding.Latin1.GetBytes(uid));
        return "2.25." + BinaryPrimitives.ReadUInt128BigEndian(mac).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
