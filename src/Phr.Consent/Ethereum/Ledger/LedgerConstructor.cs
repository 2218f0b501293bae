using System.Collections.Immutable;
using System.Numerics;
using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>The arguments of the ledger's constructor: its rules, and the contracts that it calls on.</summary>
internal static class LedgerConstructor
{
    private static readonly Lazy<ContractArtifact> _core = new(() => ContractArtifact.Load("PhrLedger"));

    /// <summary>The hash by which the contract knows its rules: keccak256 of their abi.encode.</summary>
    public static Digest HashOf(LedgerParameters parameters)
    {
        AbiParameter type = ParametersOf(_core.Value);
        return Digest.FromBytes(Keccak256.HashData(AbiCodec.Encode(AbiType.Tuple(type.Type), AbiValue.List(ToTuple(parameters, type)))));
    }

    /// <summary>The transaction data that deploys a contract of the ledger.</summary>
    /// <param name="artifact">The contract.</param>
    /// <param name="parameters">The rules.</param>
    /// <param name="modules">The contracts that were deployed before, by their names in Solidity; a member of the core's Modules has its module's name in lower case.</param>
    public static byte[] DeployData(ContractArtifact artifact, LedgerParameters parameters, IReadOnlyDictionary<string, ActorId> modules)
    {
        ImmutableArray<AbiParameter> inputs = artifact.ConstructorInputs;
        AbiValue arguments = AbiValue.List([.. inputs.Select(input => input.Struct == "Parameters" ? ToTuple(parameters, input) : Modules(input, modules))]);
        return [.. artifact.Bytecode.Span, .. AbiCodec.Encode(AbiType.Parse(AbiParameter.NameOf(inputs)), arguments)];
    }

    /// <summary>The contracts that the core calls on, by their names in Solidity, in the order of its constructor.</summary>
    public static ImmutableArray<string> ModuleNames() =>
        [.. _core.Value.ConstructorInputs.Where(input => input.Struct != "Parameters").SelectMany(input => input.Components).Select(NameOf).Where(ContractArtifact.Exists)];

    private static string NameOf(AbiParameter member)
    {
        string singular = member.Name.EndsWith("ies", StringComparison.Ordinal) ? member.Name[..^3] + "y" : member.Name.EndsWith('s') ? member.Name[..^1] : member.Name;
        return char.ToUpperInvariant(singular[0]) + singular[1..] + "Module";
    }

    private static AbiParameter ParametersOf(ContractArtifact artifact) => artifact.ConstructorInputs.Single(input => input.Struct == "Parameters");

    private static AbiValue ToTuple(LedgerParameters parameters, AbiParameter type) => AbiFieldWriter.Of(parameters).ToTuple(type.Components);

    private static AbiValue Modules(AbiParameter input, IReadOnlyDictionary<string, ActorId> modules)
    {
        var writer = new AbiFieldWriter();
        foreach (AbiParameter member in input.Components)
        {
            // A place that is kept for a later module takes any of them: the core has no function that calls on it.
            writer.Set(member.Name, modules.TryGetValue(NameOf(member), out ActorId module) ? module : modules.Values.First());
        }

        return writer.ToTuple(input.Components);
    }
}
