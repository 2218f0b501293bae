using Phr.Consent;
using Phr.Crypto;

namespace Phr.Samples.FullFlow;

/// <summary>Puts a ledger on a chain, verifies what is there, and writes its address file.</summary>
internal static class DeployCommand
{
    public static async Task<int> RunAsync(string[] args, CancellationToken ct)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i + 1 < args.Length; i += 2)
        {
            values[args[i]] = args[i + 1];
        }

        if (args.Length % 2 != 0
            || !Uri.TryCreate(values.GetValueOrDefault("--rpc"), UriKind.Absolute, out Uri? rpc)
            || !File.Exists(values.GetValueOrDefault("--key-file"))
            || values.GetValueOrDefault("--founding-agency") is not { Length: 42 } agency
            || !ActorId.TryParse(agency[2..].ToLowerInvariant(), out ActorId founder)
            || values.GetValueOrDefault("--out") is not { Length: > 0 } path)
        {
            await Console.Error.WriteLineAsync(Options.Usage);
            return 2;
        }

        using SecretKey payer = SecretKey.FromBytes(Convert.FromHexString((await File.ReadAllTextAsync(values["--key-file"], ct)).Trim()));
        var nodes = new EthereumRpcOptions { Endpoints = [rpc] };
        EthereumDeployment deployment = await EthereumLedgerDeployer.DeployAsync(nodes, payer, new LedgerParameters { FoundingAgency = founder }, new Costs(), ct);
        await deployment.SaveAsync(path, ct);
        await EthereumLedgerDeployer.VerifyAsync(nodes, await EthereumDeployment.LoadAsync(path, ct), ct);
        Console.WriteLine($"The ledger is 0x{deployment.Ledger.Contract} on chain {deployment.Ledger.ChainId}, from block {deployment.StartBlock} on. Its code is this version's. Address file: {path}");
        return 0;
    }

    private sealed class Costs : IProgress<EthereumTransactionCost>
    {
        public void Report(EthereumTransactionCost value) => Console.WriteLine($"{value.What}: {value.Gas:N0} gas, transaction 0x{value.Transaction}");
    }
}
