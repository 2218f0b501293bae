using System.Security.Cryptography;

namespace Phr.RunChecker;

/// <summary>Asks IPFS nodes for single blocks by SHA-256, over their RPC interface, and looks at the bytes.</summary>
internal sealed class StoreReader(IReadOnlyList<Uri> nodes) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };

    /// <summary>Whether one of the nodes itself has bytes with this digest.</summary>
    public async Task<bool> HasAsync(string digest)
    {
        foreach (Uri node in nodes)
        {
            try
            {
                using HttpResponseMessage response = await _http.PostAsync(new Uri(node, $"api/v0/block/get?arg={CidOf(digest)}&timeout=5s"), null);
                if (response.IsSuccessStatusCode && Convert.ToHexStringLower(SHA256.HashData(await response.Content.ReadAsByteArrayAsync())) == digest)
                {
                    return true;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                // Another node may have it.
            }
        }

        return false;
    }

    public void Dispose() => _http.Dispose();

    // CID version 1 of a raw block under SHA-256: 'b', then version, codec, hash kind and length, and the digest in base32.
    private static string CidOf(string digest)
    {
        const string alphabet = "abcdefghijklmnopqrstuvwxyz234567";
        byte[] bytes = [0x01, 0x55, 0x12, 0x20, .. Convert.FromHexString(digest)];
        var text = new System.Text.StringBuilder("b");
        (int bits, int count) = (0, 0);
        foreach (byte value in bytes)
        {
            bits = ((bits << 8) | value) & 0xFFFF;
            for (count += 8; count >= 5; count -= 5)
            {
                text.Append(alphabet[(bits >> (count - 5)) & 31]);
            }
        }

        return (count == 0 ? text : text.Append(alphabet[(bits << (5 - count)) & 31])).ToString();
    }
}
