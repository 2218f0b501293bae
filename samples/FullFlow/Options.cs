namespace Phr.Samples.FullFlow;

/// <summary>The command line.</summary>
internal sealed record Options(string Input, string Output, Scenario? Scenario, bool Json, bool Help, bool Ethereum = false, Uri? Rpc = null, string? KeyFile = null, bool Ipfs = false, IReadOnlyList<Uri>? IpfsNodes = null, bool OracleProcesses = false)
{
    public static string Usage { get; } = $"""
        Usage: dotnet run --project samples/FullFlow -- [options]
          --scenario NAME   {string.Join(" | ", FullFlow.Scenario.All.Select(s => s.Name))} | all   (default: emergency)
          --input DIR       seal the files of this folder instead of the sample records
          --output DIR      where ledger, stores and opened files go (default: artifacts/full-flow)
          --json            print one JSON document and nothing else
          --ethereum        run on a ledger of contracts: on a development node that is started (anvil), or given
          --rpc URL         the node to use with --ethereum
          --key-file FILE   64 hex digits: the key that pays on that node (default: the first account of development nodes)
          --ipfs            keep content on IPFS nodes: two that are started (js-ipfs), or given
          --ipfs-node URL   a node with Kubo's RPC interface to use with --ipfs; can be repeated
          --oracle-processes  with --ethereum: each oracle is a process of samples/OracleNode, on one ledger for all stories;
                            --ipfs --ethereum means it too, unless --rpc names the node
        or: dotnet run --project samples/FullFlow -- deploy --rpc URL --key-file FILE --founding-agency ADDRESS --out FILE
        """;

    public static bool TryParse(string[] args, out Options options, out string message)
    {
        options = new Options(Path.Combine(AppContext.BaseDirectory, "records"), Path.Combine("artifacts", "full-flow"), FullFlow.Scenario.Find("emergency"), false, false);
        message = string.Empty;
        for (int i = 0; i < args.Length; i++)
        {
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--help" or "-h":
                    options = options with { Help = true };
                    break;
                case "--json":
                    options = options with { Json = true };
                    break;
                case "--ethereum":
                    options = options with { Ethereum = true };
                    break;
                case "--ipfs":
                    options = options with { Ipfs = true };
                    break;
                case "--oracle-processes":
                    options = options with { OracleProcesses = true };
                    break;
                case "--ipfs-node" when Uri.TryCreate(value, UriKind.Absolute, out Uri? node) && node.Scheme is ("http" or "https"):
                    options = options with { Ipfs = true, IpfsNodes = [.. options.IpfsNodes ?? [], node] };
                    i++;
                    break;
                case "--rpc" when Uri.TryCreate(value, UriKind.Absolute, out Uri? rpc) && rpc.Scheme is ("http" or "https"):
                    options = options with { Rpc = rpc };
                    i++;
                    break;
                case "--key-file" when File.Exists(value):
                    options = options with { KeyFile = value };
                    i++;
                    break;
                case "--scenario" when value == "all":
                    options = options with { Scenario = null };
                    i++;
                    break;
                case "--scenario" when value is not null && FullFlow.Scenario.Find(value) is { } scenario:
                    options = options with { Scenario = scenario };
                    i++;
                    break;
                case "--input" when value is not null && Directory.Exists(value):
                    options = options with { Input = value };
                    i++;
                    break;
                case "--output" when value is not null:
                    options = options with { Output = value };
                    i++;
                    break;
                default:
                    message = $"{args[i]} {value}: no such option, scenario or folder.{Environment.NewLine}{Usage}";
                    return false;
            }
        }

        if (options.OracleProcesses && (!options.Ethereum || options.Rpc is not null))
        {
            message = $"--oracle-processes needs --ethereum, and a node that is started: accounts on another node have no ether.{Environment.NewLine}{Usage}";
            return false;
        }

        options = options with { OracleProcesses = options.OracleProcesses || (options.Ethereum && options.Ipfs && options.Rpc is null) };
        return true;
    }
}
