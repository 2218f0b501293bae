using System.Numerics;
using System.Text;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Ethereum.Tests.Abi;

public class AbiCodecTests
{
    // The examples of the ABI specification in the Solidity documentation.
    [Theory]
    [InlineData("baz(uint32,bool)", "cdcd77c0")]
    [InlineData("bar(bytes3[2])", "fce353f6")]
    [InlineData("sam(bytes,bool,uint256[])", "a5643bf2")]
    [InlineData("f(uint256,uint32[],bytes10,bytes)", "8be65246")]
    [InlineData("g(uint256[][],string[])", "2289b18c")]
    public void Selector_PublishedFunction_IsEqual(string signature, string selector) =>
        Assert.Equal(selector, AbiFunction.Parse(signature).Selector.ToString("x8", System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void EncodeCall_PublishedF_IsEqual()
    {
        byte[] call = AbiFunction.Parse("f(uint256,uint32[],bytes10,bytes)").EncodeCall(AbiValue.List(
            AbiValue.Of(0x123UL), AbiValue.List(AbiValue.Of(0x456UL), AbiValue.Of(0x789UL)), AbiValue.Of("1234567890"u8), AbiValue.Of("Hello, world!"u8)));
        Assert.Equal(
            "8be65246"
            + "0000000000000000000000000000000000000000000000000000000000000123"
            + "0000000000000000000000000000000000000000000000000000000000000080"
            + "3132333435363738393000000000000000000000000000000000000000000000"
            + "00000000000000000000000000000000000000000000000000000000000000e0"
            + "0000000000000000000000000000000000000000000000000000000000000002"
            + "0000000000000000000000000000000000000000000000000000000000000456"
            + "0000000000000000000000000000000000000000000000000000000000000789"
            + "000000000000000000000000000000000000000000000000000000000000000d"
            + "48656c6c6f2c20776f726c642100000000000000000000000000000000000000",
            Convert.ToHexStringLower(call));
    }

    [Theory]
    [InlineData("uint8", "0000000000000000000000000000000000000000000000000000000000000100", PhrDataReason.OutOfRange)]
    [InlineData("int8", "0000000000000000000000000000000000000000000000000000000000000080", PhrDataReason.OutOfRange)]
    [InlineData("int8", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", PhrDataReason.OutOfRange)]
    [InlineData("bool", "0000000000000000000000000000000000000000000000000000000000000002", PhrDataReason.NonCanonical)]
    [InlineData("address", "0000000000000000000000010000000000000000000000000000000000000001", PhrDataReason.NonCanonical)]
    [InlineData("bytes4", "0102030405000000000000000000000000000000000000000000000000000000", PhrDataReason.NonCanonical)]
    [InlineData("uint8", "00000000000000000000000000000000000000000000000000000000000001", PhrDataReason.Truncated)]
    [InlineData("uint8", "000000000000000000000000000000000000000000000000000000000000000100", PhrDataReason.Malformed)]
    public void Decode_BadWord_IsRefused(string type, string hex, PhrDataReason reason) => AssertRefused(type, hex, reason);

    [Theory]
    [InlineData("bytes", "0000000000000000000000000000000000000000000000000000000000000040" + "0000000000000000000000000000000000000000000000000000000000000000" + "0000000000000000000000000000000000000000000000000000000000000000", PhrDataReason.NonCanonical)] // a gap
    [InlineData("bytes", "0000000000000000000000000000000000000000000000000000000000000000", PhrDataReason.NonCanonical)] // points at itself
    [InlineData("bytes", "0000000000000000000000000000000000000000000000000000000000000020" + "0000000000000000000000000000000000000000000000000000000000000001" + "6161000000000000000000000000000000000000000000000000000000000000", PhrDataReason.NonCanonical)] // padding
    [InlineData("bytes", "0000000000000000000000000000000000000000000000000000000000000020" + "0000000000000000000000000000000000000000000000000000000000000001" + "61", PhrDataReason.Truncated)] // no padding
    [InlineData("bytes", "0000000000000000000000000000000000000000000000000000000000000020" + "00000000000000000000000000000000000000000000000000000000ffffffff", PhrDataReason.Truncated)] // huge length
    [InlineData("bytes", "0000000000000000000000000000000000000000000000000000000000000020" + "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", PhrDataReason.TooLarge)]
    [InlineData("uint8[]", "0000000000000000000000000000000000000000000000000000000000000020" + "000000000000000000000000000000000000000000000000000000007fffffff", PhrDataReason.Truncated)]
    [InlineData("uint8[2][]", "0000000000000000000000000000000000000000000000000000000000000020" + "0000000000000000000000000000000000000000000000000000000000000001" + "0000000000000000000000000000000000000000000000000000000000000001", PhrDataReason.Truncated)]
    [InlineData("string", "0000000000000000000000000000000000000000000000000000000000000020" + "0000000000000000000000000000000000000000000000000000000000000001" + "ff00000000000000000000000000000000000000000000000000000000000000", PhrDataReason.Malformed)]
    public void Decode_BadDynamicValue_IsRefused(string type, string hex, PhrDataReason reason) => AssertRefused(type, hex, reason);

    [Fact]
    public void Decode_TwoValuesSharingATail_IsRefused()
    {
        AbiType type = AbiType.Parse("(bytes,bytes)");
        byte[] data = AbiCodec.Encode(type, AbiValue.List(AbiValue.Of("a"u8), AbiValue.Of("a"u8)));
        data[63] = 0x40;
        Assert.Equal(PhrDataReason.NonCanonical, Assert.Throws<PhrDataException>(() => AbiCodec.Decode(type, data[..128])).Reason);
    }

    [Fact]
    public void Encode_ValueOutsideItsType_IsACallersMistake()
    {
        Assert.Throws<ArgumentException>(() => Encode("uint8", AbiValue.Of(256UL)));
        Assert.Throws<ArgumentException>(() => Encode("uint256", AbiValue.Of(BigInteger.MinusOne)));
        Assert.Throws<ArgumentException>(() => Encode("uint256", AbiValue.Of(BigInteger.One << 256)));
        Assert.Throws<ArgumentException>(() => Encode("int8", AbiValue.Of(128L)));
        Assert.Throws<ArgumentException>(() => Encode("int256", AbiValue.Of(-(BigInteger.One << 255) - 1)));
        Assert.Throws<ArgumentException>(() => Encode("bytes4", AbiValue.Of("abc"u8)));
        Assert.Throws<ArgumentException>(() => Encode("uint8[2]", AbiValue.List(AbiValue.Of(1UL))));
        Assert.Throws<ArgumentException>(() => Encode("string", AbiValue.Of("\ud800")));
        Assert.Throws<InvalidOperationException>(() => Encode("bool", AbiValue.Of(1UL)));
    }

    [Fact]
    public void Decode_RandomValues_GiveThemBack()
    {
        for (int seed = 0; seed < 2000; seed++)
        {
            var random = new RandomAbi(seed);
            AbiType type = random.Tuple(4);
            AbiValue value = random.Value(type);
            byte[] data = AbiCodec.Encode(type, value);
            Assert.Equal(value, AbiCodec.Decode(type, data));
        }
    }

    [Fact]
    public void Decode_Damaged_IsRefusedOrCanonical()
    {
        AbiType type = AbiType.Parse("(uint64,(bytes,bytes32[2],string)[],bool[],int40,address[],bytes3,(uint8,uint8)[2])");
        byte[][] samples = [.. Enumerable.Range(0, 6).Select(seed => AbiCodec.Encode(type, new RandomAbi(seed).Value(type)))];
        Mutations.Run(
            "abi",
            samples,
            bytes => AbiCodec.Encode(type, AbiCodec.Decode(type, bytes)).AsSpan().SequenceEqual(bytes) ? true : throw new InvalidOperationException("Accepted bytes are not the canonical ones."),
            e => e is PhrDataException);
    }

    [Fact]
    public void Event_WrongTopics_IsRefused()
    {
        AbiEvent moved = AbiEvent.Parse("Transfer(address,address,uint256)", 0, 1);
        byte[] data = new byte[32];
        Digest address = Digest.FromBytes(new byte[32]);
        Assert.Equal("ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef", moved.Topic.ToString());
        Assert.Equal(AbiValue.Of(0UL), moved.Decode([moved.Topic, address, address], data)[2]);
        Assert.Throws<PhrDataException>(() => moved.Decode([moved.Topic, address], data));
        Assert.Throws<PhrDataException>(() => moved.Decode([address, address, address], data));
        Assert.Throws<PhrDataException>(() => moved.Decode([], data));
        Assert.Throws<PhrDataException>(() => moved.Decode([moved.Topic, address, Digest.FromBytes([1, .. new byte[31]])], data));
        Assert.Throws<PhrDataException>(() => moved.Decode([moved.Topic, address, address], new byte[64]));
        Assert.Throws<ArgumentException>(() => moved.TopicOf(2, AbiValue.Of(1UL)));
    }

    [Fact]
    public void Explain_RevertData_NamesWhatIsKnown()
    {
        AbiError custom = NotNow.Description;
        AbiErrorRegistry registry = new AbiErrorRegistry().With<NotNow>().Freeze();
        AbiValue arguments = AbiValue.List(AbiValue.Of(7UL), AbiValue.Of(ActorId.FromBytes(new byte[20])));

        EthereumRevertException known = registry.Explain(custom.Encode(arguments));
        Assert.Equal("NotNow", known.ErrorName);
        Assert.Equal(new NotNow(7, ActorId.FromBytes(new byte[20])), known.Decoded);
        Assert.Equal(["7", "0x0000000000000000000000000000000000000000"], known.Arguments);
        Assert.Equal(Hex.Of(custom.Encode(arguments).AsSpan(0, 4)), known.Selector);

        EthereumRevertException text = registry.Explain(AbiError.Text.Encode(AbiValue.List(AbiValue.Of("too late"))));
        Assert.Contains("too late", text.Message, StringComparison.Ordinal);
        EthereumRevertException panic = registry.Explain(AbiError.Panic.Encode(AbiValue.List(AbiValue.Of(0x11UL))));
        Assert.Contains("overflow", panic.Message, StringComparison.Ordinal);
        Assert.Equal("Panic", registry.Explain(AbiError.Panic.Encode(AbiValue.List(AbiValue.Of(BigInteger.One << 200)))).ErrorName);

        Assert.Null(registry.Explain([]).ErrorName);
        Assert.Null(registry.Explain([1, 2, 3]).Selector);
        Assert.Equal("0x01020304", registry.Explain([1, 2, 3, 4, 5]).Selector);
        Assert.Null(registry.Explain(custom.Encode(arguments).AsSpan()[..20]).ErrorName);
    }

    private static byte[] Encode(string type, AbiValue value) => AbiCodec.Encode(AbiType.Parse($"({type})"), AbiValue.List(value));

    private static void AssertRefused(string type, string hex, PhrDataReason reason)
    {
        AbiType tuple = AbiType.Parse($"({type})");
        byte[] data = Convert.FromHexString(hex);
        Assert.Equal(reason, Assert.Throws<PhrDataException>(() => AbiCodec.Decode(tuple, data)).Reason);
        Assert.False(AbiCodec.TryDecode(tuple, data, out _));
    }

    private sealed record NotNow(ulong Until, ActorId Who) : IAbiError<NotNow>
    {
        public static AbiError Description { get; } = AbiError.Parse("NotNow(uint64,address)");

        public AbiError Error => Description;

        public static NotNow FromArguments(AbiValue arguments) => new(arguments[0].UInt64(), arguments[1].Address);
    }
}
