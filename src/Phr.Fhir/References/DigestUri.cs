using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Phr.Crypto;

namespace Phr.Fhir;

/// <summary>Digests as URIs: RFC 6920, <c>ni:///sha-256;</c> and base64url without padding.</summary>
internal static class DigestUri
{
    private const string Prefix = "ni:///sha-256;";

    public static string Write(Digest digest) => Prefix + Base64Url.EncodeToString(digest.ToBytes());

    public static bool TryRead(string text, out Digest digest)
    {
        digest = default;
        Span<byte> bytes = stackalloc byte[Digest.Length];
        return text.StartsWith(Prefix, StringComparison.Ordinal)
            && text.Length == Prefix.Length + 43
            && !text.AsSpan(Prefix.Length).ContainsAnyExcept(Letters)
            && Base64Url.DecodeFromUtf8(Encoding.ASCII.GetBytes(text[Prefix.Length..]), bytes, out _, out int written) == OperationStatus.Done
            && Digest.TryFromBytes(bytes[..written], out digest)
            && Write(digest) == text;
    }

    private static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}
