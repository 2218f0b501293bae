using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Phr.Samples.Portal;

/// <summary>Signs in who is admitted, and gives each sign-in a session of its own.</summary>
public sealed class PortalSignInManager(
    UserManager<PortalUser> userManager,
    IHttpContextAccessor contextAccessor,
    IUserClaimsPrincipalFactory<PortalUser> claimsFactory,
    IOptions<IdentityOptions> optionsAccessor,
    ILogger<SignInManager<PortalUser>> logger,
    IAuthenticationSchemeProvider schemes,
    IUserConfirmation<PortalUser> confirmation)
    : SignInManager<PortalUser>(userManager, contextAccessor, claimsFactory, optionsAccessor, logger, schemes, confirmation)
{
    /// <summary>The claim that names the session: 32 random bytes, drawn at sign-in.</summary>
    public const string SessionClaim = "phr:session";

    /// <summary>Checks a password and, where it is right, whether the account is admitted.</summary>
    public async Task<SignInOutcome> TryPasswordAsync(string name, string password)
    {
        // Tries at one account are counted one after the other: many at once would otherwise count as one.
        using IDisposable turn = await TakeTurnAsync(name);
        PortalUser? user = name.Contains('@', StringComparison.Ordinal) ? await UserManager.FindByEmailAsync(name) : await UserManager.FindByNameAsync(name);
        if (user is null)
        {
            // As slow as a wrong password, so that nobody learns who has an account.
            UserManager.PasswordHasher.VerifyHashedPassword(new PortalUser(), DecoyHash.Value, password);
            return SignInOutcome.Wrong;
        }

        SignInResult result = await CheckPasswordSignInAsync(user, password, lockoutOnFailure: true);
        if (!result.Succeeded)
        {
            return result.IsLockedOut ? SignInOutcome.LockedOut : SignInOutcome.Wrong;
        }

        if (user.Admission != Admission.Admitted)
        {
            return user.Admission == Admission.Blocked ? SignInOutcome.Blocked : SignInOutcome.Pending;
        }

        return (await SignInOrTwoFactorAsync(user, isPersistent: false)).RequiresTwoFactor ? SignInOutcome.NeedsCode : SignInOutcome.SignedIn;
    }

    /// <summary>Whether whoever asks has given a right password, within the last minutes, and not yet the code. The account is not read for that: see <see cref="TryCodeAsync"/>.</summary>
    public async Task<bool> HasGivenPasswordAsync() => (await Context.AuthenticateAsync(IdentityConstants.TwoFactorUserIdScheme)).Succeeded;

    /// <summary>Checks the code of an authenticator, after the password was right.</summary>
    public async Task<SignInResult> TryCodeAsync(string code)
    {
        // The account is read when it is its turn: who read it before would find it changed, and a wrong code would not be counted.
        AuthenticateResult half = await Context.AuthenticateAsync(IdentityConstants.TwoFactorUserIdScheme);
        using IDisposable turn = await TakeTurnAsync($"code of {half.Principal?.FindFirstValue(ClaimTypes.Name)}");
        return await TwoFactorAuthenticatorSignInAsync(code, isPersistent: false, rememberClient: false);
    }

    /// <inheritdoc/>
    public override async Task SignInWithClaimsAsync(PortalUser user, AuthenticationProperties? authenticationProperties, IEnumerable<Claim> additionalClaims)
    {
        // A cookie that is renewed within a session names the same session. Somebody else's session ends where it was.
        Claim? session = Context.User.FindFirst(SessionClaim);
        if (session is not null && UserManager.GetUserId(Context.User) != user.Id.ToString(CultureInfo.InvariantCulture))
        {
            await EndSessionAsync();
            session = null;
        }

        session ??= new Claim(SessionClaim, RandomNumberGenerator.GetHexString(64, lowercase: true));
        await base.SignInWithClaimsAsync(user, authenticationProperties, [.. additionalClaims.Where(claim => claim.Type != SessionClaim), session]);
    }

    /// <summary>Ends the session that the request came with, if there is one: copies of its cookie count for nothing from now on, and its keys are wiped.</summary>
    public async Task EndSessionAsync()
    {
        if (Context.User.FindFirstValue(SessionClaim) is not { } session || !int.TryParse(UserManager.GetUserId(Context.User), NumberStyles.None, CultureInfo.InvariantCulture, out int id))
        {
            return;
        }

        try
        {
            await Context.RequestServices.GetRequiredService<EndedSessions>().EndAsync(id, session);
        }
        finally
        {
            // Afterwards, so that a passphrase that is being tried at this moment unlocks nothing that stays.
            Context.RequestServices.GetRequiredService<KeyRing>().Lock(session);
        }
    }

    private static readonly SemaphoreSlim[] Turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    private static async Task<IDisposable> TakeTurnAsync(string name)
    {
        SemaphoreSlim turn = Turns[StringComparer.OrdinalIgnoreCase.GetHashCode(name) & (Turns.Length - 1)];
        await turn.WaitAsync();
        return new Turn(turn);
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }

    private static readonly Lazy<string> DecoyHash = new(() => new PasswordHasher<PortalUser>().HashPassword(new PortalUser(), RandomNumberGenerator.GetHexString(32)));
}
