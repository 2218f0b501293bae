using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Endpoints;

namespace Phr.Samples.Portal;

/// <summary>What holds for every form of every page: pressed twice it does its work once, one person's forms wait for each other, and a form that is no longer on its page is answered in words.</summary>
internal static class FormRules
{
    // Whoever tries a password again means it, and nothing of a passphrase is remembered.
    private static readonly string[] _everyTimeAnew = ["/sign-in", "/unlock", "/recover"];

    public static void UseFormRules(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        // The sign-in that was still open in another window: its token is of somebody who was not signed in.
        if (HttpMethods.IsPost(context.Request.Method) && context.Request.Path.Equals("/sign-in", StringComparison.OrdinalIgnoreCase) && context.User.Identity?.IsAuthenticated == true
            && context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: true })
        {
            Say(context, "You are signed in already. To be somebody else, log out first.");
            context.Response.Redirect("/");
            return;
        }

        // A wrong token, or none, is said in words, whatever the platform would say of it. What is too large to be read has no token either.
        if (HttpMethods.IsPost(context.Request.Method) && context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null && context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false } refused)
        {
            context.Response.StatusCode = IsTooLarge(refused.Error) ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status400BadRequest;
            return;
        }

        if (!IsPageForm(context))
        {
            await next(context);
            return;
        }

        if (_everyTimeAnew.Any(path => context.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase)))
        {
            await InTurnAsync(context, next);
            return;
        }

        SentForms forms = context.RequestServices.GetRequiredService<SentForms>();
        string name = forms.NameOf(context, await context.Request.ReadFormAsync(context.RequestAborted));
        SentForm form = forms.Begin(name, out bool isFirst);
        while (!isFirst)
        {
            if (await form.Ended.WaitAsync(context.RequestAborted))
            {
                await AgainAsync(context, form);
                return;
            }

            form = forms.Begin(name, out isFirst);
        }

        FormAnswer? answer = null;
        try
        {
            // A browser that presses twice gives up its first request: what that began goes on, and the second gets the answer.
            context.RequestAborted = CancellationToken.None;
            answer = await InTurnAsync(context, next);
        }
        finally
        {
            forms.End(name, form, answer);
        }
    });

    // The platform wraps what stopped it; of a field or a form over its limits it only says so in words.
    private static bool IsTooLarge(Exception? fault) =>
        fault is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } || (fault is InvalidDataException && fault.Message.Contains("limit", StringComparison.Ordinal)) || (fault?.InnerException is { } inner && IsTooLarge(inner));

    private static bool IsPageForm(HttpContext context) =>
        HttpMethods.IsPost(context.Request.Method)
        && context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null
        && context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: true }
        && context.Request.HasFormContentType;

    private static async Task AgainAsync(HttpContext context, SentForm form)
    {
        if (form.CopyAnswer() is { } answer)
        {
            await answer.WriteAsync(context.Response, context.RequestAborted);
            answer.Wipe();
            return;
        }

        Say(context, "You sent this form before. It was done once, and not again.");
        context.Response.Redirect(form.Location ?? AddressOf(context.Request));
    }

    // The answer is held back until it is whole: a second press may need it, and an error becomes a page in words.
    private static async Task<FormAnswer?> InTurnAsync(HttpContext context, RequestDelegate next)
    {
        SentForms forms = context.RequestServices.GetRequiredService<SentForms>();
        string? person = context.User.FindFirstValue(ClaimTypes.NameIdentifier);

        // Strangers do not wait for each other, but for the first accounts, which are made once.
        person ??= context.Request.Path.StartsWithSegments("/setup", StringComparison.OrdinalIgnoreCase) ? "setup" : null;
        using IDisposable? turn = person is null ? null : await forms.TakeTurnAsync(person, context.RequestAborted);
        if (person is not null && turn is null)
        {
            Say(context, "Something that you sent before is still being done. Wait for it, and look whether this is still to be done.");
            context.Response.Redirect(AddressOf(context.Request));
            return null;
        }

        HttpResponse response = context.Response;
        Stream original = response.Body;
        using var memory = new MemoryStream();
        response.Body = memory;
        try
        {
            await next(context);
        }
        finally
        {
            response.Body = original;
        }

        if (response.StatusCode == StatusCodes.Status400BadRequest && context.User.Identity?.IsAuthenticated == true)
        {
            // The token is right, so the page is one of ours, but what was pressed is not on it any more: decided in another window, or by somebody else.
            response.Clear();
            Say(context, "This page has changed since you opened it. What you pressed is not there any more, and nothing was done.");
            response.Redirect(AddressOf(context.Request));
            return null;
        }

        if (response.StatusCode >= StatusCodes.Status400BadRequest)
        {
            // The page for errors says what happened.
            return null;
        }

        context.RequestServices.GetRequiredService<KeptForms>().ForgetSent(context);
        var answer = new FormAnswer(response.StatusCode, response.Headers.Location, response.ContentType, response.Headers.SetCookie, memory.ToArray());
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(memory.GetBuffer());
        await answer.WriteAsync(response, context.RequestAborted);
        return answer;
    }

    private static string AddressOf(HttpRequest request) => request.Path.ToUriComponent() + request.QueryString.ToUriComponent();

    private static void Say(HttpContext context, string text) => context.RequestServices.GetRequiredService<SessionNotes>().Say(text);
}
