using System.Globalization;
using System.Security.Claims;
using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>Who asks, in the present request: the account, read once, and the session.</summary>
public sealed class CurrentPerson(IHttpContextAccessor http, PortalDb db)
{
    private (int Id, PortalUser? User)? _found;
    private string? _session;

    /// <summary>The account; null for somebody who has not signed in.</summary>
    public PortalUser? User => _found?.User;

    /// <summary>The session, drawn at sign-in; null for somebody who has not signed in.</summary>
    public string? Session => _session ?? http.HttpContext?.User.FindFirstValue(PortalSignInManager.SessionClaim);

    /// <summary>The account, which must be there.</summary>
    /// <exception cref="NotFoundHereException">Nobody has signed in.</exception>
    public async Task<PortalUser> RequireAsync() => await FindAsync() ?? throw new NotFoundHereException();

    /// <summary>The account of whoever asks.</summary>
    public Task<PortalUser?> FindAsync() => _session is not null ? Task.FromResult(User) : FindAsync(http.HttpContext?.User);

    /// <summary>Acts as somebody in a scope that no request made: for the demonstration's story.</summary>
    internal async Task<PortalUser> ActAsAsync(string name, string session)
    {
        PortalUser user = await db.Users.Include(u => u.Patient).Include(u => u.Doctor).SingleAsync(u => u.DisplayName == name);
        _found = (user.Id, user);
        _session = session;
        return user;
    }

    /// <summary>The account of a principal.</summary>
    public async Task<PortalUser?> FindAsync(ClaimsPrincipal? principal)
    {
        if (principal?.Identity?.IsAuthenticated != true
            || !int.TryParse(principal.FindFirstValue(ClaimTypes.NameIdentifier), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
        {
            return null;
        }

        if (_found is not { } found || found.Id != id)
        {
            _found = found = (id, await db.Users.Include(u => u.Patient).Include(u => u.Doctor).SingleOrDefaultAsync(u => u.Id == id));
        }

        return found.User;
    }

    /// <summary>Who asks, as a party to things.</summary>
    public async Task<Party> PartyAsync()
    {
        PortalUser user = await RequireAsync();
        return new Party(user.Id, user.Role, user.ActorId, user.TrusteeId);
    }
}
