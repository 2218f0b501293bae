using System.Numerics;
using System.Text.Json.Serialization;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>A transaction that a node knows, in a block or waiting for one.</summary>
internal sealed record MinedTransaction
{
    public required Digest Hash { get; init; }

    public required ActorId From { get; init; }

    public ActorId? To { get; init; }

    public required ulong Nonce { get; init; }

    public required AbiBytes Input { get; init; }

    public required BigInteger Value { get; init; }

    public required ulong Gas { get; init; }

    public BigInteger? MaxFeePerGas { get; init; }

    public BigInteger? MaxPriorityFeePerGas { get; init; }

    public Digest? BlockHash { get; init; }

    public ulong? BlockNumber { get; init; }

    public ulong? TransactionIndex { get; init; }

    [JsonIgnore]
    public bool IsPending => BlockHash is null;
}
