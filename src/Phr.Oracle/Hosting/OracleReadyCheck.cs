using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Phr.Oracle.Hosting;

/// <summary>Whether the process can serve: its parts work, and the oracle may act on the ledger.</summary>
internal sealed class OracleReadyCheck(OracleState state) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        OracleSnapshot now = state.Read();
        return Task.FromResult(
            now.Obstacles.Count > 0 ? HealthCheckResult.Unhealthy(string.Join(' ', now.Obstacles))
            : now.Warnings.Count > 0 ? HealthCheckResult.Degraded(string.Join(' ', now.Warnings))
            : HealthCheckResult.Healthy());
    }
}
