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

    /// <returns>Whether a collector is named.</returns>
    /// <exception cref="InvalidOperationException">What is named is no http or https address.</exception>
    public static bool Add(IServiceCollection services, IConfiguration configuration)
    {
        if ((configuration[Setting] ?? configuration[Endpoint]) is not { Length: > 0 } collector)
        {
            return false;
        }

        // It may carry a key by mistake: it is not shown.
        if (!Uri.TryCreate(collector, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0)
        {
            throw new InvalidOperationException($"{Setting} or {Endpoint} is an http or https address of a collector, without a user name.");
        }

        configuration[Endpoint] = collector;
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("phr-oracle", serviceInstanceId: configuration["Oracle:Process"] ?? "main"))
            .WithMetrics(metrics => metrics.AddMeter(OracleTelemetry.MeterName).AddOtlpExporter())
            .WithTracing(traces => traces.AddSource(OracleTelemetry.ActivitySourceName).AddOtlpExporter());
        return true;
    }
}
