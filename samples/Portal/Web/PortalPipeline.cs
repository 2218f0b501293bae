using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>What every request passes: headers, limits, and the question whether its page needs keys.</summary>
internal static class PortalPipeline
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    /// <summary>No page has a script or a style of its own, can be framed, sends forms elsewhere, or is kept by a browser or a proxy.</summary>
    public static void UseSecurityHeaders(this IApplicationBuilder app, PortalAddress address) => app.Use((context, next) =>
    {
        // Where browsers come by https, everything here does: a proxy that speaks TLS may have spoken http to the portal.
        if (address.IsSecure)
        {
            context.Request.Scheme = Uri.UriSchemeHttps;
        }

        IHeaderDictionary headers = context.Response.Headers;
        context.Response.OnStarting(() =>
        {
            // At the very end, because an error empties the answer on its way to the page that tells of it. A document's own policy is stricter, and stays.
            headers.TryAdd("Content-Security-Policy", Policy);
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "same-origin";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), interest-cohort=()";
            if (address.IsSecure)
            {
                headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
            }

            // Assets say themselves how long they may be kept.
            if (headers.CacheControl.ToString() is not { Length: > 0 } said || !said.Contains("immutable", StringComparison.Ordinal))
            {
                headers.CacheControl = "no-store";
            }

            return Task.CompletedTask;
        });
        return next(context);
    });

    /// <summary>Behind a proxy that speaks TLS, tries are counted by the address that the proxy saw, and not all as the proxy's.</summary>
    public static void UseProxies(this IApplicationBuilder app, PortalOptions options)
    {
        if (!options.BehindTls)
        {
            return;
        }

        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = 1 };
        foreach (string proxy in options.Proxies)
        {
            forwarded.KnownProxies.Add(IPAddress.Parse(proxy));
        }

        app.UseForwardedHeaders(forwarded);
    }

    /// <summary>Says what waits for whoever is too fast: <see cref="PortalLimits"/>.</summary>
    public static void AddPortalLimits(this IServiceCollection services, PortalOptions options) => services.AddRateLimiter(limiter =>
    {
        string wait = Math.Ceiling(options.LimitWindow.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = (context, _) =>
        {
            context.HttpContext.Response.Headers.RetryAfter = wait;
            return context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<ForScriptsAttribute>() is null
                ? ValueTask.CompletedTask
                : new ValueTask(PartEndpoints.Say(StatusCodes.Status429TooManyRequests, "That was too much in a minute. It goes on in a moment.").ExecuteAsync(context.HttpContext));
        };
        limiter.GlobalLimiter = PortalLimits.Create(options);
    });

    /// <summary>Sends whoever opens a page that needs keys to make or unlock them first, and back afterwards.</summary>
    public static void UseKeysGate(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<NeedsKeysAttribute>() is not null)
        {
            CurrentPerson person = context.RequestServices.GetRequiredService<CurrentPerson>();
            PortalUser user = await person.RequireAsync();
            bool enrolled = user.EnrolledAt is not null;
            if (!enrolled || !context.RequestServices.GetRequiredService<KeyRing>().IsUnlocked(person.Session))
            {
                if (context.GetEndpoint()!.Metadata.GetMetadata<ForScriptsAttribute>() is not null)
                {
                    await PartEndpoints.Say(StatusCodes.Status401Unauthorized, "Your keys are locked. What has come in is kept. Unlock them, then go on.").ExecuteAsync(context);
                    return;
                }

                await context.RequestServices.GetRequiredService<KeptForms>().TurnAwayAsync(context, enrolled ? "/unlock" : "/enrol");
                return;
            }
        }

        await next(context);
    });

    /// <summary>Pages take plain forms. One of several parts would be put down in a file of the platform's before anybody looks at it; no page sends such a one.</summary>
    public static void UsePlainForms(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (!HttpMethods.IsPost(context.Request.Method) || context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is null || context.Request.ContentType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) != true)
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
        return Task.CompletedTask;
    });

    /// <summary>Errors become pages that say what happened and what now.</summary>
    public static void UsePortalErrors(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandlingPath = "/problem/500",
            CreateScopeForErrors = true,
            SuppressDiagnosticsCallback = context => context.Exception is NotFoundHereException or BadHttpRequestException,
            StatusCodeSelector = e => e switch
            {
                NotFoundHereException => StatusCodes.Status404NotFound,
                BadHttpRequestException bad => bad.StatusCode,
                DbUpdateConcurrencyException => StatusCodes.Status409Conflict,
                _ => StatusCodes.Status500InternalServerError,
            },
        });
        app.UseStatusCodePagesWithReExecute("/problem/{0}", createScopeForStatusCodePages: true);

        // The page for errors is only looked at, whatever was sent: a form with a wrong token would stop it too.
        app.Use((context, next) =>
        {
            bool isFault = context.Features.Get<IExceptionHandlerFeature>() is not null;
            if (!isFault && context.Features.Get<IStatusCodeReExecuteFeature>() is null)
            {
                return next(context);
            }

            if (!HttpMethods.IsHead(context.Request.Method))
            {
                context.Request.Method = HttpMethods.Get;
                context.Features.Set<IAntiforgeryValidationFeature>(null);
            }

            // The platform draws a page that is run again for its status without waiting for what the page waits for, and throws its services away while they are at work: a database connection then hangs, and the
            // answer with it. So it is drawn as any other page, and gets its status when it goes out.
            ErrorAnswer.Hold(context);
            context.Features.Set<IStatusCodeReExecuteFeature>(null);
            return next(context);
        });
    }

    /// <summary>Looks up who asks before a page is drawn: all of its parts want to know, at the same time, and there is one database context for them.</summary>
    public static void UseCurrentPerson(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null)
        {
            await context.RequestServices.GetRequiredService<CurrentPerson>().FindAsync();
        }

        await next(context);
    });

    /// <summary>An address to go back to, if it is one of the portal's own.</summary>
    public static string SafeReturn(string? address, string otherwise) =>
        address is { Length: > 1 } && address[0] == '/' && address[1] is not ('/' or '\\') && !address.Any(char.IsControl) ? address : otherwise;

    /// <summary>A number of bytes for people.</summary>
    public static string Bytes(long count) => count switch
    {
        >= 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{count / (double)(1 << 30):0.0} GiB"),
        >= 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{count / (double)(1 << 20):0.0} MiB"),
        >= 1 << 10 => string.Create(CultureInfo.InvariantCulture, $"{count / (double)(1 << 10):0.0} KiB"),
        1 => "1 byte",
        _ => string.Create(CultureInfo.InvariantCulture, $"{count} bytes"),
    };
}
