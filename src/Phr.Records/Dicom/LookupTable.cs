namespace Phr.Records.Dicom;

/// <summary>A table from values to values: Modality LUT, VOI LUT, or one colour of a palette (PS3.3, C.11.1.1 and C.7.6.3.1.5).</summary>
internal sealed class LookupTable
{
    private readonly ushort[] _entries;
    private readonly int _first;

    private LookupTable(ushort[] entries, int first, int bits) => (_entries, _first, Bits) = (entries, first, bits);

    /// <summary>Bits of an entry: 8 to 16.</summary>
    public int Bits { get; }

    /// <param name="dataset">Where the table is.</param>
    /// <param name="descriptorTag">Entries, the value of the first, bits.</param>
    /// <param name="dataTag">The entries.</param>
    /// <param name="isSigned">Whether the value of the first entry may be negative.</param>
    public static LookupTable Read(DicomDataset dataset, DicomTag descriptorTag, DicomTag dataTag, bool isSigned)
    {
        IReadOnlyList<double> descriptor = dataset.GetNumbers(descriptorTag);
        if (descriptor.Count != 3)
        {
            throw Error.DicomBadValue(descriptorTag, "has not the three numbers that describe a table");
        }

        // Whatever a file calls the three numbers, they are two bytes each; the first entry's value has the sign of the pixels.
        static int Word(double number) => number is >= short.MinValue and <= ushort.MaxValue ? (int)number & 0xFFFF : -1;
        int count = Word(descriptor[0]);
        int first = Word(descriptor[1]);
        int bits = Word(descriptor[2]);
        if (count < 0 || first < 0 || bits is < 8 or > 16)
        {
            throw Error.DicomOutOfRange(descriptorTag, "describes a table that cannot be");
        }

        count = count == 0 ? 65536 : count;
        first = isSigned && first > short.MaxValue ? first - 65536 : first;
        if (!dataset.TryFind(dataTag, out DicomElement? data))
        {
            throw Error.DicomMissing(dataTag);
        }

        ReadOnlySpan<byte> bytes = data.Value.Span;
        ushort[] entries = new ushort[count];
        if (bytes.Length >= 2 * count)
        {
            for (int i = 0; i < count; i++)
            {
                entries[i] = (ushort)(bytes[2 * i] | (bytes[(2 * i) + 1] << 8));
            }
        }
        else if (bits == 8 && bytes.Length >= count)
        {
            for (int i = 0; i < count; i++)
            {
                entries[i] = bytes[i];
            }
        }
        else
        {
            throw Error.DicomBadValue(dataTag, $"has {bytes.Length} bytes, which are too few for a table of {count}");
        }

        return new LookupTable(entries, first, bits);
    }

    /// <summary>The entry of a value; the first for all below, the last for all above.</summary>
    public int this[double value] => _entries[(int)Math.Clamp(Math.Truncate(value) - _first, 0, _entries.Length - 1)];
}
