using System.Numerics;
using Phr.Consent.Ethereum;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Ethereum.Tests.Transactions;

public class TransactionTests
{
    internal static Eip1559Transaction Sample(RandomAbi random) => new()
    {
        ChainId = (ulong)random.Number(32),
        Nonce = (ulong)random.Number(48),
        MaxPriorityFeePerGas = random.Number(40),
        MaxFeePerGas = (BigInteger.One << 40) + random.Number(48),
        GasLimit = (ulong)random.Number(40),
        To = random.Below(4) == 0 ? null : ActorId.FromBytes(random.Bytes(20)),
        Value = random.Number(96),
        Data = new AbiBytes(random.Bytes(random.Below(100))),
        AccessList = [.. Enumerable.Range(0, random.Below(3)).Select(_ => new AccessListEntry(
            ActorId.FromBytes(random.Bytes(20)), [.. Enumerable.Range(0, random.Below(3)).Select(_ => Digest.FromBytes(random.Bytes(32)))]))],
    };

    [Fact]
    public void FromBytes_Signed_GivesTransactionAndSender()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            var random = new RandomAbi(seed);
            using var key = SecretKey.FromBytes(random.Bytes(32));
            SignedTransaction signed = Sample(random).Sign(key);
            SignedTransaction read = SignedTransaction.FromBytes(signed.ToBytes());
            Assert.Equal(signed.Transaction, read.Transaction);
            Assert.Equal(signed.Hash, read.Hash);
            Assert.Equal(ActorId.FromPublicKey(key.PublicKey), read.Sender);
        }
    }

    [Fact]
    public void Sign_FieldsThatNoNodeAccepts_IsACallersMistake()
    {
        using var key = SecretKey.Generate();
        Eip1559Transaction good = Sample(new RandomAbi(1));
        Assert.Throws<ArgumentException>(() => (good with { MaxPriorityFeePerGas = good.MaxFeePerGas + 1 }).Sign(key));
        Assert.Throws<ArgumentException>(() => (good with { MaxPriorityFeePerGas = -1 }).Sign(key));
        Assert.Throws<ArgumentException>(() => (good with { Value = -1 }).Sign(key));
        Assert.Throws<ArgumentException>(() => (good with { Value = BigInteger.One << 256 }).Sign(key));
        Assert.Throws<ArgumentException>(() => (good with { Nonce = ulong.MaxValue }).Sign(key));
    }

    [Fact]
    public void FromBytes_OtherTypeHighSOrTooLong_IsRefused()
    {
        using var key = SecretKey.FromBytes(new RandomAbi(2).Bytes(32));
        SignedTransaction signed = Sample(new RandomAbi(3)).Sign(key);
        byte[] bytes = signed.ToBytes();
        Assert.Equal(PhrDataReason.UnknownVersion, Assert.Throws<PhrDataException>(() => SignedTransaction.FromBytes((byte[])[1, .. bytes[1..]])).Reason);
        Assert.Equal(PhrDataReason.UnknownVersion, Assert.Throws<PhrDataException>(() => SignedTransaction.FromBytes(ReadOnlyMemory<byte>.Empty)).Reason);
        Assert.Equal(PhrDataReason.TooLarge, Assert.Throws<PhrDataException>(() => SignedTransaction.FromBytes(new byte[SignedTransaction.MaxLength + 1])).Reason);

        BigInteger order = BigInteger.Parse("0fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);
        byte[] rs = signed.Signature.Signature.ToBytes();
        var s = new BigInteger(rs.AsSpan(32), isUnsigned: true, isBigEndian: true);
        var r = new BigInteger(rs.AsSpan(0, 32), isUnsigned: true, isBigEndian: true);
        byte[] high = [2, .. RlpItem.List(signed.Transaction.Fields().Append(RlpItem.Of((BigInteger)(1 - signed.Signature.RecoveryId))).Append(RlpItem.Of(r)).Append(RlpItem.Of(order - s))).ToBytes()];
        Assert.Equal(PhrDataReason.InvalidSignature, Assert.Throws<PhrDataException>(() => SignedTransaction.FromBytes(high)).Reason);
        byte[] parity = [2, .. RlpItem.List(signed.Transaction.Fields().Append(RlpItem.Of((BigInteger)2)).Append(RlpItem.Of(r)).Append(RlpItem.Of(s))).ToBytes()];
        Assert.Equal(PhrDataReason.OutOfRange, Assert.Throws<PhrDataException>(() => SignedTransaction.FromBytes(parity)).Reason);
    }

    [Fact]
    public void FromBytes_Damaged_IsRefusedOrCanonical()
    {
        using var key = SecretKey.FromBytes(new RandomAbi(4).Bytes(32));
        Mutations.Run(
            "transaction",
            [.. Enumerable.Range(5, 4).Select(seed => Sample(new RandomAbi(seed)).Sign(key).ToBytes())],
            bytes => SignedTransaction.FromBytes(bytes).ToBytes().AsSpan().SequenceEqual(bytes) ? true : throw new InvalidOperationException("Accepted bytes are not the canonical ones."),
            e => e is PhrDataException);
    }
}
