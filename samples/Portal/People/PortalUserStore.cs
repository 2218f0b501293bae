using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>
/// The accounts in the portal's database. The key of an authenticator and the recovery codes stand in it under the portal's data protection, bound to what they are and whose: whoever has the database alone can make no
/// code, and cannot give one account's to another. Those that an earlier portal wrote as they are are read, and written anew the next time that something of the account is saved.
/// </summary>
public sealed partial class PortalUserStore(PortalDb context, IDataProtectionProvider protection, ILogger<PortalUserStore> logger, IdentityErrorDescriber? describer = null)
    : UserStore<PortalUser, IdentityRole<int>, PortalDb, int>(context, describer)
{
    // What Identity calls its own two secrets.
    private const string Provider = "[AspNetUserStore]";
    private const string AuthenticatorKey = "AuthenticatorKey";
    private const string RecoveryCodes = "RecoveryCodes";

    // Neither a key in base32 nor a list of codes begins so.
    private const string Mark = "protected:1:";
    private const int KeyLength = 32;

    /// <summary>Writes all secrets anew that an earlier portal wrote as they are. Called once, before the first request.</summary>
    public static async Task ProtectAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using AsyncServiceScope scope = services.CreateAsyncScope();
        PortalDb db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        IDataProtectionProvider protection = scope.ServiceProvider.GetRequiredService<IDataProtectionProvider>();
        foreach (IdentityUserToken<int> row in await db.UserTokens.Where(t => t.LoginProvider == Provider && (t.Name == AuthenticatorKey || t.Name == RecoveryCodes)).ToListAsync(cancellationToken))
        {
            row.Value = row.Value is null || IsProtected(row.Value) ? row.Value : Protect(protection, row.UserId, row.Name, row.Value);
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override Task SetTokenAsync(PortalUser user, string loginProvider, string name, string? value, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        return base.SetTokenAsync(user, loginProvider, name, IsSecret(loginProvider, name) && value is not null ? Protect(protection, user.Id, name, value) : value, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<string?> GetTokenAsync(PortalUser user, string loginProvider, string name, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        string? value = await base.GetTokenAsync(user, loginProvider, name, cancellationToken);
        if (value is null || !IsSecret(loginProvider, name))
        {
            return value;
        }

        if (!IsProtected(value))
        {
            await base.SetTokenAsync(user, loginProvider, name, Protect(protection, user.Id, name, value), cancellationToken);
            return value;
        }

        try
        {
            return Encoding.UTF8.GetString(ProtectorOf(protection, user.Id, name).Unprotect(Base64Url.DecodeFromChars(value.AsSpan(Mark.Length))));
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            // The protection's keys are gone, or the row is another's. With codes turned on, nobody's code is right then: to say that there is no key would let the password alone do.
            LogUnreadable(logger, name, user.Id, e.GetType().Name);
            return !user.TwoFactorEnabled ? null : name == AuthenticatorKey ? RandomNumberGenerator.GetString(AuthenticatorCodes.Alphabet, KeyLength) : string.Empty;
        }
    }

    private static bool IsSecret(string provider, string name) => provider == Provider && name is (AuthenticatorKey or RecoveryCodes);

    private static bool IsProtected(string value) => value.StartsWith(Mark, StringComparison.Ordinal);

    private static string Protect(IDataProtectionProvider protection, int user, string name, string value) =>
        Mark + Base64Url.EncodeToString(ProtectorOf(protection, user, name).Protect(Encoding.UTF8.GetBytes(value)));

    private static IDataProtector ProtectorOf(IDataProtectionProvider protection, int user, string name) =>
        protection.CreateProtector("phr/portal/second-factor/v1", name, user.ToString(CultureInfo.InvariantCulture));

    [LoggerMessage(2201, LogLevel.Error, "The second factor of an account cannot be read ({What} of U-ID {User}: {Fault}): were the keys in the folder protection lost or replaced? No code of this account is taken.")]
    private static partial void LogUnreadable(ILogger logger, string what, int user, string fault);
}
