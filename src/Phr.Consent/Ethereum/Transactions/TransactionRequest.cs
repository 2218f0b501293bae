using System.Numerics;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>What a transaction shall do, before it has a nonce and a price.</summary>
internal sealed record TransactionRequest
{
    /// <summary>The contract or account; null to deploy <see cref="Data"/>.</summary>
    public ActorId? To { get; init; }

    public AbiBytes Data { get; init; }

    /// <summary>In wei.</summary>
    public BigInteger Value { get; init; }

    /// <summary>The gas that may be used; null to ask the node, which also tells at once when the contract would refuse.</summary>
    public ulong? GasLimit { get; init; }

    /// <summary>How a refusal is named.</summary>
    public AbiErrorRegistry Errors { get; init; } = AbiErrorRegistry.Language;

    public static TransactionRequest Of(ActorId contract, IAbiFunction call, AbiErrorRegistry errors, BigInteger value = default) =>
        new() { To = contract, Data = new AbiBytes(call.Function.EncodeCall(call.ToArguments())), Value = value, Errors = errors };
}
