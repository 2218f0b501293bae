using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent.Embedded;

/// <summary>Every hash of the embedded ledger, with its layout. docs/algorithms/embedded-ledger.md has the same in words.</summary>
internal static class ChainFormat
{
    /// <summary>The chain id of every embedded ledger.</summary>
    public const ulong ChainId = 0;

    /// <summary>The longest command, list of events or genesis record that is stored or read.</summary>
    public const int MaxBlobLength = 1 << 20;

    public const string GenesisTag = "phr/genesis/v1";
    public const string EntryTag = "phr/entry/v1";

    public static LedgerId LedgerId(PublicKey operatorKey) => new(ChainId, ActorId.FromPublicKey(operatorKey));

    /// <summary>The hash that stands for entry 0: ["phr/genesis/v1", ledger id, operator key, time, parameters].</summary>
    public static Digest HashGenesis(PublicKey operatorKey, DateTimeOffset time, ReadOnlySpan<byte> parameters) => Digest.Of(
        new CanonicalCborWriter().Array(5).Text(GenesisTag).Id(LedgerId(operatorKey)).Key(operatorKey).Time(time).Bytes(parameters)
            .EndArray().ToBytes());

    /// <summary>["phr/entry/v1", ledger id, number, time, previous hash, command, events].</summary>
    public static Digest HashEntry(
        LedgerId ledger, ulong number, DateTimeOffset time, Digest previousHash, ReadOnlySpan<byte> command, ReadOnlySpan<byte> events) => Digest.Of(
        new CanonicalCborWriter().Array(7).Text(EntryTag).Id(ledger).UInt64(number).Time(time).Id(previousHash).Bytes(command).Bytes(events)
            .EndArray().ToBytes());

    /// <summary>The randomness of a block: SHA-256("phr/seed/v1" || 0x00 || the operator's signature of its entry).</summary>
    public static Digest Seed(RecoverableSignature operatorSignature) => Digest.Of([.. "phr/seed/v1\0"u8, .. operatorSignature.ToBytes()]);

    /// <summary>Whether the ledger's operator signed a hash.</summary>
    public static bool IsSignedBy(LedgerId ledger, Digest hash, RecoverableSignature signature) =>
        signature.TryRecover(hash.ToBytes(), out PublicKey? key) && ActorId.FromPublicKey(key) == ledger.Contract;

    /// <summary>The ledger counts whole seconds.</summary>
    public static DateTimeOffset ToWholeSeconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());
}
