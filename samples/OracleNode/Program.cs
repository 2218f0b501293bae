// An oracle as a process: it serves, shows how it is, and takes an operator's commands. docs/operations/oracle.md is its manual.
//
//   OracleNode [run]                                    serves until it is asked to stop
//   OracleNode keys create --file F --passphrase-file P   makes a key file
//   OracleNode keys publish --operator-key F --operator-passphrase-file P [--days 29]
//   OracleNode jobs list [--phase set-aside] | jobs retry <job>
//   OracleNode store repair [<content id>]
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle;
using Phr.Samples.OracleNode;

if (args is ["--help" or "-h" or "help", ..])
{
    Console.WriteLine(Commands.Help);
    return 0;
}

if (args is ["keys", "create", ..])
{
    return await Commands.GuardAsync(() => Commands.CreateKeysAsync(args[2..]));
}

return await Commands.GuardAsync(() => StartAsync(args));

static async Task<int> StartAsync(string[] args)
{
    // 1. Configuration: appsettings.json, the environment, the command line.
    bool serves = args is not ["keys" or "jobs" or "store", ..];
    string[] rest = serves && args is ["run", ..] ? args[1..] : args;
    WebApplicationBuilder builder = WebApplication.CreateBuilder(serves ? rest : []);
    builder.Logging.AddJsonConsole(options => options.JsonWriterOptions = new JsonWriterOptions { Indented = false });
    if (!serves)
    {
        builder.Logging.ClearProviders();
    }

    // 2. The oracle, and which parts it stands on.
    if (NodeParts.FindFaults(builder.Configuration) is { Count: > 0 } faults)
    {
        return Commands.CannotStart(faults);
    }

    OracleBuilder oracle = builder.Services.AddPhrOracle(builder.Configuration.GetSection("Oracle"));
    NodeParts.Choose(oracle, builder.Configuration.GetSection("Node"));

    // 3. An operator's command, on the same parts.
    if (!serves)
    {
        await using WebApplication desk = builder.Build();
        return await Commands.RunAsync(args, desk.Services);
    }

    // 4. Health, metrics and the status page. No page has a script, and none can be framed or sends anything elsewhere.
    builder.Services.AddSingleton<PrometheusText>();
    NodeTelemetry.Add(builder.Services, builder.Configuration);
    builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
    WebApplication app = builder.Build();
    app.Use((context, next) =>
    {
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers.CacheControl = "no-store";
        return next(context);
    });
    app.MapHealthChecks("/health/live", Health(OracleServiceCollectionExtensions.LiveTag));
    app.MapHealthChecks("/health/ready", Health(OracleServiceCollectionExtensions.ReadyTag));
    app.MapGet("/metrics", (PrometheusText metrics) => Results.Text(metrics.Write(), "text/plain; version=0.0.4", System.Text.Encoding.UTF8));

    // What a doctor may pull instead of asking the content store for each delivery. It is sealed to the doctor.
    app.MapGet("/deliveries/{request}", async (string request, OracleMonitor monitor, CancellationToken ct) =>
        !RequestId.TryParse(request, out RequestId id) ? Results.BadRequest()
        : !monitor.IsOpen ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable)
        : await monitor.AssembleAsync(id, ct) is { } pack ? Results.Bytes(pack.ToBytes(), HttpDeliverySource.MediaType)
        : Results.NotFound());
    app.MapGet("/status.css", () => Results.Text(StatusPage.Style, "text/css", System.Text.Encoding.UTF8));
    app.MapGet("/", async (HttpRequest request, OracleMonitor monitor, CancellationToken ct) =>
        Results.Text(await StatusPage.WriteAsync(monitor, request.Query.ContainsKey("watch"), ct), "text/html", System.Text.Encoding.UTF8));
    app.Services.GetRequiredService<PrometheusText>().Begin();

    await app.RunAsync();
    return 0;
}

static HealthCheckOptions Health(string tag) => new()
{
    Predicate = check => check.Tags.Contains(tag),
    ResponseWriter = (context, report) => context.Response.WriteAsJsonAsync(new
    {
        status = report.Status.ToString().ToLowerInvariant(),
        reasons = report.Entries.Values.Where(entry => entry.Status != HealthStatus.Healthy).Select(entry => entry.Description),
    }),
};
