using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>A signed transaction of type 2: what <c>eth_sendRawTransaction</c> takes.</summary>
/// <remarks>Wire form: 0x02 || rlp([fields, yParity, r, s]). Source: EIP-1559. Immutable.</remarks>
internal sealed class SignedTransaction
{
    /// <summary>The longest wire form that is read: what nodes take into their pools.</summary>
    public const int MaxLength = 128 * 1024;

    private const string Stage = "transaction";
    private const int ScalarLength = 32;

    private readonly byte[] _bytes;

    internal SignedTransaction(Eip1559Transaction transaction, RecoverableSignature signature, ActorId sender)
    {
        Transaction = transaction;
        Signature = signature;
        Sender = sender;
        ReadOnlyMemory<byte> rs = signature.Signature.ToBytes();
        RlpItem fields = RlpItem.List(transaction.Fields().Append(RlpItem.Of(signature.RecoveryId)).Append(Scalar(rs[..ScalarLength])).Append(Scalar(rs[ScalarLength..])));
        _bytes = [Eip1559Transaction.Type, .. fields.ToBytes()];
        Hash = Digest.FromBytes(Keccak256.HashData(_bytes));
    }

    public Eip1559Transaction Transaction { get; }

    public RecoverableSignature Signature { get; }

    /// <summary>The account that signed and pays.</summary>
    public ActorId Sender { get; }

    /// <summary>The transaction's hash: the Keccak-256 of the wire form.</summary>
    public Digest Hash { get; }

    public byte[] ToBytes() => (byte[])_bytes.Clone();

    /// <summary>Reads the wire form and recovers the sender.</summary>
    /// <exception cref="PhrDataException">The bytes are not a transaction of type 2 in canonical form, or nobody can have signed it.</exception>
    public static SignedTransaction FromBytes(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > MaxLength)
        {
            throw Fault(PhrDataReason.TooLarge, $"more than {MaxLength} bytes.");
        }

        if (bytes.IsEmpty || bytes.Span[0] != Eip1559Transaction.Type)
        {
            throw Fault(PhrDataReason.UnknownVersion, "only transactions of type 2 are read.");
        }

        ImmutableArray<RlpItem> fields = RlpItem.FromBytes(bytes[1..]).ItemsExactly(12);
        var transaction = new Eip1559Transaction
        {
            ChainId = fields[0].UInt64(),
            Nonce = fields[1].UInt64(),
            MaxPriorityFeePerGas = fields[2].Number(),
            MaxFeePerGas = fields[3].Number(),
            GasLimit = fields[4].UInt64(),
            To = fields[5].Bytes.IsEmpty ? null : ActorId.FromBytes(fields[5].BytesExactly(ActorId.Length).Span),
            Value = fields[6].Number(),
            Data = new AbiBytes(fields[7].Bytes.Span),
            AccessList = [.. fields[8].Items.Select(ReadEntry)],
        };
        if (transaction.FindFault() is { } fault)
        {
            throw Fault(PhrDataReason.OutOfRange, fault);
        }

        ulong parity = fields[9].UInt64();
        byte[] rsv = new byte[RecoverableSignature.Length];
        WriteScalar(fields[10], rsv);
        WriteScalar(fields[11], rsv.AsSpan(ScalarLength));
        rsv[^1] = parity <= 1 ? (byte)parity : throw Fault(PhrDataReason.OutOfRange, "the parity of a signature is 0 or 1.");
        return RecoverableSignature.TryFromBytes(rsv, out RecoverableSignature? signature) && signature.TryRecover(transaction.SigningDigest(), out PublicKey? key)
            ? new SignedTransaction(transaction, signature, ActorId.FromPublicKey(key))
            : throw Fault(PhrDataReason.InvalidSignature, "the signature is not r, s with low s that some key made.");
    }

    public static bool TryFromBytes(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out SignedTransaction? transaction)
    {
        try
        {
            transaction = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            transaction = null;
            return false;
        }
    }

    private static AccessListEntry ReadEntry(RlpItem item)
    {
        ImmutableArray<RlpItem> parts = item.ItemsExactly(2);
        return new AccessListEntry(ActorId.FromBytes(parts[0].BytesExactly(ActorId.Length).Span), [.. parts[1].Items.Select(k => Digest.FromBytes(k.BytesExactly(Digest.Length).Span))]);
    }

    private static RlpItem Scalar(ReadOnlyMemory<byte> bytes) => RlpItem.Of(new System.Numerics.BigInteger(bytes.Span, isUnsigned: true, isBigEndian: true));

    private static void WriteScalar(RlpItem item, Span<byte> destination)
    {
        _ = item.Number();
        ReadOnlySpan<byte> bytes = item.Bytes.Span;
        bytes.CopyTo(destination[(ScalarLength - bytes.Length)..]);
    }

    private static PhrDataException Fault(PhrDataReason reason, string detail) => new(Stage, reason, detail);
}
