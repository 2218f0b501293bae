using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>Sessions that were signed out. A cookie says by itself who somebody is, so that a copy of it would work on: it does not, from the moment of the sign-out, also after a restart.</summary>
public sealed class EndedSessions(IServiceScopeFactory scopes, TimeProvider time)
{
    /// <summary>How long a cookie counts after it was last renewed.</summary>
    public static readonly TimeSpan CookieLife = TimeSpan.FromHours(8);

    private const string Provider = "ended session";

    private readonly ConcurrentDictionary<string, DateTimeOffset> _until = new(StringComparer.Ordinal);

    /// <summary>Reads what the database knows, and drops what is over. Called once, before the first request.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        PortalDb db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        DateTimeOffset now = time.GetUtcNow();
        foreach (IdentityUserToken<int> row in await db.UserTokens.Where(t => t.LoginProvider == Provider).ToListAsync(cancellationToken))
        {
            DateTimeOffset until = long.TryParse(row.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default;
            if (until > now)
            {
                _until[row.Name] = until;
            }
            else
            {
                db.UserTokens.Remove(row);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Ends a session.</summary>
    public async Task EndAsync(int userId, string session, CancellationToken cancellationToken = default)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach ((string old, DateTimeOffset over) in _until)
        {
            if (over <= now)
            {
                _until.TryRemove(old, out _);
            }
        }

        string name = NameOf(session);
        if (!_until.TryAdd(name, now + CookieLife))
        {
            return;
        }

        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        PortalDb db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        db.UserTokens.Add(new IdentityUserToken<int> { UserId = userId, LoginProvider = Provider, Name = name, Value = (now + CookieLife).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) });
        await db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Whether a session has ended.</summary>
    public bool HasEnded(string? session) => session is not null && _until.ContainsKey(NameOf(session));

    /// <summary>Turns a cookie away whose session has ended; any other is checked as before.</summary>
    internal static Func<CookieValidatePrincipalContext, Task> Before(Func<CookieValidatePrincipalContext, Task> otherwise) => context =>
    {
        if (context.HttpContext.RequestServices.GetRequiredService<EndedSessions>().HasEnded(context.Principal?.FindFirst(PortalSignInManager.SessionClaim)?.Value))
        {
            context.RejectPrincipal();
            return Task.CompletedTask;
        }

        return otherwise(context);
    };

    // The database need not know a session's name.
    private static string NameOf(string session) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(session)));
}
