using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Phr.Records.Dicom;

namespace Phr.Records;

/// <summary>One data element of a DICOM file: a tag, a representation and a value (PS3.5, section 7.1).</summary>
/// <remarks>Immutable; safe for use by several threads. Its text form is tag and representation, never the value, which is a patient's.</remarks>
public sealed class DicomElement
{
    private static readonly DicomDataset[] NoItems = [];
    private static readonly ReadOnlyMemory<byte>[] NoFragments = [];

    internal DicomElement(DicomTag tag, DicomVr vr, ReadOnlyMemory<byte> value, TextDecoder? text = null, IReadOnlyList<DicomDataset>? items = null, IReadOnlyList<ReadOnlyMemory<byte>>? fragments = null)
    {
        Tag = tag;
        Vr = vr;
        Value = value;
        Text = text ?? TextDecoder.Default;
        Items = items ?? NoItems;
        Fragments = fragments ?? NoFragments;
    }

    /// <summary>The element's name.</summary>
    public DicomTag Tag { get; }

    /// <summary>What the value is.</summary>
    public DicomVr Vr { get; }

    /// <summary>The bytes of the value, numbers in little-endian order whatever the file has; empty for sequences and for a picture in fragments.</summary>
    /// <remarks>In a file of big-endian order the picture alone is left as it is.</remarks>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>The items of a sequence, in order; empty for everything else.</summary>
    public IReadOnlyList<DicomDataset> Items { get; }

    /// <summary>The fragments of a compressed picture, the table of offsets first; empty for everything else.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Fragments { get; }

    internal TextDecoder Text { get; }

    internal bool IsFragmented => Fragments.Count > 0;

    /// <summary>The value as text: one entry for each value of several, without the blanks that pad it. Numbers are written in the invariant culture.</summary>
    /// <returns>The values; none for an empty element, a sequence, or bytes.</returns>
    /// <remarks>What is not text in the file's character set becomes U+FFFD.</remarks>
    public IReadOnlyList<string> GetStrings()
    {
        if (Value.IsEmpty)
        {
            return [];
        }

        if (!Dicom.Vr.IsText(Vr))
        {
            return Vr is DicomVr.FL or DicomVr.FD
                ? [.. GetNumbers().Select(n => n.ToString("R", CultureInfo.InvariantCulture))]
                : Vr is DicomVr.US or DicomVr.SS or DicomVr.UL or DicomVr.SL ? [.. GetNumbers().Select(n => ((long)n).ToString(CultureInfo.InvariantCulture))] : [];
        }

        ReadOnlySpan<byte> bytes = Value.Span.TrimEnd((ReadOnlySpan<byte>)[0x00, 0x20]);
        string text = Dicom.Vr.IsLocalText(Vr) ? Text.Decode(bytes, isName: Vr == DicomVr.PN) : Encoding.Latin1.GetString(bytes);
        return Dicom.Vr.IsOneText(Vr)
            ? [text]
            : [.. text.Split('\\').Select(v => Vr is DicomVr.UC or DicomVr.PN ? v.TrimEnd(' ', '\0') : v.Trim(' ', '\0'))];
    }

    /// <summary>The value as numbers.</summary>
    /// <returns>The values of an element of numbers or of numbers as text; an empty one among several is left out.</returns>
    /// <exception cref="Phr.Crypto.PhrDataException">The text is no number, or the bytes do not make whole ones.</exception>
    /// <exception cref="InvalidOperationException">The element does not hold numbers.</exception>
    public IReadOnlyList<double> GetNumbers()
    {
        ReadOnlySpan<byte> bytes = Value.Span;
        if (Vr is DicomVr.DS or DicomVr.IS)
        {
            var numbers = new List<double>();
            foreach (string text in GetStrings())
            {
                if (text.Length > 0)
                {
                    numbers.Add(ParseNumber(text));
                }
            }

            return numbers;
        }

        int unit = Dicom.Vr.Unit(Vr);
        if (Vr is not (DicomVr.US or DicomVr.SS or DicomVr.UL or DicomVr.SL or DicomVr.FL or DicomVr.FD or DicomVr.OW or DicomVr.UV or DicomVr.SV))
        {
            throw new InvalidOperationException($"{Tag} is of representation {Vr}, which holds no numbers.");
        }

        if (bytes.Length % unit != 0)
        {
            throw Error.DicomBadValue(Tag, $"has {bytes.Length} bytes, which is no multiple of {unit}");
        }

        double[] values = new double[bytes.Length / unit];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> one = bytes.Slice(i * unit, unit);
            values[i] = Vr switch
            {
                DicomVr.US or DicomVr.OW => BinaryPrimitives.ReadUInt16LittleEndian(one),
                DicomVr.SS => BinaryPrimitives.ReadInt16LittleEndian(one),
                DicomVr.UL => BinaryPrimitives.ReadUInt32LittleEndian(one),
                DicomVr.SL => BinaryPrimitives.ReadInt32LittleEndian(one),
                DicomVr.FL => BinaryPrimitives.ReadSingleLittleEndian(one),
                DicomVr.UV => BinaryPrimitives.ReadUInt64LittleEndian(one),
                DicomVr.SV => BinaryPrimitives.ReadInt64LittleEndian(one),
                _ => BinaryPrimitives.ReadDoubleLittleEndian(one),
            };
        }

        return values;
    }

    /// <summary>Tag and representation: <c>(0010,0010) PN</c>.</summary>
    /// <returns>Nothing of the value.</returns>
    public override string ToString() => $"{Tag} {Vr}";

    private double ParseNumber(string text)
    {
        NumberStyles style = Vr == DicomVr.IS ? NumberStyles.AllowLeadingSign : NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return text.Length <= 64 && double.TryParse(text, style, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw Error.DicomBadValue(Tag, "is text that is no number");
    }
}
