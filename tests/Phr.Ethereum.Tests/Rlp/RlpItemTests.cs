using System.Numerics;
using Phr.Consent.Ethereum;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Ethereum.Tests.Rlp;

public class RlpItemTests
{
    // The examples of the description of RLP on ethereum.org.
    public static TheoryData<string, string> Published => new()
    {
        { "83646f67", "dog" },
        { "80", "" },
        { "00", "\0" },
        { "0f", "\x0f" },
        { "820400", "\x04\0" },
        { "b8384c6f72656d20697073756d20646f6c6f722073697420616d65742c20636f6e7365637465747572206164697069736963696e6720656c6974", "Lorem ipsum dolor sit amet, consectetur adipisicing elit" },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void ToBytes_PublishedString_IsEqual(string encoded, string text)
    {
        byte[] bytes = System.Text.Encoding.Latin1.GetBytes(text);
        Assert.Equal(encoded, Convert.ToHexStringLower(RlpItem.Of(bytes).ToBytes()));
        Assert.Equal(bytes, RlpItem.FromBytes(Convert.FromHexString(encoded)).Bytes.ToArray());
    }

    [Fact]
    public void ToBytes_PublishedLists_AreEqual()
    {
        RlpItem empty = RlpItem.List();
        Assert.Equal("c0", Convert.ToHexStringLower(empty.ToBytes()));
        Assert.Equal("c88363617483646f67", Convert.ToHexStringLower(RlpItem.List(RlpItem.Of("cat"u8.ToArray()), RlpItem.Of("dog"u8.ToArray())).ToBytes()));
        Assert.Equal("c7c0c1c0c3c0c1c0", Convert.ToHexStringLower(RlpItem.List(empty, RlpItem.List(empty), RlpItem.List(empty, RlpItem.List(empty))).ToBytes()));
    }

    [Theory]
    [InlineData(0, "80")]
    [InlineData(15, "0f")]
    [InlineData(1024, "820400")]
    public void Of_Number_HasNoLeadingZero(int number, string encoded) =>
        Assert.Equal(encoded, Convert.ToHexStringLower(RlpItem.Of((BigInteger)number).ToBytes()));

    [Theory]
    [InlineData("", PhrDataReason.Truncated)]
    [InlineData("8100", PhrDataReason.NonCanonical)]
    [InlineData("817f", PhrDataReason.NonCanonical)]
    [InlineData("83646f", PhrDataReason.Truncated)]
    [InlineData("8080", PhrDataReason.Malformed)]
    [InlineData("b80161", PhrDataReason.NonCanonical)]
    [InlineData("b90038", PhrDataReason.NonCanonical)]
    [InlineData("b8", PhrDataReason.Truncated)]
    [InlineData("bfffffffffffffffff", PhrDataReason.TooLarge)]
    [InlineData("ffffffffffffffffff", PhrDataReason.TooLarge)]
    [InlineData("f80101", PhrDataReason.NonCanonical)]
    [InlineData("c3830102", PhrDataReason.Truncated)]
    [InlineData("c281", PhrDataReason.Truncated)]
    public void FromBytes_NotCanonical_IsRefused(string hex, PhrDataReason reason)
    {
        byte[] bytes = Convert.FromHexString(hex);
        Assert.Equal(reason, Assert.Throws<PhrDataException>(() => RlpItem.FromBytes(bytes)).Reason);
        Assert.False(RlpItem.TryFromBytes(bytes, out _));
    }

    [Fact]
    public void FromBytes_NestedTooDeep_IsRefused()
    {
        RlpItem item = RlpItem.List();
        for (int i = 0; i < RlpItem.MaxDepth; i++)
        {
            item = RlpItem.List(item);
        }

        Assert.Equal(PhrDataReason.TooLarge, Assert.Throws<PhrDataException>(() => RlpItem.FromBytes(item.ToBytes())).Reason);
    }

    [Theory]
    [InlineData("820001", PhrDataReason.NonCanonical)]
    [InlineData("89010000000000000000", PhrDataReason.OutOfRange)]
    [InlineData("c0", PhrDataReason.Malformed)]
    public void UInt64_NotSuchANumber_IsRefused(string hex, PhrDataReason reason)
    {
        RlpItem item = RlpItem.FromBytes(Convert.FromHexString(hex));
        Assert.Equal(reason, Assert.Throws<PhrDataException>(() => item.UInt64()).Reason);
    }

    [Theory]
    [InlineData(55)]
    [InlineData(56)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(16_777_216)]
    public void ToBytes_LengthAtAnEdge_ReadsBack(int length)
    {
        byte[] bytes = new byte[length];
        bytes[^1] = 7;
        Assert.Equal(bytes, RlpItem.FromBytes(RlpItem.Of(bytes).ToBytes()).Bytes.ToArray());
        Assert.Equal(bytes, RlpItem.FromBytes(RlpItem.List(RlpItem.Of(bytes)).ToBytes()).Items[0].Bytes.ToArray());
    }

    [Fact]
    public void FromBytes_Damaged_IsRefusedOrCanonical()
    {
        RlpItem sample = RlpItem.List(RlpItem.Of("cat"u8.ToArray()), RlpItem.List(RlpItem.Of(new byte[60]), RlpItem.Of(ReadOnlyMemory<byte>.Empty)), RlpItem.Of(new byte[300]));
        Mutations.Run(
            "rlp",
            [sample.ToBytes(), RlpItem.List().ToBytes()],
            bytes => RlpItem.FromBytes(bytes).ToBytes().AsSpan().SequenceEqual(bytes) ? true : throw new InvalidOperationException("Accepted bytes are not the canonical ones."),
            e => e is PhrDataException);
    }
}
