// The portal: patients, doctors, guardians, hospitals, the regulatory agency, insurers and the cloud server's operator, in a browser. docs/portal.md is its manual.
//
//   dotnet run --project samples/Portal              starts on embedded parts and prints where to go
//   dotnet run --project samples/Portal -- --demo    with a made-up story, and the passwords of everybody in it
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Phr.Samples.Portal;
using Phr.Samples.Portal.Components;

bool demo = args.Contains("--demo");
string[] settings = [.. args.Where(arg => arg != "--demo")];
bool elsewhere = !File.Exists("appsettings.json") && !settings.Any(arg => arg.StartsWith("--contentRoot", StringComparison.OrdinalIgnoreCase));
WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings, ContentRootPath = elsewhere ? AppContext.BaseDirectory : null });
if (demo)
{
    builder.Configuration["Portal:Demo"] = "true";
}

// 1. Settings: appsettings.json, the environment, the command line. What is wrong is told before anything starts.
(PortalOptions options, IReadOnlyList<string> faults) = PortalOptions.Read(builder.Configuration);
if (faults.Count > 0)
{
    await Console.Error.WriteLineAsync($"The portal cannot start:{string.Concat(faults.Select(fault => $"\n- {fault}"))}");
    return 2;
}

PortalAddress address = PortalAddress.Of(builder.Configuration, options);
builder.Services.AddSingleton(options).AddSingleton(address).AddSingleton(TimeProvider.System);

// Nobody else on this machine has to look into the folder, although what is in it opens nothing.
if (OperatingSystem.IsWindows())
{
    Directory.CreateDirectory(options.PathOf());
}
else
{
    Directory.CreateDirectory(options.PathOf(), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
}

// 2. The database, accounts, and cookies that this portal alone can read.
builder.Services.AddPortalDb(options);
Directory.CreateDirectory(options.PathOf("protection"));
builder.Services.AddDataProtection().SetApplicationName("phr-portal").PersistKeysToFileSystem(new DirectoryInfo(options.PathOf("protection")));
builder.Services.AddIdentityCore<PortalUser>(identity =>
    {
        identity.User.RequireUniqueEmail = true;
        identity.Password.RequiredLength = 10;
        identity.Password.RequireDigit = identity.Password.RequireLowercase = identity.Password.RequireUppercase = identity.Password.RequireNonAlphanumeric = false;
        identity.Password.RequiredUniqueChars = 5;
        identity.Lockout.MaxFailedAccessAttempts = 5;
        identity.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(10);
    })
    .AddRoles<IdentityRole<int>>()
    .AddEntityFrameworkStores<PortalDb>()
    .AddUserStore<PortalUserStore>()
    .AddSignInManager<PortalSignInManager>()
    .AddDefaultTokenProviders()
    .AddTokenProvider<AuthenticatorCodes>(TokenOptions.DefaultAuthenticatorProvider);
builder.Services.AddScoped(provider => (PortalSignInManager)provider.GetRequiredService<SignInManager<PortalUser>>());
builder.Services.Configure<SecurityStampValidatorOptions>(stamp =>
{
    stamp.ValidationInterval = TimeSpan.FromMinutes(1);
    stamp.OnRefreshingPrincipal = context =>
    {
        // The session outlives the renewal of the other claims.
        if (context.CurrentPrincipal?.FindFirst(PortalSignInManager.SessionClaim) is { } session)
        {
            context.NewPrincipal?.Identities.First().AddClaim(session);
        }

        return Task.CompletedTask;
    };
});
builder.Services.AddAuthentication(IdentityConstants.ApplicationScheme).AddIdentityCookies(cookies =>
{
    cookies.ApplicationCookie!.Configure(cookie =>
    {
        cookie.LoginPath = "/sign-in";
        cookie.ReturnUrlParameter = "return";
        cookie.ExpireTimeSpan = EndedSessions.CookieLife;
        cookie.SlidingExpiration = true;
        cookie.Events.OnRedirectToLogin = context => context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<ForScriptsAttribute>() is not null
            ? PartEndpoints.Say(StatusCodes.Status401Unauthorized, "You are signed out. What has come in is kept. Sign in again, then go on.").ExecuteAsync(context.HttpContext)
            : context.HttpContext.RequestServices.GetRequiredService<KeptForms>().TurnAwayAsync(context.HttpContext, cookie.LoginPath);
        cookie.Events.OnValidatePrincipal = EndedSessions.Before(cookie.Events.OnValidatePrincipal);
        cookie.Events.OnRedirectToAccessDenied = context =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        };
        Protect(cookie, "phr");
    });
    cookies.TwoFactorUserIdCookie!.Configure(cookie => Protect(cookie, "phr-code"));
    cookies.TwoFactorRememberMeCookie!.Configure(cookie => Protect(cookie, "phr-remember"));
    cookies.ExternalCookie!.Configure(cookie => Protect(cookie, "phr-external"));
});
builder.Services.AddAntiforgery(antiforgery =>
{
    antiforgery.Cookie.Name = address.CookieName("phr-form");
    antiforgery.Cookie.SecurePolicy = address.IsSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
    antiforgery.Cookie.Path = "/";
    antiforgery.HeaderName = "RequestVerificationToken";
});
builder.Services.AddAuthorization(Rooms.AddPolicies);
builder.Services.AddScoped<IAuthorizationHandler, AdmittedHandler>();
builder.Services.AddPortalLimits(options);

