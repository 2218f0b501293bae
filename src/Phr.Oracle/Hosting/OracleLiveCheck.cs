using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Phr.Oracle.Hosting;

/// <summary>Whether the loops go round. What the world does wrong is no reason to start the process anew.</summary>
internal sealed class OracleLiveCheck(OracleState state) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(state.FindSilentLoop() is { } hang ? HealthCheckResult.Unhealthy(string.Create(CultureInfo.InvariantCulture, $"the loop that does '{hang.Loop}' has not gone round for {hang.Minutes} minutes.")) : HealthCheckResult.Healthy());
}
