using Phr.Oracle;

namespace Phr.Samples.OracleNode;

/// <summary>Which parts the process uses, from the section "Node". What it does not know is told at once.</summary>
internal static class NodeParts
{
    public static void Choose(OracleBuilder oracle, IConfiguration node)
    {
        string folder = node["Folder"] ?? "data";
        switch (node["Ledger"] ?? "embedded")
        {
            case "embedded":
                oracle.UseEmbedded(folder);
                break;
            case "ethereum":
                oracle.UseEthereumLedger();
                break;
            case var other:
                throw new InvalidOperationException($"Node:Ledger is 'embedded' or 'ethereum', not '{other}'.");
        }

        // An embedded ledger's folder holds the stores too, unless others are named.
        switch (node["Store"] ?? (node["Ledger"] == "ethereum" ? "directory" : "embedded"))
        {
            case "embedded":
                break;
            case "directory":
                oracle.UseDirectoryStore();
                break;
            case "ipfs":
                oracle.UseIpfsStore();
                break;
            case var other:
                throw new InvalidOperationException($"Node:Store is 'embedded', 'directory' or 'ipfs', not '{other}'.");
        }

        switch (node["Jobs"] ?? "sqlite")
        {
            case "sqlite":
                oracle.UseSqliteJobs();
                break;
            case "postgres":
                oracle.UsePostgresJobs();
                break;
            case var other:
                throw new InvalidOperationException($"Node:Jobs is 'sqlite' or 'postgres', not '{other}'.");
        }
    }
}
