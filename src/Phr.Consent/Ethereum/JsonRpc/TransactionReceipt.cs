using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json.Serialization;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>What became of a transaction that is in a block.</summary>
internal sealed record TransactionReceipt
{
    public required Digest TransactionHash { get; init; }

    public required ulong TransactionIndex { get; init; }

    public required Digest BlockHash { get; init; }

    public required ulong BlockNumber { get; init; }

    public required ActorId From { get; init; }

    public ActorId? To { get; init; }

    /// <summary>The address of the contract that was deployed.</summary>
    public ActorId? ContractAddress { get; init; }

    public required ulong GasUsed { get; init; }

    /// <summary>In wei.</summary>
    public required BigInteger EffectiveGasPrice { get; init; }

    /// <summary>1 when it was carried out, 0 when it was undone.</summary>
    public required ulong Status { get; init; }

    public required ImmutableArray<EthereumLog> Logs { get; init; }

    [JsonIgnore]
    public bool Succeeded => Status == 1;
}
