using System.Buffers.Binary;
using System.Security.Cryptography;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>What a request pins, as the ledger has it: the terms that every approval, fragment and delivery is bound to.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class RequestTerms
{
    /// <summary>The ledger on which the request stands.</summary>
    public required LedgerId Ledger { get; init; }

    /// <summary>The request.</summary>
    public required RequestId Request { get; init; }

    /// <summary>The header that the request pins.</summary>
    public required Digest HeaderDigest { get; init; }

    /// <summary>The dealing that the request pins.</summary>
    public required Digest DealingDigest { get; init; }

    /// <summary>The epoch of that dealing.</summary>
    public required uint Epoch { get; init; }

    /// <summary>The doctor's receiving key for this request alone (B).</summary>
    public required PublicKey ReceivingKey { get; init; }

    /// <summary>The salted commitment to the purpose.</summary>
    public required Digest PurposeDigest { get; init; }

    /// <summary>Nothing is approved, served or opened from this instant on. Whole seconds, UTC.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>The oracles drawn for the request.</summary>
    public required OracleCommittee Committee { get; init; }

    /// <summary>How many uses of the grant were counted before this one.</summary>
    /// <value>Default 0.</value>
    public int Use { get; init; }

    /// <summary>The context of one trustee's approval of one document: every key fragment's id is derived from it.</summary>
    internal byte[] ContextOf(BundleDocument document, int group, int member, PublicKey memberKey) =>
        SHA256.HashData(new CanonicalCborWriter()
            .Array(18)
            .Text("phr/approval/v1")
            .Id(Ledger)
            .Id(Request)
            .Id(HeaderDigest)
            .Id(DealingDigest)
            .UInt64(Epoch)
            .Id(document.Id)
            .Key(document.DelegatingKey)
            .Id(document.Capsule.Digest)
            .UInt64((ulong)group)
            .UInt64((ulong)member)
            .Key(memberKey)
            .Key(ReceivingKey)
            .Id(PurposeDigest)
            .Time(NotAfter)
            .UInt64((ulong)Committee.Threshold)
            .UInt64((ulong)Committee.Seats.Count)
            .Id(Committee.Digest)
            .EndArray()
            .ToBytes());

    /// <summary>id_k = SHA-256("phr/kfrag-id/v1" || ctx || X || be16(k) || oracle), k from 1.</summary>
    internal byte[] KeyFragId(ReadOnlySpan<byte> context, PublicKey precursor, int index)
    {
        ReadOnlySpan<byte> tag = "phr/kfrag-id/v1"u8;
        Span<byte> message = stackalloc byte[tag.Length + SHA256.HashSizeInBytes + PublicKey.Length + 2 + ActorId.Length];
        Span<byte> rest = message;
        tag.CopyTo(rest);
        context.CopyTo(rest = rest[tag.Length..]);
        precursor.CopyTo(rest = rest[SHA256.HashSizeInBytes..]);
        BinaryPrimitives.WriteUInt16BigEndian(rest = rest[PublicKey.Length..], (ushort)index);
        Committee.Seats[index - 1].Oracle.CopyTo(rest[2..]);
        return SHA256.HashData(message);
    }

    /// <summary>What an envelope of fragments is bound to.</summary>
    internal byte[] FragmentContext(int group, int member, int index) =>
        Bound("phr/fragments/v1").UInt64((ulong)group).UInt64((ulong)member).UInt64((ulong)index)
            .Id(Committee.Seats[index - 1].Oracle).EndArray().ToBytes();

    /// <summary>What a sealed delivery is bound to.</summary>
    internal byte[] DeliveryContext(int index) =>
        Bound("phr/delivery/v1").UInt64(0).UInt64(0).UInt64((ulong)index).Id(Committee.Seats[index - 1].Oracle).EndArray().ToBytes();

    private CanonicalCborWriter Bound(string tag) => new CanonicalCborWriter()
        .Array(12)
        .Text(tag)
        .Id(Ledger)
        .Id(Request)
        .Id(HeaderDigest)
        .Id(DealingDigest)
        .UInt64(Epoch)
        .Id(Committee.Digest)
        .Time(NotAfter);
}
