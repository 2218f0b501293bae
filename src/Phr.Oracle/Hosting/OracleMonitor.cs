using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle.Hosting;

namespace Phr.Oracle;

/// <summary>Shows how an oracle's service is, to a status page or an operator's command. One lives in the host's services.</summary>
/// <remarks>Thread safe.</remarks>
public sealed class OracleMonitor
{
    private readonly OracleState _state;
    private readonly OracleHost _host;
    private readonly TimeProvider _time;

    internal OracleMonitor(OracleState state, OracleHost host, TimeProvider time)
    {
        _state = state;
        _host = host;
        _time = time;
    }

    /// <summary>Whether the service has opened its parts, so that jobs can be listed.</summary>
    public bool IsOpen => _host.Parts is not null;

    /// <summary>How the service is. Asks nobody; costs next to nothing.</summary>
    /// <returns>The snapshot.</returns>
    public OracleSnapshot Read() => _state.Read();

    /// <summary>Lists jobs from the job store.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The jobs.</returns>
    /// <exception cref="InvalidOperationException">The service has not opened its parts yet.</exception>
    /// <exception cref="System.Data.Common.DbException">The job store does not answer.</exception>
    public Task<IReadOnlyList<OracleJob>> ListJobsAsync(JobFilter filter, CancellationToken cancellationToken = default) => Parts.Jobs.ListAsync(filter, cancellationToken);

    /// <summary>Asks for a job again that was set aside.</summary>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Whether there was such a job, and it was set aside.</returns>
    /// <exception cref="InvalidOperationException">The service has not opened its parts yet.</exception>
    /// <exception cref="System.Data.Common.DbException">The job store does not answer.</exception>
    public Task<bool> RetryAsync(JobKey job, CancellationToken cancellationToken = default) => Parts.Jobs.RetryAsync(job, _time.GetUtcNow(), cancellationToken);

    /// <summary>Assembles the sealed deliveries of a request for a doctor who pulls them: see <see cref="OracleWorker.AssembleAsync"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The pack; null where this oracle has no seat, or the grant does not stand any more.</returns>
    /// <exception cref="InvalidOperationException">The service has not opened its parts yet.</exception>
    public Task<DeliveryPack?> AssembleAsync(RequestId request, CancellationToken cancellationToken = default) => Parts.Worker.AssembleAsync(request, cancellationToken);

    private OracleParts Parts => _host.Parts ?? throw new InvalidOperationException("The service has not opened its parts yet.");
}
