using System.Buffers.Binary;
using System.Formats.Cbor;

namespace Phr.Ml.Numerics;

/// <summary>Arrays of numbers in a model file: one CBOR byte string, each number little-endian, so that what is read is what was written, to the last bit.</summary>
internal static class Packed
{
    public static void WriteDoubles(CborWriter writer, ReadOnlySpan<double> values)
    {
        byte[] bytes = new byte[checked(values.Length * sizeof(double))];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(i * sizeof(double)), values[i]);
        }

        writer.WriteByteString(bytes);
    }

    public static void WriteInts(CborWriter writer, ReadOnlySpan<int> values)
    {
        byte[] bytes = new byte[checked(values.Length * sizeof(int))];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), values[i]);
        }

        writer.WriteByteString(bytes);
    }

    /// <summary>Reads exactly <paramref name="count"/> finite numbers.</summary>
    /// <exception cref="InvalidDataException">There are more or fewer, or one is not finite.</exception>
    public static double[] ReadDoubles(CborReader reader, int count)
    {
        ReadOnlySpan<byte> bytes = ReadBytes(reader, count, sizeof(double));
        double[] values = new double[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(i * sizeof(double))..]);
            if (!double.IsFinite(values[i]))
            {
                throw new InvalidDataException("A number in the model is not finite.");
            }
        }

        return values;
    }

    /// <summary>Reads exactly <paramref name="count"/> whole numbers.</summary>
    /// <exception cref="InvalidDataException">There are more or fewer.</exception>
    public static int[] ReadInts(CborReader reader, int count)
    {
        ReadOnlySpan<byte> bytes = ReadBytes(reader, count, sizeof(int));
        int[] values = new int[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * sizeof(int))..]);
        }

        return values;
    }

    /// <summary>Reads a number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    /// <exception cref="InvalidDataException">It is outside.</exception>
    public static int ReadCount(CborReader reader, int least, int most)
    {
        long value = reader.ReadInt64();
        return value >= least && value <= most
            ? (int)value
            : throw new InvalidDataException($"A count in the model is {value}; it must be from {least} to {most}.");
    }

    /// <summary>Reads a finite number.</summary>
    /// <exception cref="InvalidDataException">It is not finite.</exception>
    public static double ReadDouble(CborReader reader)
    {
        double value = reader.ReadDouble();
        return double.IsFinite(value) ? value : throw new InvalidDataException("A number in the model is not finite.");
    }

    private static ReadOnlySpan<byte> ReadBytes(CborReader reader, int count, int size)
    {
        ReadOnlySpan<byte> bytes = reader.ReadDefiniteLengthByteString().Span;
        return bytes.Length == (long)count * size
            ? bytes
            : throw new InvalidDataException($"A list of numbers in the model has {bytes.Length} bytes; it must have {(long)count * size}.");
    }
}
