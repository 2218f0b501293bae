using System.Collections.Immutable;

namespace Phr.Consent.Ethereum;

/// <summary>A function of the ledger's contract, with the names of its parameters.</summary>
internal sealed record LedgerFunction(AbiFunction Function, ImmutableArray<AbiParameter> Inputs)
{
    public string Name => Function.Name;

    /// <summary>Whether it carries a command: then its last parameter says who acts.</summary>
    public bool IsCommand => Inputs is [.., { Struct: "Auth" }] && Inputs[^1].Type.Kind == AbiKind.Tuple;
}
