using Phr.Oracle;

namespace Phr.Samples.OracleNode;

/// <summary>Which parts the process uses, from the section "Node". What is wrong with it is told at once.</summary>
internal static class NodeParts
{
    private static readonly string[] _known = ["Ledger", "Folder", "Store", "Jobs", "Otlp"];

    /// <summary>What is wrong with the section: names that nobody reads, and values that name no part.</summary>
    /// <returns>A sentence for each fault. A value may be anything, a pasted secret too: it is not shown.</returns>
    public static IReadOnlyList<string> FindFaults(IConfiguration configuration)
    {
        IConfigurationSection node = configuration.GetSection("Node");
        var faults = new List<string>();
        foreach (IConfigurationSection child in node.GetChildren())
        {
            if (!_known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                faults.Add($"{child.Path} is no option. The section has {string.Join(", ", _known.Select(name => $"Node:{name}"))}.");
            }
            else if (child.GetChildren().Any())
            {
                faults.Add($"{child.Path} is one value, not a group.");
            }
        }

        Check("Ledger", "embedded", "ethereum");
        Check("Store", "embedded", "directory", "ipfs");
        Check("Jobs", "sqlite", "postgres");
        if (NodeTelemetry.FindFault(configuration) is { } fault)
        {
            faults.Add(fault);
        }

        return faults;

        void Check(string name, params string[] values)
        {
            if (node[name] is { } value && !values.Contains(value))
            {
                faults.Add($"Node:{name} is none of {string.Join(", ", values)}.");
            }
        }
    }

    /// <summary>Adds the parts of a section without faults.</summary>
    public static void Choose(OracleBuilder oracle, IConfiguration node)
    {
        bool isOnChain = node["Ledger"] == "ethereum";
        if (isOnChain)
        {
            oracle.UseEthereumLedger();
        }
        else
        {
            oracle.UseEmbedded(node["Folder"] ?? "data");
        }

        // An embedded ledger's folder holds the stores too, unless others are named.
        switch (node["Store"] ?? (isOnChain ? "directory" : "embedded"))
        {
            case "directory":
                oracle.UseDirectoryStore();
                break;
            case "ipfs":
                oracle.UseIpfsStore();
                break;
        }

        if (node["Jobs"] == "postgres")
        {
            oracle.UsePostgresJobs();
        }
        else
        {
            oracle.UseSqliteJobs();
        }
    }
}
