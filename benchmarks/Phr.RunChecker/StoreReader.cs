using System.Security.Cryptography;

namespace Phr.RunChecker;

/// <summary>Asks IPFS nodes for single blocks by SHA-256, over their RPC interface, and looks at the bytes.</summary>
internal sealed class StoreReader(IReadOnlyList<Uri> nodes) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(20) };

    /// <summary>Whether one of the nodes itself has bytes with this digest. All are asked at once: one that lacks a block may take its time to say so.</summary>
    public async Task<bool> HasAsync(string digest)
    {
        List<Task<bool>> answers = [.. nodes.Select(node => HasAsync(node, digest))];
        while (answers.Count > 0)
        {
            Task<bool> answer = await Task.WhenAny(answers);
            if (await answer)
            {
                return true;
            }

            answers.Remove(answer);
        }

        return false;
    }

    public void Dispose() => _http.Dispose();

    private async Task<bool> HasAsync(Uri node, string digest)
    {
        try
        {
            using HttpResponseMessage response = await _http.PostAsync(new Uri(node, $"api/v0/block/get?arg={CidOf(digest)}&timeout=5s"), null);
            return response.IsSuccessStatusCode && Convert.ToHexStringLower(SHA256.HashData(await response.Content.ReadAsByteArrayAsync())) == digest;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or ObjectDisposedException)
        {
            // Another node may have it, or had it already.
            return false;
        }
    }

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
