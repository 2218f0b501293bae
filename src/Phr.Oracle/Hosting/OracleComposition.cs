using Phr.Consent;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Oracle.Hosting;

/// <summary>Which parts a service is put together from, as its builder was told.</summary>
internal sealed class OracleComposition
{
    public string? EmbeddedFolder { get; set; }

    public bool UsesEthereum { get; set; }

    public bool UsesDirectoryStore { get; set; }

    public bool UsesIpfs { get; set; }

    public bool UsesPostgresJobs { get; set; }

    public bool UsesSqliteJobs { get; set; }

    public Func<IServiceProvider, CancellationToken, Task<IConsentLedger>>? OwnLedger { get; set; }

    public Func<IServiceProvider, CancellationToken, Task<OracleStores>>? OwnStores { get; set; }

    public Func<IServiceProvider, IKeyProvider>? OwnKeys { get; set; }

    public bool UsesOwnKeys => OwnKeys is not null;

    private bool HasEmbeddedParts => EmbeddedFolder is not null;

    /// <summary>Fills in what an embedded ledger's folder gives.</summary>
    public OracleServiceOptions Complete(OracleServiceOptions options)
    {
        if (EmbeddedFolder is not { } folder)
        {
            return options;
        }

        // Where no key file can be looked into, the service says so later; names of folders need not be right then.
        string oracle = options.Key.File is { } file && File.Exists(file) && KeyFile.TryInspect(file, out KeyFileInfo? info) ? info.Actor.ToString() : "oracle";
        string own = Path.Combine(folder, "oracles", oracle);
        return options with
        {
            Secrets = options.Secrets ?? Path.Combine(own, "secrets"),
            State = options.State ?? Path.Combine(own, "state-" + options.Process),
            Jobs = UsesPostgresJobs ? options.Jobs : options.Jobs with { File = options.Jobs.File ?? Path.Combine(folder, "oracles", "jobs.db") },
            Store = UsesDirectoryStore || UsesIpfs || OwnStores is not null ? options.Store
                : new OracleStoreOptions { Records = options.Store.Records ?? Path.Combine(folder, "records"), Exchange = options.Store.Exchange ?? Path.Combine(folder, "exchange") },
        };
    }

    public IEnumerable<string?> FindFaults(OracleServiceOptions options)
    {
        int ledgers = (HasEmbeddedParts ? 1 : 0) + (UsesEthereum ? 1 : 0) + (OwnLedger is not null ? 1 : 0);
        yield return ledgers == 1 ? null : ledgers == 0 ? "no ledger is named: UseEmbedded, UseEthereumLedger or UseLedger." : "more than one ledger is named.";
        yield return HasEmbeddedParts && !File.Exists(Path.Combine(EmbeddedFolder!, "ledger.db")) ? "the embedded ledger is not there: the folder holds no ledger.db." : null;
        yield return UsesEthereum && options.Ethereum is null ? "Ethereum is missing: how the ledger is reached." : null;
        int stores = (UsesDirectoryStore ? 1 : 0) + (UsesIpfs ? 1 : 0) + (OwnStores is not null ? 1 : 0);
        yield return stores == 1 || (stores == 0 && HasEmbeddedParts) ? null : stores == 0 ? "no content store is named: UseDirectoryStore, UseIpfsStore or UseStores." : "more than one content store is named.";
        yield return UsesIpfs && options.Ipfs is null ? "Ipfs is missing: how the nodes are reached." : null;
        yield return OwnStores is null && !UsesIpfs && options.Store.Exchange is null ? "Store:Exchange is missing: the folder in which the parties exchange objects." : null;
        yield return UsesPostgresJobs && UsesSqliteJobs ? "more than one job store is named." : !UsesPostgresJobs && !UsesSqliteJobs && !HasEmbeddedParts ? "no job store is named: UseSqliteJobs or UsePostgresJobs." : null;
        yield return UsesPostgresJobs ? options.Jobs.Connection is null ? "Jobs:Connection is missing: how PostgreSQL is reached." : null
            : (UsesSqliteJobs || HasEmbeddedParts) && options.Jobs.File is null ? "Jobs:File is missing: the file for the jobs." : null;
    }
}
