using Phr.Consent.Ethereum;

namespace Phr.Ethereum.Tests.Abi;

public class AbiTypeTests
{
    [Theory]
    [InlineData("uint256", false, 32)]
    [InlineData("int8", false, 32)]
    [InlineData("bytes32[3]", false, 96)]
    [InlineData("(uint8,address)[2]", false, 128)]
    [InlineData("bytes", true, 0)]
    [InlineData("string[2]", true, 0)]
    [InlineData("(uint8,(bool,bytes)[4][])", true, 0)]
    [InlineData("()", false, 0)]
    public void Parse_CanonicalName_HasItsShape(string name, bool isDynamic, int length)
    {
        AbiType type = AbiType.Parse(name);
        Assert.Equal(name, type.Name);
        Assert.Equal(isDynamic, type.IsDynamic);
        Assert.Equal(length, type.StaticLength);
    }

    [Theory]
    [InlineData("")]
    [InlineData("uint")]
    [InlineData("uint7")]
    [InlineData("uint0")]
    [InlineData("uint264")]
    [InlineData("uint08")]
    [InlineData("int-8")]
    [InlineData("bytes0")]
    [InlineData("bytes33")]
    [InlineData("uint8[0]")]
    [InlineData("uint8[-1]")]
    [InlineData("uint8[01]")]
    [InlineData("uint8[999999999]")]
    [InlineData("uint8[")]
    [InlineData("uint8]")]
    [InlineData("(uint8")]
    [InlineData("(uint8,)")]
    [InlineData("(,uint8)")]
    [InlineData("(uint8, bool)")]
    [InlineData("(uint8,())")]
    [InlineData("()[]")]
    [InlineData("uint8 ")]
    [InlineData("fixed128x18")]
    [InlineData("function")]
    public void Parse_NotCanonical_IsRefused(string name) => Assert.Throws<FormatException>(() => AbiType.Parse(name));

    [Fact]
    public void Parse_TooDeep_IsRefused()
    {
        Assert.Throws<FormatException>(() => AbiType.Parse("uint8" + string.Concat(Enumerable.Repeat("[]", 40))));
        Assert.Throws<FormatException>(() => AbiType.Parse(new string('(', 40) + "uint8" + new string(')', 40)));
    }
}
