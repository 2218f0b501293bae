using Phr.Crypto;

namespace Phr.Samples.FullFlow;

/// <summary>How one process of an oracle is set up. What docs/operations/oracle.md calls <c>Oracle:Key:File</c> is the variable <c>Oracle__Key__File</c>.</summary>
internal sealed record OracleNodeSettings
{
    /// <summary>Of all key files of samples and tests; a real one has its own.</summary>
    public const string Passphrase = "a passphrase of the tests";

    /// <summary>The process's name; another one for each process of an oracle.</summary>
    public string Process { get; init; } = "main";

    public required string KeyFile { get; init; }

    public required string PassphraseFile { get; init; }

    /// <summary>Shared by the oracle's processes, and by nobody else.</summary>
    public string? Secrets { get; init; }

    /// <summary>This process's own.</summary>
    public string? State { get; init; }

    /// <summary>The folder of an embedded ledger, with its stores; null where the ledger is on a chain.</summary>
    public string? EmbeddedFolder { get; init; }

    /// <summary>The address file of a ledger on a chain.</summary>
    public string? Deployment { get; init; }

    public IReadOnlyList<Uri> ChainNodes { get; init; } = [];

    /// <summary>IPFS nodes that keep what the oracle writes.</summary>
    public IReadOnlyList<Uri> IpfsNodes { get; init; } = [];

    /// <summary>A store in a folder, where there are no IPFS nodes.</summary>
    public string? ExchangeFolder { get; init; }

    /// <summary>Jobs in this file.</summary>
    public string? JobFile { get; init; }

    /// <summary>Jobs in this PostgreSQL database, in place of a file.</summary>
    public string? JobDatabase { get; init; }

    /// <summary>Any option by its name in the environment; it wins.</summary>
    public IReadOnlyDictionary<string, string> More { get; init; } = new Dictionary<string, string>();

    /// <summary>Writes a key file, at the least cost, and its passphrase beside it, for the owner's eyes.</summary>
    public static async Task<(string File, string PassphraseFile)> WriteKeyAsync(string folder, string name, IdentityKeys keys)
    {
        string file = Path.Combine(folder, name + ".key"), passphrase = await WritePassphraseAsync(folder, name);
        await Crypto.KeyFile.SaveAsync(file, keys, Passphrase.AsMemory(), new KeyFileOptions { MemoryKib = KeyFileOptions.MinMemoryKib, Passes = KeyFileOptions.MinPasses });
        return (file, passphrase);
    }

    /// <summary>Writes a passphrase file that only its owner reads.</summary>
    public static async Task<string> WritePassphraseAsync(string folder, string name)
    {
        string passphrase = Path.Combine(folder, name + ".passphrase");
        await File.WriteAllTextAsync(passphrase, Passphrase + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(passphrase, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return passphrase;
    }

    /// <summary>The environment of the process. Development nodes are taken at their head, whatever its age, and asked often.</summary>
    public IReadOnlyDictionary<string, string> ToEnvironment()
    {
        var environment = new Dictionary<string, string>
        {
            ["Node__Jobs"] = JobDatabase is null ? "sqlite" : "postgres",
            ["Oracle__Process"] = Process,
            ["Oracle__Key__File"] = KeyFile,
            ["Oracle__Key__PassphraseFile"] = PassphraseFile,
            ["Oracle__Worker__EnvelopeGrace"] = "00:00:00",
        };
        Set("Oracle__Secrets", Secrets);
        Set("Oracle__State", State);
        Set("Oracle__Jobs__File", JobFile);
        Set("Oracle__Jobs__Connection", JobDatabase);
        if (EmbeddedFolder is not null)
        {
            Set("Node__Folder", EmbeddedFolder);
        }
        else
        {
            environment["Node__Ledger"] = "ethereum";
            environment["Oracle__Ethereum__Finality"] = "head";
            environment["Oracle__Ethereum__MaxHeadAge"] = "none";
            environment["Oracle__Ethereum__PollInterval"] = "00:00:00.250";
            Set("Oracle__Ethereum__Deployment", Deployment);
            SetAll("Oracle__Ethereum__Nodes", ChainNodes);
        }

        if (IpfsNodes.Count > 0)
        {
            environment["Node__Store"] = "ipfs";
            environment["Oracle__Ipfs__LookupTimeout"] = "00:00:03";
            environment["Oracle__Ipfs__Replicas"] = IpfsNodes.Count > 1 ? "2" : "1";
            SetAll("Oracle__Ipfs__Nodes", IpfsNodes);
        }
        else if (ExchangeFolder is not null)
        {
            environment["Node__Store"] = "directory";
            Set("Oracle__Store__Exchange", ExchangeFolder);
        }

        foreach ((string name, string value) in More)
        {
            environment[name] = value;
        }

        return environment;

        void Set(string name, string? value)
        {
            if (value is not null)
            {
                environment[name] = value;
            }
        }

        void SetAll(string name, IReadOnlyList<Uri> values)
        {
            for (int i = 0; i < values.Count; i++)
            {
                environment[$"{name}__{i}"] = values[i].ToString();
            }
        }
    }
}
