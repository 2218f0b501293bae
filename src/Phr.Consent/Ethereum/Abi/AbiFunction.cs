using System.Buffers.Binary;
using System.Text;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>A function of a contract: its selector, and how its arguments and results are encoded.</summary>
/// <remarks>Immutable.</remarks>
internal sealed class AbiFunction
{
    public const int SelectorLength = 4;

    private AbiFunction(string name, AbiType inputs, AbiType outputs)
    {
        Name = name;
        Inputs = inputs;
        Outputs = outputs;
        Selector = SelectorOf(Signature);
    }

    public string Name { get; }

    /// <summary>The arguments as a tuple.</summary>
    public AbiType Inputs { get; }

    /// <summary>The results as a tuple.</summary>
    public AbiType Outputs { get; }

    /// <summary>The name with the canonical types: <c>transfer(address,uint256)</c>.</summary>
    public string Signature => Name + Inputs.Name;

    /// <summary>The first four bytes of the Keccak-256 of the signature, big endian.</summary>
    public uint Selector { get; }

    /// <summary>Reads a signature and the tuple of the results: <c>balanceOf(address)</c>, <c>(uint256)</c>.</summary>
    /// <exception cref="FormatException">A type is not canonical.</exception>
    public static AbiFunction Parse(string signature, string outputs = "()")
    {
        (string name, AbiType inputs) = Split(signature);
        return new AbiFunction(name, inputs, AbiType.Parse(outputs));
    }

    /// <summary>What a transaction or a call carries: the selector, then the arguments.</summary>
    public byte[] EncodeCall(AbiValue arguments) => [.. SelectorBytes(Selector), .. AbiCodec.Encode(Inputs, arguments)];

    /// <summary>Reads the arguments of a call to this function.</summary>
    /// <exception cref="PhrDataException">The bytes are no such call.</exception>
    public AbiValue DecodeCall(ReadOnlySpan<byte> data) => AbiCodec.Decode(Inputs, AfterSelector(data, Selector, Signature));

    /// <summary>Reads what a call returned.</summary>
    /// <exception cref="PhrDataException">The bytes are no such result; an address without a contract returns none.</exception>
    public AbiValue DecodeResult(ReadOnlySpan<byte> data) => AbiCodec.Decode(Outputs, data);

    internal static uint SelectorOf(string signature) => BinaryPrimitives.ReadUInt32BigEndian(Keccak256.HashData(Encoding.ASCII.GetBytes(signature)));

    internal static byte[] SelectorBytes(uint selector)
    {
        var bytes = new byte[SelectorLength];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, selector);
        return bytes;
    }

    internal static ReadOnlySpan<byte> AfterSelector(ReadOnlySpan<byte> data, uint selector, string signature) =>
        data.Length >= SelectorLength && BinaryPrimitives.ReadUInt32BigEndian(data) == selector
            ? data[SelectorLength..]
            : throw new PhrDataException("abi", PhrDataReason.Mismatched, $"the bytes do not begin with the selector of {signature}.");

    internal static (string Name, AbiType Inputs) Split(string signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        int open = signature.IndexOf('(', StringComparison.Ordinal);
        return open > 0 && AbiType.Parse(signature[open..]) is { Kind: AbiKind.Tuple } inputs
            ? (signature[..open], inputs)
            : throw new FormatException($"'{signature}' is not the signature of a function, an event or an error.");
    }
}
