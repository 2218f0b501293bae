namespace Phr.Records.Images;

/// <summary>The check of PNG's chunks: CRC-32 as ISO/IEC 15948, annex D has it.</summary>
internal static class Crc32
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(i => Step((uint)i, 8))];

    public static uint Of(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => ~Add(Add(uint.MaxValue, first), second);

    private static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            crc = Table[(crc ^ b) & 0xFF] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint Step(uint value, int times) =>
        times == 0 ? value : Step((value & 1) == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1, times - 1);
}
