using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;

namespace Phr.Samples.Portal;

/// <summary>
/// The codes of authenticators: RFC 6238 with SHA-1, thirty seconds and six digits, of the present step and the two beside it. Each counts once: whoever reads a code over a shoulder, or off a form that was sent, cannot use
/// it again, nor one that is older.
/// </summary>
public sealed class AuthenticatorCodes(TimeProvider time) : IUserTwoFactorTokenProvider<PortalUser>
{
    /// <summary>The figures of a key.</summary>
    internal const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private const int StepSeconds = 30;
    private const int Digits = 6;
    private const string Store = "authenticator";
    private const string LastStep = "last step";

    /// <inheritdoc/>
    public async Task<bool> CanGenerateTwoFactorTokenAsync(UserManager<PortalUser> manager, PortalUser user)
    {
        ArgumentNullException.ThrowIfNull(manager);
        return !string.IsNullOrEmpty(await manager.GetAuthenticatorKeyAsync(user));
    }

    /// <summary>Nothing: people's own devices make the codes.</summary>
    public Task<string> GenerateAsync(string purpose, UserManager<PortalUser> manager, PortalUser user) => Task.FromResult(string.Empty);

    /// <summary>Whether a code is right and was not used; it is used from then on.</summary>
    public async Task<bool> ValidateAsync(string purpose, string token, UserManager<PortalUser> manager, PortalUser user)
    {
        ArgumentNullException.ThrowIfNull(manager);
        if (token is not { Length: Digits } || !token.All(char.IsAsciiDigit) || await manager.GetAuthenticatorKeyAsync(user) is not { Length: > 0 } key)
        {
            return false;
        }

        byte[] secret = FromBase32(key), typed = Encoding.ASCII.GetBytes(token);
        long now = time.GetUtcNow().ToUnixTimeSeconds() / StepSeconds;
        long used = long.TryParse(await manager.GetAuthenticationTokenAsync(user, Store, LastStep), NumberStyles.None, CultureInfo.InvariantCulture, out long last) ? last : -1;
        long? right = null;
        for (long step = now + 1; step >= now - 1; step--)
        {
            right = CryptographicOperations.FixedTimeEquals(CodeOf(secret, step), typed) && step > used ? step : right;
        }

        CryptographicOperations.ZeroMemory(secret);

        // Of two who come with one code at the same moment, the second finds the account changed, and is refused.
        return right is { } found && (await manager.SetAuthenticationTokenAsync(user, Store, LastStep, found.ToString(CultureInfo.InvariantCulture))).Succeeded;
    }

    /// <summary>Makes the key of an account that has none. It signs nobody in yet, so that no session ends by it, as one would if it took the place of another key.</summary>
    public static async Task MakeKeyAsync(UserManager<PortalUser> manager, IUserStore<PortalUser> store, PortalUser user)
    {
        ArgumentNullException.ThrowIfNull(manager);
        await ((IUserAuthenticatorKeyStore<PortalUser>)store).SetAuthenticatorKeyAsync(user, manager.GenerateNewAuthenticatorKey(), CancellationToken.None);
        await manager.UpdateAsync(user);
    }

    /// <summary>Forgets which codes were used, where the key that they came from is gone.</summary>
    public static Task ForgetAsync(UserManager<PortalUser> manager, PortalUser user)
    {
        ArgumentNullException.ThrowIfNull(manager);
        return manager.RemoveAuthenticationTokenAsync(user, Store, LastStep);
    }

    private static byte[] CodeOf(byte[] secret, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // What the authenticators of phones use.
        byte[] mac = HMACSHA1.HashData(secret, counter);
#pragma warning restore CA5350
        int number = BinaryPrimitives.ReadInt32BigEndian(mac.AsSpan(mac[^1] & 15, sizeof(int))) & int.MaxValue;
        return Encoding.ASCII.GetBytes((number % 1_000_000).ToString("000000", CultureInfo.InvariantCulture));
    }

    private static byte[] FromBase32(string text)
    {
        byte[] bytes = new byte[text.Length * 5 / 8];
        int buffer = 0, bits = 0, at = 0;
        foreach (char letter in text)
        {
            buffer = ((buffer << 5) | Math.Max(Alphabet.IndexOf(char.ToUpperInvariant(letter), StringComparison.Ordinal), 0)) & 0xFFF;
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                bytes[at++] = (byte)((buffer >> bits) & 0xFF);
            }
        }

        return bytes;
    }
}
