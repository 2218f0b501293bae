using System.Numerics;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>A transaction of type 2, not yet signed. Amounts are in wei.</summary>
/// <remarks>Source: EIP-1559, EIP-2718. Immutable.</remarks>
internal sealed record Eip1559Transaction
{
    /// <summary>The type byte.</summary>
    public const byte Type = 2;

    public required ulong ChainId { get; init; }

    public required ulong Nonce { get; init; }

    public required BigInteger MaxPriorityFeePerGas { get; init; }

    public required BigInteger MaxFeePerGas { get; init; }

    public required ulong GasLimit { get; init; }

    /// <summary>The contract or account; null to deploy <see cref="Data"/>.</summary>
    public ActorId? To { get; init; }

    public BigInteger Value { get; init; }

    public AbiBytes Data { get; init; }

    public AbiArray<AccessListEntry> AccessList { get; init; } = [];

    /// <summary>What the sender signs: keccak256(0x02 || rlp(fields)).</summary>
    public byte[] SigningDigest() => Keccak256.HashData([Type, .. RlpItem.List(Fields()).ToBytes()]);

    /// <exception cref="ArgumentException">A field lies outside what a node accepts.</exception>
    public SignedTransaction Sign(SecretKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return FindFault() is { } fault
            ? throw new ArgumentException(fault)
            : new SignedTransaction(this, key.SignDigest(SigningDigest()), ActorId.FromPublicKey(key.PublicKey));
    }

    internal IEnumerable<RlpItem> Fields() =>
    [
        RlpItem.Of(ChainId),
        RlpItem.Of(Nonce),
        RlpItem.Of(MaxPriorityFeePerGas),
        RlpItem.Of(MaxFeePerGas),
        RlpItem.Of(GasLimit),
        RlpItem.Of(To is { } to ? to.ToBytes() : ReadOnlyMemory<byte>.Empty),
        RlpItem.Of(Value),
        RlpItem.Of(Data.Memory),
        RlpItem.List(AccessList.Select(e => RlpItem.List(RlpItem.Of(e.Address.ToBytes()), RlpItem.List(e.StorageKeys.Select(k => RlpItem.Of(k.ToBytes())))))),
    ];

    internal string? FindFault() =>
        MaxPriorityFeePerGas.Sign < 0 || MaxPriorityFeePerGas > MaxFeePerGas ? "The priority fee lies between 0 and the highest fee."
        : MaxFeePerGas.GetBitLength() > 256 || Value.Sign < 0 || Value.GetBitLength() > 256 ? "An amount has at most 256 bits and is not negative."
        : Nonce == ulong.MaxValue ? "The nonce is the last and cannot be used (EIP-2681)."
        : null;
}
