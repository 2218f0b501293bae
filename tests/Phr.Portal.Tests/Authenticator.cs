using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Phr.Portal.Tests;

/// <summary>Somebody's authenticator, as a phone has one: RFC 6238.</summary>
/// <param name="key">The key that the page of the codes shows.</param>
internal sealed class Authenticator(string key)
{
    private readonly string _key = key.Replace(" ", string.Empty, StringComparison.Ordinal);

    /// <summary>Turns codes on, with the code of a moment.</summary>
    /// <returns>The authenticator, and the recovery codes.</returns>
    public static async Task<(Authenticator Phone, IReadOnlyList<string> Recovery)> TurnOnAsync(Visitor visitor, DateTimeOffset at)
    {
        var phone = new Authenticator(Regex.Match(await visitor.ReadAsync("/account/codes"), "class=\"key\">([^<]+)<").Groups[1].Value);
        using HttpResponseMessage on = await visitor.SubmitAsync("/account/codes", "on", new Dictionary<string, string> { ["Code"] = phone.CodeAt(at) });
        string said = await on.Content.ReadAsStringAsync();
        Assert.Contains("Write these recovery codes down", said, StringComparison.Ordinal);
        return (phone, [.. Regex.Matches(said, "<li><code>([^<]+)</code></li>").Select(m => WebUtility.HtmlDecode(m.Groups[1].Value))]);
    }

    /// <summary>The code that it shows at a moment.</summary>
    public string CodeAt(DateTimeOffset at)
    {
        byte[] secret = new byte[_key.Length * 5 / 8];
        int buffer = 0, bits = 0, place = 0;
        foreach (char c in _key)
        {
            buffer = ((buffer << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal)) & 0xFFFF;
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                secret[place++] = (byte)((buffer >> bits) & 0xFF);
            }
        }

        byte[] step = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(step, at.ToUnixTimeSeconds() / 30);
#pragma warning disable CA5350 // What the authenticators of phones use.
        byte[] mac = HMACSHA1.HashData(secret, step);
#pragma warning restore CA5350
        int number = BinaryPrimitives.ReadInt32BigEndian(mac.AsSpan(mac[^1] & 15, 4)) & int.MaxValue;
        return (number % 1_000_000).ToString("000000", CultureInfo.InvariantCulture);
    }
}
