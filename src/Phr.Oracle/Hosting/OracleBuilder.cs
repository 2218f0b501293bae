using Microsoft.Extensions.DependencyInjection;
using Phr.Consent;
using Phr.Oracle.Hosting;

namespace Phr.Oracle;

/// <summary>Says which parts an oracle's service is put together from: one ledger, one pair of stores, one job store, one source of keys.</summary>
/// <remarks>What is missing or named twice is a fault of the options, told when the host starts. For use while a host is being built; not thread safe.</remarks>
public sealed class OracleBuilder
{
    private readonly OracleComposition _composition;

    internal OracleBuilder(IServiceCollection services, OracleComposition composition)
    {
        Services = services;
        _composition = composition;
    }

    /// <summary>The services that the host is built with.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Everything in one folder: the embedded ledger <c>ledger.db</c> with its operator's key, the stores <c>records</c> and <c>exchange</c>, and below <c>oracles</c> the jobs in SQLite, secrets and state. Each of them can be named elsewhere in the options.</summary>
    /// <param name="path">The folder. It holds a ledger already.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    public OracleBuilder UseEmbedded(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _composition.EmbeddedFolder = Path.GetFullPath(path);
        return this;
    }

    /// <summary>A ledger on Ethereum, as the options' <see cref="OracleServiceOptions.Ethereum"/> say.</summary>
    /// <returns>This builder.</returns>
    public OracleBuilder UseEthereumLedger()
    {
        _composition.UsesEthereum = true;
        return this;
    }

    /// <summary>Another ledger.</summary>
    /// <param name="open">Opens it. Called again later when it fails; the service disposes the ledger.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="open"/> is null.</exception>
    public OracleBuilder UseLedger(Func<IServiceProvider, CancellationToken, Task<IConsentLedger>> open)
    {
        ArgumentNullException.ThrowIfNull(open);
        _composition.OwnLedger = open;
        return this;
    }

    /// <summary>Content stores in folders, as the options' <see cref="OracleServiceOptions.Store"/> say.</summary>
    /// <returns>This builder.</returns>
    public OracleBuilder UseDirectoryStore()
    {
        _composition.UsesDirectoryStore = true;
        return this;
    }

    /// <summary>One content store on IPFS nodes, for the exchange and for documents, as the options' <see cref="OracleServiceOptions.Ipfs"/> say.</summary>
    /// <returns>This builder.</returns>
    public OracleBuilder UseIpfsStore()
    {
        _composition.UsesIpfs = true;
        return this;
    }

    /// <summary>Other content stores.</summary>
    /// <param name="open">Opens them. Called again later when it fails; the service disposes those that can be disposed.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="open"/> is null.</exception>
    public OracleBuilder UseStores(Func<IServiceProvider, CancellationToken, Task<OracleStores>> open)
    {
        ArgumentNullException.ThrowIfNull(open);
        _composition.OwnStores = open;
        return this;
    }

    /// <summary>Jobs in a SQLite file, <see cref="OracleJobOptions.File"/>: for one process, or several on one machine.</summary>
    /// <returns>This builder.</returns>
    public OracleBuilder UseSqliteJobs()
    {
        _composition.UsesSqliteJobs = true;
        return this;
    }

    /// <summary>Jobs in a PostgreSQL database, <see cref="OracleJobOptions.Connection"/>: for several processes, also on several machines.</summary>
    /// <returns>This builder.</returns>
    public OracleBuilder UsePostgresJobs()
    {
        _composition.UsesPostgresJobs = true;
        return this;
    }

    /// <summary>Keys from elsewhere than a key file.</summary>
    /// <param name="provider">Makes the provider.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="provider"/> is null.</exception>
    public OracleBuilder UseKeys(Func<IServiceProvider, IKeyProvider> provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        _composition.OwnKeys = provider;
        return this;
    }
}
