using System.Text.Json.Nodes;
using Phr.TestSupport;

namespace Phr.Ethereum.Tests;

/// <summary>Contracts/Everything.sol as it was compiled.</summary>
internal static class TestContract
{
    public static byte[] Bytecode { get; } = Convert.FromHexString(
        ((string)JsonNode.Parse(File.ReadAllText(RepositoryRoot.Combine("tests", "Phr.Ethereum.Tests", "Contracts", "Everything.json")))!["bytecode"]!)[2..]);
}
