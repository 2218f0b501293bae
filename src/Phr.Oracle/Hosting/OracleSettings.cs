using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Phr.Consent;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Oracle.Hosting;

/// <summary>The options of a service with all that is wrong with them.</summary>
internal sealed class OracleSettings
{
    private readonly OracleServiceOptions _options;
    private readonly List<string> _faults;
    private readonly string _path;

    private OracleSettings(OracleServiceOptions options, List<string> faults, string path)
    {
        _options = options;
        _faults = faults;
        _path = path;
    }

    public static OracleSettings Of(OracleServiceOptions options) => new(options, [], string.Empty);

    public static OracleSettings Read(IConfiguration configuration)
    {
        string path = (configuration as IConfigurationSection)?.Path ?? string.Empty;
        var faults = new List<string>();
        var root = new OptionsReader(configuration, path, faults);
        var defaults = new OracleServiceOptions();
        OptionsReader worker = root.Section("Worker"), jobs = root.Section("Jobs"), requesters = root.Section("Requesters"), store = root.Section("Store"), ethereum = root.Section("Ethereum"), ipfs = root.Section("Ipfs");
        var options = new OracleServiceOptions
        {
            Process = root.Text("Process", defaults.Process),
            Secrets = root.Text("Secrets"),
            State = root.Text("State"),
            Key = ReadKey(root.Section("Key")),
            Store = new OracleStoreOptions { Records = store.Text("Records"), Exchange = store.Text("Exchange") },
            Worker = new OracleOptions
            {
                PollInterval = worker.Time("PollInterval", defaults.Worker.PollInterval),
                EnvelopeGrace = worker.Time("EnvelopeGrace", defaults.Worker.EnvelopeGrace),
                RefusalMargin = worker.Text("RefusalMargin") is null ? null : worker.Time("RefusalMargin", TimeSpan.Zero),
                ClockSkew = worker.Time("ClockSkew", defaults.Worker.ClockSkew),
            },
            Jobs = new OracleJobOptions
            {
                File = jobs.Text("File"),
                Connection = jobs.Text("Connection"),
                Parallelism = jobs.Number("Parallelism", defaults.Jobs.Parallelism),
                LeaseDuration = jobs.Time("LeaseDuration", defaults.Jobs.LeaseDuration),
                MaxFailures = jobs.Number("MaxFailures", defaults.Jobs.MaxFailures),
                FirstRetry = jobs.Time("FirstRetry", defaults.Jobs.FirstRetry),
                LongestRetry = jobs.Time("LongestRetry", defaults.Jobs.LongestRetry),
                Retention = jobs.Time("Retention", defaults.Jobs.Retention),
                ShutdownGrace = jobs.Time("ShutdownGrace", defaults.Jobs.ShutdownGrace),
            },
            Requesters = new RequesterLimit { Burst = requesters.Number("Burst", defaults.Requesters.Burst), PerHour = requesters.Number("PerHour", defaults.Requesters.PerHour) },
            Ipfs = ipfs.Exists ? ReadIpfs(ipfs) : null,
            Ethereum = ethereum.Exists ? ReadEthereum(ethereum) : null,
        };
        foreach (OptionsReader reader in (ReadOnlySpan<OptionsReader>)[root, store, worker, jobs, requesters])
        {
            reader.RefuseUnknown();
        }

        return new OracleSettings(options, faults, path);
    }

    /// <summary>The options, with what the composition gives in the place of what was not said.</summary>
    /// <exception cref="OptionsValidationException">Something is wrong; every fault is named.</exception>
    public OracleServiceOptions Require(OracleComposition composition)
    {
        OracleServiceOptions options = composition.Complete(_options);
        var faults = new List<string>(_faults);
        foreach (string fault in Check(options, composition))
        {
            faults.Add(_path.Length > 0 && char.IsUpper(fault[0]) ? $"{_path}:{fault}" : fault);
        }

        return faults.Count == 0 ? options : throw new OptionsValidationException(nameof(OracleServiceOptions), typeof(OracleServiceOptions), faults);
    }

    private static OracleKeyOptions ReadKey(OptionsReader key)
    {
        var options = new OracleKeyOptions { File = key.Text("File"), PassphraseFile = key.Text("PassphraseFile") };
        key.RefuseUnknown();
        return options;
    }

