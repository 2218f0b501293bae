using Microsoft.AspNetCore.Antiforgery;

namespace Phr.Samples.Portal;

/// <summary>The two buttons of every page: sign out, and lock the keys.</summary>
internal static class AccountPosts
{
    public static void MapAccountPosts(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder posts = routes.MapGroup(string.Empty).AddEndpointFilter(async (call, next) =>
            await call.HttpContext.RequestServices.GetRequiredService<IAntiforgery>().HasRightTokenAsync(call.HttpContext)
                ? await next(call)
                : Results.StatusCode(StatusCodes.Status400BadRequest));

        posts.MapPost("/sign-out", async (PortalSignInManager signIn) =>
        {
            await signIn.EndSessionAsync();
            await signIn.SignOutAsync();
            return Results.Redirect("/");
        });

        posts.MapPost("/lock", (CurrentPerson person, KeyRing keys, SessionNotes notes) =>
        {
            keys.Lock(person.Session);
            notes.Say("Your keys are locked.");
            return Results.Redirect("/");
        });
    }
}
