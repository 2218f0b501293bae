using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle.Hosting;
using Phr.Storage;

namespace Phr.Oracle;

/// <summary>The parts of an oracle, opened for an operator's command and not for service: to publish keys, to look at jobs, to ask for one again. Processes may serve meanwhile.</summary>
/// <remarks>Thread safe. Disposing it closes the parts.</remarks>
public sealed class OracleDesk : IAsyncDisposable
{
    private readonly OracleParts _parts;
    private readonly IdentityKeys _identity;

    private OracleDesk(OracleParts parts, IdentityKeys identity)
    {
        _parts = parts;
        _identity = identity;
    }

    /// <summary>The worker, which publishes keys. It serves nothing unless it is asked to.</summary>
    public OracleWorker Worker => _parts.Worker;

    /// <summary>The jobs.</summary>
    public IJobStore Jobs => _parts.Jobs;

    /// <summary>The ledger.</summary>
    public IConsentLedger Ledger => _parts.Services.Ledger;

    /// <summary>The exchange. An <see cref="IpfsContentStore"/> where the oracle's objects lie on IPFS nodes, which can be looked at and repaired.</summary>
    public IContentStore Exchange => _parts.Services.Exchange;

    /// <summary>Opens the parts of an oracle that was added with <see cref="OracleServiceCollectionExtensions"/>.</summary>
    /// <param name="services">The program's services; no host need run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The desk. The caller disposes it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    /// <exception cref="InvalidOperationException">No oracle was added.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The options have faults; all are named.</exception>
    /// <exception cref="PhrDataException">Keys or a part cannot be read.</exception>
    /// <exception cref="IOException">A file cannot be read, or another command is at work.</exception>
    public static async Task<OracleDesk> OpenAsync(IServiceProvider services, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(services);
        OracleComposition composition = services.GetRequiredService<OracleComposition>();
        OracleServiceOptions options = services.GetRequiredService<OracleSettings>().Require(composition);

        // A folder of its own: what a process remembers is for that process alone.
        options = options with { State = Path.Combine(options.State!, "desk") };
        IdentityKeys identity = await LoadKeysAsync(composition, options, services, cancellationToken).ConfigureAwait(false);
        try
        {
            TimeProvider time = services.GetRequiredService<TimeProvider>();
            ILogger<OracleWorker> logger = services.GetService<ILoggerFactory>()?.CreateLogger<OracleWorker>() ?? NullLogger<OracleWorker>.Instance;
            return new OracleDesk(await OracleParts.OpenAsync(composition, options, identity, services, new OracleState(time), null, time, logger, cancellationToken).ConfigureAwait(false), identity);
        }
        catch
        {
            identity.Dispose();
            throw;
        }
    }

    /// <summary>Opens the jobs alone, as an operator needs them while the ledger or the exchange is away.</summary>
    /// <param name="services">The program's services; no host need run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The jobs. The caller disposes them.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    /// <exception cref="InvalidOperationException">No oracle was added.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The options have faults; all are named.</exception>
    /// <exception cref="PhrDataException">The keys or the table cannot be read.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="System.Data.Common.DbException">The database does not answer.</exception>
    public static async Task<IJobStore> OpenJobsAsync(IServiceProvider services, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(services);
        OracleComposition composition = services.GetRequiredService<OracleComposition>();
        OracleServiceOptions options = services.GetRequiredService<OracleSettings>().Require(composition);

        // The table is the oracle's by its id, which the keys have.
        using IdentityKeys identity = await LoadKeysAsync(composition, options, services, cancellationToken).ConfigureAwait(false);
        return await OracleParts.OpenJobsAsync(composition, options, identity, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the parts.</summary>
    /// <returns>A task that ends when they are closed.</returns>
    public async ValueTask DisposeAsync()
    {
        await _parts.DisposeAsync().ConfigureAwait(false);
        _identity.Dispose();
    }

    private static async Task<IdentityKeys> LoadKeysAsync(OracleComposition composition, OracleServiceOptions options, IServiceProvider services, CancellationToken cancellationToken) =>
        await (composition.OwnKeys?.Invoke(services) ?? new KeyFileProvider(options.Key)).LoadAsync(cancellationToken).ConfigureAwait(false);
}