    private static OracleIpfsOptions ReadIpfs(OptionsReader ipfs)
    {
        var defaults = new OracleIpfsOptions();
        var options = new OracleIpfsOptions
        {
            Nodes = ipfs.Addresses("Nodes"),
            Gateways = ipfs.Addresses("Gateways"),
            CredentialFile = ipfs.Text("CredentialFile"),
            Replicas = ipfs.Number("Replicas", defaults.Replicas),
            RequiredReplicas = ipfs.Number("RequiredReplicas", defaults.RequiredReplicas),
            LookupTimeout = ipfs.Time("LookupTimeout", defaults.LookupTimeout),
            TransferTimeout = ipfs.Time("TransferTimeout", defaults.TransferTimeout),
        };
        ipfs.RefuseUnknown();
        return options;
    }

    private static OracleEthereumOptions ReadEthereum(OptionsReader ethereum)
    {
        var defaults = new OracleEthereumOptions();
        OptionsReader payer = ethereum.Section("Payer");
        var options = new OracleEthereumOptions
        {
            Deployment = ethereum.Text("Deployment"),
            Nodes = ethereum.Addresses("Nodes"),
            Witnesses = ethereum.Addresses("Witnesses"),
            Payer = payer.Exists ? ReadKey(payer) : null,
            Finality = ethereum.Value("Finality", defaults.Finality, "finalized, safe, head, or a number of blocks from 1 to 100000", ParseFinality),
            PollInterval = ethereum.Time("PollInterval", defaults.PollInterval),
            RequestTimeout = ethereum.Time("RequestTimeout", defaults.RequestTimeout),
            MaxHeadAge = ethereum.Text("MaxHeadAge") == "none" ? null : ethereum.Time("MaxHeadAge", defaults.MaxHeadAge!.Value),
        };
        ethereum.RefuseUnknown();
        return options;
    }

