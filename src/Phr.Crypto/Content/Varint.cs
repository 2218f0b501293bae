using System.Numerics;

namespace Phr.Crypto.Content;

/// <summary>Unsigned LEB128 in its shortest form and at most nine bytes (63 bits), as multiformats and protobuf write lengths and codes.</summary>
internal static class Varint
{
    public const int MaxLength = 9;

    public static int Length(ulong value) => value == 0 ? 1 : (BitOperations.Log2(value) / 7) + 1;

    public static int Write(ulong value, Span<byte> destination)
    {
        int length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            destination[length++] = (byte)((value & 0x7f) | 0x80);
        }

        destination[length++] = (byte)value;
        return length;
    }

    /// <summary>Reads one number and moves <paramref name="bytes"/> behind it. Returns why it cannot, or null.</summary>
    public static PhrDataReason? Read(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (int i = 0; i < MaxLength; i++)
        {
            if (i == bytes.Length)
            {
                return PhrDataReason.Truncated;
            }

            byte next = bytes[i];
            value |= (ulong)(next & 0x7f) << (7 * i);
            if (next < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return next == 0 && i > 0 ? PhrDataReason.NonCanonical : null;
            }
        }

        return PhrDataReason.NonCanonical;
    }
}