// 3. Keys, the ledger and the stores, mail, and the desks.
builder.Services.AddHttpContextAccessor();
builder.Services.AddSingleton<KeyRing>().AddSingleton<PhrServices>().AddSingleton<EmbeddedOracles>().AddSingleton<SessionNoteBox>().AddSingleton<SentForms>().AddSingleton<KeptForms>().AddSingleton<EndedSessions>().AddSingleton<PassphraseTries>().AddSingleton<SetupCode>().AddSingleton<DemoTold>().AddSingleton<DiagnosisModels>().AddSingleton<Licences>().AddSingleton<MailState>();
builder.Services.AddSingleton<Turns>().AddSingleton<PartFolder>().AddSingleton<UploadCleaning>().AddSingleton<StorageHolds>().AddScoped<StorageQuota>().AddSingleton<DrillAnswering>().AddScoped<UploadDesk>().AddScoped<HealthDesk>();
builder.Services.AddSingleton<Housekeeping>().AddHostedService(provider => provider.GetRequiredService<Housekeeping>());
builder.Services.AddSingleton<ClaimExpiry>().AddHostedService(provider => provider.GetRequiredService<ClaimExpiry>());
builder.Services.AddHostedService<MailSender>();
builder.Services.AddScoped<CurrentPerson>().AddScoped<Guard>().AddScoped<Postman>().AddScoped<AccountDesk>().AddScoped<SessionNotes>().AddScoped<DeskParts>();
builder.Services.AddScoped<PatientDesk>().AddScoped<DoctorDesk>().AddScoped<TrusteeDesk>().AddScoped<AgencyDesk>().AddScoped<ClaimDesk>().AddScoped<OperatorDesk>().AddScoped<TrackDesk>().AddScoped<FhirDesk>().AddScoped<PrescriptionDesk>().AddScoped<OutcomeBoard>();
builder.Services.AddScoped<EmergencyDesk>().AddScoped<EmergencyNotices>().AddScoped<LicenceDesk>();
builder.Services.AddScoped<DemoStory>();
builder.Services.AddRazorComponents();
builder.Services.AddCascadingAuthenticationState();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);

// 4. What each request passes.
WebApplication app = builder.Build();
app.UseProxies(options);
app.UseSecurityHeaders(address);
app.UsePortalErrors();
app.UseRouting();
app.UseAuthentication();
app.UseRateLimiter();
app.UseAuthorization();
app.UseCurrentPerson();
app.UseKeysGate();
app.UsePlainForms();
app.UseAntiforgery();
app.UseFormRules();
app.MapAssets();
app.MapUpload();
app.MapParts();
app.MapDocuments();
app.MapTrackExports();
app.MapFhir();
app.MapAccountPosts();
app.MapRazorComponents<App>();

// 5. The database is brought up to date, what is there is opened, and the demonstration is told where it is asked for.
await PortalStorage.MigrateAsync(app.Services, CancellationToken.None);
await PortalUserStore.ProtectAsync(app.Services, CancellationToken.None);
await app.Services.GetRequiredService<EndedSessions>().LoadAsync(CancellationToken.None);
await app.Services.GetRequiredService<PhrServices>().OpenAsync(CancellationToken.None);
try
{
    await app.StartAsync();
}
catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    await Console.Error.WriteLineAsync($"Something else listens on {string.Join(", ", address.Urls)} already, perhaps another portal. Name another address, for example --Urls=http://localhost:5091");
    return 3;
}

try
{
    await Greeting.SayAsync(app, options, app.Lifetime.ApplicationStopping);
    app.Services.GetRequiredService<DemoTold>().Tell();
}
catch (Exception e)
{
    app.Services.GetRequiredService<DemoTold>().Fail(e);
    throw;
}

await app.WaitForShutdownAsync();
return 0;

void Protect(CookieAuthenticationOptions cookie, string name)
{
    cookie.Cookie.Name = address.CookieName(name);
    cookie.Cookie.HttpOnly = true;
    cookie.Cookie.SameSite = SameSiteMode.Lax;
    cookie.Cookie.SecurePolicy = address.IsSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
    cookie.Cookie.Path = "/";
}

/// <summary>The portal.</summary>
public partial class Program;
