using System.Numerics;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>What a transaction of the ledger's client cost.</summary>
/// <param name="Transaction">Its hash.</param>
/// <param name="What">The kind of its command, <c>batch</c>, or the contract that it deployed.</param>
/// <param name="Gas">The gas that it used.</param>
/// <param name="WeiPerGas">What was paid for each.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record EthereumTransactionCost(Digest Transaction, string What, ulong Gas, BigInteger WeiPerGas);
