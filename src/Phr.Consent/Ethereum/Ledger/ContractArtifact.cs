using System.Collections.Immutable;
using System.Text.Json;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>A compiled contract, as the repository has it and this library carries it.</summary>
internal sealed class ContractArtifact
{
    private ContractArtifact(string name, JsonElement json)
    {
        Name = name;
        Abi = json.GetProperty("abi").Clone();
        Bytecode = Bytes(json.GetProperty("bytecode"));
        DeployedBytecode = Bytes(json.GetProperty("deployedBytecode"));
        Immutables = [.. json.GetProperty("immutableRanges").EnumerateArray().Select(place => (place.GetProperty("start").GetInt32(), place.GetProperty("length").GetInt32()))];
    }

    public string Name { get; }

    public JsonElement Abi { get; }

    /// <summary>What deploys it, before the arguments of its constructor.</summary>
    public AbiBytes Bytecode { get; }

    /// <summary>What is on the chain afterwards, with zeros where immutables are.</summary>
    public AbiBytes DeployedBytecode { get; }

    /// <summary>Where immutables are in the deployed code.</summary>
    public ImmutableArray<(int Start, int Length)> Immutables { get; }

    /// <summary>The types of the constructor's arguments as a tuple.</summary>
    public ImmutableArray<AbiParameter> ConstructorInputs =>
        Abi.EnumerateArray().Where(item => item.GetProperty("type").GetString() == "constructor").Select(item => AbiParameter.ReadAll(item.GetProperty("inputs"))).FirstOrDefault([]);

    /// <summary>Whether this library carries an artifact of that name.</summary>
    public static bool Exists(string name) => typeof(ContractArtifact).Assembly.GetManifestResourceInfo($"Phr.Consent.Contracts.{name}.json") is not null;

    /// <summary>Reads one of the artifacts that this library carries.</summary>
    /// <exception cref="InvalidOperationException">There is none of that name.</exception>
    public static ContractArtifact Load(string name)
    {
        using Stream stream = typeof(ContractArtifact).Assembly.GetManifestResourceStream($"Phr.Consent.Contracts.{name}.json")
            ?? throw new InvalidOperationException($"This build carries no contract {name}.");
        using JsonDocument document = JsonDocument.Parse(stream);
        return new ContractArtifact(name, document.RootElement);
    }

    /// <summary>Whether code on a chain is this contract's, whatever its immutables are.</summary>
    public bool IsCode(ReadOnlySpan<byte> code)
    {
        if (code.Length != DeployedBytecode.Length)
        {
            return false;
        }

        byte[] masked = code.ToArray();
        byte[] expected = DeployedBytecode.ToArray();
        foreach ((int start, int length) in Immutables)
        {
            masked.AsSpan(start, length).Clear();
            expected.AsSpan(start, length).Clear();
        }

        return masked.AsSpan().SequenceEqual(expected);
    }

    private static AbiBytes Bytes(JsonElement element)
    {
        string text = element.GetString()!;
        return Hex.TryRead(text.StartsWith("0x", StringComparison.Ordinal) ? text : "0x" + text, out byte[]? bytes) ? new AbiBytes(bytes) : throw new PhrDataException("artifact", PhrDataReason.Malformed, "bytecode is not hexadecimal.");
    }
}