    private static EthereumFinality? ParseFinality(string text) => text switch
    {
        "finalized" => EthereumFinality.Finalized,
        "safe" => EthereumFinality.Safe,
        "head" => EthereumFinality.Head,
        _ => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int blocks) && blocks is >= 1 and <= 100_000 ? EthereumFinality.After(blocks) : null,
    };

    // Faults that begin with an option's name get the section's path before them.
    private static IEnumerable<string> Check(OracleServiceOptions o, OracleComposition composition)
    {
        IEnumerable<string?> faults =
        [
            o.Process.Length is >= 1 and <= 40 && o.Process.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-') ? null : "Process has 1 to 40 characters of a-z, 0-9 and '-'.",
            o.Secrets is null ? "Secrets is missing: the folder with the oracle's secrets, shared by its processes." : null,
            o.State is null ? "State is missing: the folder of this process." : null,
            Within("Worker:PollInterval", o.Worker.PollInterval, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)),
            Within("Worker:EnvelopeGrace", o.Worker.EnvelopeGrace, TimeSpan.Zero, TimeSpan.FromHours(1)),
            Within("Worker:RefusalMargin", o.Worker.RefusalMargin ?? TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromHours(1)),
            Within("Worker:ClockSkew", o.Worker.ClockSkew, TimeSpan.Zero, TimeSpan.FromHours(1)),
            Within("Jobs:Parallelism", o.Jobs.Parallelism, 1, 256),
            Within("Jobs:LeaseDuration", o.Jobs.LeaseDuration, TimeSpan.FromSeconds(3), TimeSpan.FromHours(1)),
            Within("Jobs:MaxFailures", o.Jobs.MaxFailures, 1, 100),
            Within("Jobs:FirstRetry", o.Jobs.FirstRetry, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1)),
            Within("Jobs:LongestRetry", o.Jobs.LongestRetry, o.Jobs.FirstRetry, TimeSpan.FromHours(1)),
            Within("Jobs:Retention", o.Jobs.Retention, TimeSpan.FromHours(1), TimeSpan.FromDays(3653)),
            Within("Jobs:ShutdownGrace", o.Jobs.ShutdownGrace, TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            Within("Requesters:Burst", o.Requesters.Burst, 1, 1_000_000),
            Within("Requesters:PerHour", o.Requesters.PerHour, 1, 3_600_000),
            .. composition.UsesOwnKeys ? Enumerable.Empty<string?>() : CheckKey("Key", o.Key),
            .. composition.FindFaults(o),
            .. o.Ipfs is { } ipfs ? CheckIpfs(ipfs) : [],
            .. o.Ethereum is { } ethereum ? CheckEthereum(ethereum) : [],
        ];
        return faults.OfType<string>();
    }

    private static IEnumerable<string?> CheckKey(string name, OracleKeyOptions key)
    {
        yield return key.File is null ? $"{name}:File is missing: the key file." : File.Exists(key.File) ? null : $"{name}:File names a file that is not there.";
        yield return key.PassphraseFile is null ? $"{name}:PassphraseFile is missing: the file with the passphrase." : File.Exists(key.PassphraseFile) ? null : $"{name}:PassphraseFile names a file that is not there.";
    }

    private static IEnumerable<string?> CheckIpfs(OracleIpfsOptions ipfs)
    {
        yield return ipfs.Nodes.Count >= 1 && ipfs.Nodes.Count + ipfs.Gateways.Count <= IpfsContentStoreOptions.MaxEndpoints ? null : $"Ipfs:Nodes names at least one node, and with the gateways at most {IpfsContentStoreOptions.MaxEndpoints}.";
        yield return ipfs.Nodes.Concat(ipfs.Gateways).Distinct().Count() < ipfs.Nodes.Count + ipfs.Gateways.Count ? "Ipfs:Nodes and Ipfs:Gateways name an address twice." : null;
        yield return ipfs.Nodes.Concat(ipfs.Gateways).Any(address => address.Query.Length + address.Fragment.Length + address.UserInfo.Length > 0) ? "Ipfs:Nodes and Ipfs:Gateways are addresses without query, fragment and user name." : null;
        yield return ipfs.CredentialFile is { } file ? FindCredentialFault(file) : null;
        yield return Within("Ipfs:Replicas", ipfs.Replicas, 1, Math.Max(1, ipfs.Nodes.Count));
        yield return Within("Ipfs:RequiredReplicas", ipfs.RequiredReplicas, 1, Math.Max(1, ipfs.Replicas));
        yield return Within("Ipfs:LookupTimeout", ipfs.LookupTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromHours(1));
        yield return Within("Ipfs:TransferTimeout", ipfs.TransferTimeout, TimeSpan.FromMilliseconds(50), TimeSpan.FromHours(1));
    }

    private static string? FindCredentialFault(string file)
    {
        try
        {
            IpfsCredential.Read(file);
            return null;
        }
        catch (IOException)
        {
            return File.Exists(file) ? "Ipfs:CredentialFile cannot be read." : "Ipfs:CredentialFile names a file that is not there.";
        }
        catch (PhrDataException)
        {
            // What stands there instead may be a secret too: it is not shown.
            return "Ipfs:CredentialFile has no credential on its first line: a scheme and what it takes, as 'Bearer …'.";
        }
    }

    private static IEnumerable<string?> CheckEthereum(OracleEthereumOptions ethereum)
    {
        yield return ethereum.Deployment is null ? "Ethereum:Deployment is missing: the ledger's address file." : File.Exists(ethereum.Deployment) ? null : "Ethereum:Deployment names a file that is not there.";
        yield return ethereum.Nodes.Count is >= 1 and <= 16 ? null : "Ethereum:Nodes names 1 to 16 nodes.";
        yield return Within("Ethereum:PollInterval", ethereum.PollInterval, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
        yield return Within("Ethereum:RequestTimeout", ethereum.RequestTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
        yield return ethereum.MaxHeadAge is { } age ? Within("Ethereum:MaxHeadAge", age, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(365)) : null;
        foreach (string? fault in ethereum.Payer is { } payer ? CheckKey("Ethereum:Payer", payer) : [])
        {
            yield return fault;
        }
    }

    private static string? Within<T>(string name, T value, T least, T most)
        where T : IComparable<T> =>
        value.CompareTo(least) < 0 || value.CompareTo(most) > 0 ? string.Create(CultureInfo.InvariantCulture, $"{name} lies outside its bounds, {least} to {most}.") : null;
}
