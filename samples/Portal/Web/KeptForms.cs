using System.Security.Cryptography;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Endpoints;

namespace Phr.Samples.Portal;

/// <summary>
/// Keeps what somebody wrote into a form and sent too late: signed out in another window, or keys locked meanwhile. After signing in and unlocking they are shown it and can send it. It is kept in memory for half an
/// hour, for the browser that sent it, and shown only to the person for whom the form was made.
/// </summary>
public sealed class KeptForms : IDisposable
{
    /// <summary>Where people are shown what was kept.</summary>
    public const string Page = "/resume";

    private const int MaxForms = 1000;
    private const int MaxLength = 64 << 10;
    private const int MaxFields = 100;
    private const string TokenField = "__RequestVerificationToken";

    private static readonly TimeSpan _keptFor = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan _sweepEvery = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, KeptForm> _forms = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly PortalAddress _address;
    private readonly TimeProvider _time;
    private readonly ITimer _sweeper;

    public KeptForms(PortalAddress address, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _address = address;
        _time = time;
        _sweeper = time.CreateTimer(_ => Sweep(), null, _sweepEvery, _sweepEvery);
    }

    private string CookieName => _address.CookieName("phr-kept");

    /// <summary>Sends whoever cannot go on yet to a door, and back afterwards: to the page, or to what they had written.</summary>
    /// <param name="context">The request.</param>
    /// <param name="door">The page that lets them in: the sign-in, or where keys are made or unlocked.</param>
    public async Task TurnAwayAsync(HttpContext context, string door)
    {
        ArgumentNullException.ThrowIfNull(context);
        HttpRequest request = context.Request;
        string back = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) ? request.Path.ToUriComponent() + request.QueryString.ToUriComponent()
            : await KeepAsync(context) ? Page
            : request.Path.StartsWithSegments("/patient/upload", StringComparison.OrdinalIgnoreCase) ? "/patient/upload"
            : "/";
        context.Response.Redirect(back == "/" ? door : $"{door}?return={Uri.EscapeDataString(back)}");
    }

    /// <summary>What was kept for this browser, if the form was made for the person who asks now.</summary>
    public async Task<KeptForm?> FindAsync(HttpContext context, IAntiforgery antiforgery)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(antiforgery);
        if (Take(context, isOver: false) is not { } form)
        {
            return null;
        }

        context.Request.Headers["RequestVerificationToken"] = form.Token;
        try
        {
            await antiforgery.ValidateRequestAsync(context);
            return form;
        }
        catch (AntiforgeryValidationException)
        {
            Forget(context);
            return null;
        }
        finally
        {
            context.Request.Headers.Remove("RequestVerificationToken");
        }
    }

    /// <summary>Forgets what was kept for this browser, where it is what was sent now.</summary>
    public void ForgetSent(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (Take(context, isOver: false)?.Address == context.Request.Path.ToUriComponent() + context.Request.QueryString.ToUriComponent())
        {
            Forget(context);
        }
    }

    /// <summary>Forgets what was kept for this browser.</summary>
    public void Forget(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (Take(context, isOver: true) is not null && !context.Response.HasStarted)
        {
            context.Response.Cookies.Delete(CookieName, Flags());
        }
    }

    /// <summary>Forgets what is older than half an hour: it may be about somebody's health.</summary>
    /// <returns>How many forms are kept still.</returns>
    public int Sweep()
    {
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            foreach (string old in _forms.Where(f => now - f.Value.At > _keptFor).Select(f => f.Key).ToArray())
            {
                _forms.Remove(old);
            }

            return _forms.Count;
        }
    }

    public void Dispose() => _sweeper.Dispose();

    private KeptForm? Take(HttpContext context, bool isOver)
    {
        if (context.Request.Cookies[CookieName] is not { } name)
        {
            return null;
        }

        lock (_lock)
        {
            if (!_forms.TryGetValue(name, out KeptForm? form) || _time.GetUtcNow() - form.At > _keptFor)
            {
                return null;
            }

            if (isOver)
            {
                _forms.Remove(name);
            }

            return form;
        }
    }

    private async Task<bool> KeepAsync(HttpContext context)
    {
        HttpRequest request = context.Request;
        Endpoint? endpoint = context.GetEndpoint();
        bool isOfRoom = endpoint?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null && endpoint.Metadata.GetOrderedMetadata<Microsoft.AspNetCore.Authorization.IAuthorizeData>().Any(data => data.Policy is not null);
        if (!isOfRoom || request.ContentLength is null or > MaxLength || !(request.ContentType ?? string.Empty).StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(context.RequestAborted);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or BadHttpRequestException)
        {
            return false;
        }

        KeyValuePair<string, string>[] fields = [.. form.SelectMany(field => field.Value.Select(value => new KeyValuePair<string, string>(field.Key, value ?? string.Empty)))];
        if (fields.Length > MaxFields || form[TokenField].ToString() is not { Length: > 0 } token)
        {
            return false;
        }

        var kept = new KeptForm(
            request.Path.ToUriComponent() + request.QueryString.ToUriComponent(), endpoint!.Metadata.GetMetadata<NeedsKeysAttribute>() is not null, token, [.. fields.Where(field => field.Key != TokenField)], _time.GetUtcNow());
        string name = RandomNumberGenerator.GetHexString(64, lowercase: true);
        lock (_lock)
        {
            if (_forms.Count >= MaxForms)
            {
                _forms.Remove(_forms.MinBy(f => f.Value.At).Key);
            }

            _forms[name] = kept;
        }

        context.Response.Cookies.Append(CookieName, name, Flags());
        return true;
    }

    private CookieOptions Flags() => new() { HttpOnly = true, Secure = _address.IsSecure, SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true };
}
