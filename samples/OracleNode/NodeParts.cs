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
                oracle.UseEthereumLedger().UseDirectoryStore();
                break;
            case var other:
                throw new InvalidOperationException($"Node:Ledger is 'embedded' or 'ethereum', not '{other}'.");
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
