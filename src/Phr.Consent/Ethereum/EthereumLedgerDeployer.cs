using System.Collections.Immutable;
using System.Numerics;
using Phr.Consent.Ethereum;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Puts a new ledger on a chain, and verifies that what is on a chain is this version's ledger.</summary>
/// <remarks>Whoever deploys keeps no power over the ledger: its contracts have no owner and cannot be changed. Thread safe.</remarks>
public static class EthereumLedgerDeployer
{
    private const string Core = "PhrLedger";
    private const string Stage = "deployment";

    /// <summary>Deploys the ledger's contracts, the called ones first, and verifies their code.</summary>
    /// <param name="nodes">The nodes of the chain.</param>
    /// <param name="payer">The key whose account pays the gas. The caller disposes it.</param>
    /// <param name="parameters">The ledger's rules, fixed for good.</param>
    /// <param name="costs">Told what each contract cost; null for nobody.</param>
    /// <param name="cancellationToken">Cancels; contracts that were deployed stay where they are, and do no harm.</param>
    /// <returns>Where the ledger is: keep it with <see cref="EthereumDeployment.SaveAsync"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The parameters make no sense.</exception>
    /// <exception cref="EthereumRevertException">A constructor refused.</exception>
    /// <exception cref="EthereumUnavailableException">No node answers.</exception>
    /// <exception cref="PhrDataException">The code on the chain is not what was deployed.</exception>
    public static async Task<EthereumDeployment> DeployAsync(
        EthereumRpcOptions nodes, SecretKey payer, LedgerParameters parameters, IProgress<EthereumTransactionCost>? costs = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(payer);
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.FindFault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(parameters));
        }

        using var rpc = new EthereumRpc(nodes);
        ulong chainId = await rpc.GetChainIdAsync(cancellationToken).ConfigureAwait(false);
        await using var carrier = new CallCarrier(rpc, payer, chainId, LedgerAbi.Shipped.Errors, new EthereumSenderOptions { PollInterval = TimeSpan.FromMilliseconds(200) }, null, TimeProvider.System);
        var modules = ImmutableSortedDictionary.CreateBuilder<string, ActorId>(StringComparer.Ordinal);
        foreach (string name in LedgerConstructor.ModuleNames())
        {
            modules[name] = (await DeployAsync(name).ConfigureAwait(false)).ContractAddress ?? throw NoAddress(name);
        }

        TransactionReceipt core = await DeployAsync(Core).ConfigureAwait(false);
        var deployment = new EthereumDeployment
        {
            Ledger = new LedgerId(chainId, core.ContractAddress ?? throw NoAddress(Core)),
            StartBlock = core.BlockNumber,
            Parameters = parameters,
            Modules = modules.ToImmutable(),
        };
        await VerifyAsync(rpc, deployment, cancellationToken).ConfigureAwait(false);
        return deployment;

        async Task<TransactionReceipt> DeployAsync(string name)
        {
            TransactionReceipt receipt = await carrier.SendAsync(null, LedgerConstructor.DeployData(ContractArtifact.Load(name), parameters, modules), BigInteger.Zero, cancellationToken).ConfigureAwait(false);
            costs?.Report(new EthereumTransactionCost(receipt.TransactionHash, name, receipt.GasUsed, receipt.EffectiveGasPrice));
            return receipt;
        }
    }

    /// <summary>Verifies that the contracts of an address file are this version's: their code, byte for byte but for what their constructors filled in, the rules, and which contracts the ledger calls on.</summary>
    /// <param name="nodes">The nodes of the chain.</param>
    /// <param name="deployment">The address file.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>When everything was found to be right.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="EthereumUnavailableException">No node answers.</exception>
    /// <exception cref="PhrDataException">Something is not what the address file says, or not of this version.</exception>
    public static async Task VerifyAsync(EthereumRpcOptions nodes, EthereumDeployment deployment, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(deployment);
        using var rpc = new EthereumRpc(nodes);
        await VerifyAsync(rpc, deployment, cancellationToken).ConfigureAwait(false);
    }

    private static async Task VerifyAsync(EthereumRpc rpc, EthereumDeployment deployment, CancellationToken ct)
    {
        if (await rpc.GetChainIdAsync(ct).ConfigureAwait(false) is var chain && chain != deployment.Ledger.ChainId)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, $"the node serves chain {chain}, where the ledger is on {deployment.Ledger.ChainId}.");
        }

        AbiBytes code = default;
        foreach ((string name, ActorId address) in deployment.Modules.Append(new KeyValuePair<string, ActorId>(Core, deployment.Ledger.Contract)))
        {
            code = await rpc.GetCodeAsync(address, BlockTag.Latest, ct).ConfigureAwait(false);
            if (!ContractArtifact.Load(name).IsCode(code.Span))
            {
                throw new PhrDataException(Stage, PhrDataReason.DigestMismatch, $"the code at 0x{address} is not that of this version's {name}.");
            }
        }

        // The core has the addresses of its modules in its code: filled in by the constructor, which checked their rules against its own.
        foreach (string name in LedgerConstructor.ModuleNames())
        {
            if (!deployment.Modules.TryGetValue(name, out ActorId address) || code.Span.IndexOf(address.ToBytes()) < 0)
            {
                throw new PhrDataException(Stage, PhrDataReason.Mismatched, $"the ledger does not call on the {name} of the address file.");
            }
        }

        AbiFunction hash = LedgerAbi.Shipped.FindFunction("parametersHash")!.Function;
        AbiBytes answer = await rpc.CallAsync(new CallRequest { To = deployment.Ledger.Contract, Data = new AbiBytes(hash.EncodeCall(AbiValue.List())) }, BlockTag.Latest, LedgerAbi.Shipped.Errors, ct).ConfigureAwait(false);
        if (hash.DecodeResult(answer.Span)[0].Bytes32 != LedgerConstructor.HashOf(deployment.Parameters))
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "the contract was made by other rules than the address file says.");
        }
    }

    private static PhrDataException NoAddress(string name) => new(Stage, PhrDataReason.NotFound, $"the receipt of {name} names no contract.");
}
