using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Phr.Oracle;

namespace Phr.Samples.OracleNode;

/// <summary>Sends the oracle's metrics and spans to a collector by OTLP, where one is named. Nothing leaves the process otherwise.</summary>
internal static class NodeTelemetry
{
    /// <summary>OpenTelemetry's own name for the collector's address. The exporter reads it, and its other variables (headers, protocol, intervals), from the configuration.</summary>
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>The same as a setting of the process.</summary>
    public const string Setting = "Node:Otlp";

    /// <returns>What is wrong with the address that is named, or null.</returns>
    public static string? FindFault(IConfiguration configuration) =>
        Named(configuration) is not { } collector || (Uri.TryCreate(collector, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0)
            ? null

            // It may carry a key by mistake: it is not shown.
            : $"{Setting} or {Endpoint} is an http or https address of a collector, without a user name.";

    /// <returns>Whether a collector is named.</returns>
    /// <exception cref="InvalidOperationException">What is named is no http or https address.</exception>
    public static bool Add(IServiceCollection services, IConfiguration configuration)
    {
        if (Named(configuration) is not { } collector)
        {
            return false;
        }

        if (FindFault(configuration) is { } fault)
        {
            throw new InvalidOperationException(fault);
        }

        configuration[Endpoint] = collector;
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("phr-oracle", serviceInstanceId: configuration["Oracle:Process"] ?? "main"))
            .WithMetrics(metrics => metrics.AddMeter(OracleTelemetry.MeterName).AddOtlpExporter())
            .WithTracing(traces => traces.AddSource(OracleTelemetry.ActivitySourceName).AddOtlpExporter());
        return true;
    }

    private static string? Named(IConfiguration configuration) => (configuration[Setting] ?? configuration[Endpoint]) is { Length: > 0 } collector ? collector : null;
}
