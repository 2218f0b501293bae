using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Phr.Oracle.Hosting;
using Phr.Oracle.Telemetry;

namespace Phr.Oracle;

/// <summary>Adds an oracle to a host.</summary>
public static class OracleServiceCollectionExtensions
{
    /// <summary>The tag of the health check that says whether the process does anything at all. A process that fails it should be started anew.</summary>
    public const string LiveTag = "live";

    /// <summary>The tag of the health check that says whether the process can serve now.</summary>
    public const string ReadyTag = "ready";

    /// <summary>Adds an oracle that is configured by a section: a hosted service, an <see cref="OracleMonitor"/>, and two health checks.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="section">The section, by custom <c>Oracle</c>; its keys are the properties of <see cref="OracleServiceOptions"/>.</param>
    /// <returns>Says which parts to use.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidOperationException">An oracle was added already: a process serves one.</exception>
    /// <remarks>Starting the host throws <see cref="Microsoft.Extensions.Options.OptionsValidationException"/> with every fault of the options, and what <see cref="IKeyProvider.LoadAsync"/> throws. A ledger or store that cannot be reached does not stop it: the service tries again, and is not ready meanwhile.</remarks>
    public static OracleBuilder AddPhrOracle(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, OracleSettings.Read(section));
    }

    /// <summary>Adds an oracle with options that the program made.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">The options.</param>
    /// <returns>Says which parts to use.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="InvalidOperationException">An oracle was added already: a process serves one.</exception>
    public static OracleBuilder AddPhrOracle(this IServiceCollection services, OracleServiceOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        return Add(services, OracleSettings.Of(options));
    }

    private static OracleBuilder Add(IServiceCollection services, OracleSettings settings)
    {
        if (services.Any(service => service.ServiceType == typeof(OracleComposition)))
        {
            throw new InvalidOperationException("An oracle was added already. A process serves one.");
        }

        var composition = new OracleComposition();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton(composition);
        services.AddSingleton<OracleState>();
        services.AddSingleton<OracleInstruments>();
        services.AddSingleton<OracleHost>();
        services.AddSingleton(provider => new OracleMonitor(provider.GetRequiredService<OracleState>(), provider.GetRequiredService<OracleHost>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<OracleHost>());
        services.AddHealthChecks()
            .AddCheck<OracleLiveCheck>("phr-oracle-live", HealthStatus.Unhealthy, [LiveTag])
            .AddCheck<OracleReadyCheck>("phr-oracle-ready", HealthStatus.Unhealthy, [ReadyTag]);
        return new OracleBuilder(services, composition);
    }
}
