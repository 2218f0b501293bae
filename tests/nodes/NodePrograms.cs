namespace Phr.TestSupport;

/// <summary>
/// Finds the programs of real nodes for tests, samples and benchmarks: what the environment names, else what is installed in the working copy, or in a folder above it. Each answer is the program, or null and what to do about it.
/// </summary>
internal static class NodePrograms
{
    /// <summary>An Ethereum node for development: PHR_ANVIL, else the one in contracts/node_modules.</summary>
    public static (string? Path, string Reason) Anvil() => Find("PHR_ANVIL", ["contracts", "node_modules", "@foundry-rs", "anvil-linux-amd64", "bin", "anvil"], "run 'npm ci --ignore-scripts' in contracts/");

    /// <summary>The script that starts Hardhat's node: PHR_HARDHAT, else the one in contracts/hardhat.</summary>
    public static (string? Path, string Reason) Hardhat() => WithModules(Find("PHR_HARDHAT", ["contracts", "hardhat", "node.sh"], "take a whole working copy"), "hardhat");

    /// <summary>The script that starts an IPFS node: PHR_IPFS_NODE, else the one in tests/nodes/ipfs.</summary>
    public static (string? Path, string Reason) Ipfs() => WithModules(Find("PHR_IPFS_NODE", ["tests", "nodes", "ipfs", "node.mjs"], "take a whole working copy"), "ipfs-core");

    /// <summary>The script that starts a mail server: PHR_SMTP_SERVER, else the one in tests/nodes/smtp.</summary>
    public static (string? Path, string Reason) Smtp() => WithModules(Find("PHR_SMTP_SERVER", ["tests", "nodes", "smtp", "server.mjs"], "take a whole working copy"), "smtp-server");

    /// <summary>The folder with the newest PostgreSQL's programs.</summary>
    public static (string? Path, string Reason) Postgres()
    {
        string? programs = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
            : null;
        return programs is null ? (null, "PostgreSQL is not installed (Debian: postgresql).") : (programs, string.Empty);
    }

    private static (string? Path, string Reason) Find(string variable, string[] parts, string remedy)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named)
        {
            return File.Exists(named) ? (named, string.Empty) : (null, $"{named}, which {variable} names, is not there.");
        }

        foreach (string start in (string[])[AppContext.BaseDirectory, Environment.CurrentDirectory])
        {
            for (string? folder = start; folder is not null; folder = Path.GetDirectoryName(folder))
            {
                string path = Path.Combine([folder, .. parts]);
                if (File.Exists(path))
                {
                    return (path, string.Empty);
                }
            }
        }

        return (null, $"{string.Join('/', parts)} is not there: {remedy}, or set {variable}.");
    }

    private static (string? Path, string Reason) WithModules((string? Path, string Reason) script, string package)
    {
        if (script.Path is null)
        {
            return script;
        }

        string folder = Path.GetDirectoryName(script.Path)!;
        return Directory.Exists(Path.Combine(folder, "node_modules", package)) ? script : (null, $"{package} is not there: run 'npm ci --ignore-scripts' in {folder}.");
    }
}
