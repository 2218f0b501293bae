using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>A custom error of a contract: its selector, and how its arguments are encoded.</summary>
/// <remarks>Immutable.</remarks>
internal sealed class AbiError
{
    private AbiError(string name, AbiType inputs)
    {
        Name = name;
        Inputs = inputs;
        Selector = AbiFunction.SelectorOf(Signature);
    }

    /// <summary><c>Error(string)</c>, with which <c>require</c> and <c>revert</c> give a text.</summary>
    public static AbiError Text { get; } = Parse("Error(string)");

    /// <summary><c>Panic(uint256)</c>, with which the compiler's own checks fail.</summary>
    public static AbiError Panic { get; } = Parse("Panic(uint256)");

    public string Name { get; }

    public AbiType Inputs { get; }

    public string Signature => Name + Inputs.Name;

    public uint Selector { get; }

    public static AbiError Parse(string signature)
    {
        (string name, AbiType inputs) = AbiFunction.Split(signature);
        return new AbiError(name, inputs);
    }

    public byte[] Encode(AbiValue arguments) => [.. AbiFunction.SelectorBytes(Selector), .. AbiCodec.Encode(Inputs, arguments)];

    /// <exception cref="PhrDataException">The bytes are not this error.</exception>
    public AbiValue Decode(ReadOnlySpan<byte> data) => AbiCodec.Decode(Inputs, AbiFunction.AfterSelector(data, Selector, Signature));
}
