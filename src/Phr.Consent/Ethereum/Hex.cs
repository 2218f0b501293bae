using System.Diagnostics.CodeAnalysis;

namespace Phr.Consent.Ethereum;

/// <summary>Hexadecimal text as JSON-RPC writes it: <c>0x</c> and lower-case digits.</summary>
internal static class Hex
{
    public static string Of(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);

    /// <summary>Reads <c>0x</c> and an even number of digits, of either case.</summary>
    public static bool TryRead(string? text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text is null || text.Length % 2 != 0 || !text.StartsWith("0x", StringComparison.Ordinal))
        {
            return false;
        }

        var read = new byte[(text.Length / 2) - 1];
        if (Convert.FromHexString(text.AsSpan(2), read, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        bytes = read;
        return true;
    }
}
