namespace Phr.Crypto.Hashing;

/// <summary>Bounds what a reader takes in before anything is allocated for it.</summary>
internal static class InputLimits
{
    public static byte[] Copy(string stage, ReadOnlySpan<byte> bytes, int maxLength) => bytes.Length <= maxLength
        ? bytes.ToArray()
        : throw new PhrDataException(stage, PhrDataReason.TooLarge, $"{bytes.Length} bytes were given where at most {maxLength} are read.");
}
