using System.Text.RegularExpressions;
using Phr.Consent.Fields;
using Phr.TestSupport;

namespace Phr.Consent.Tests.Ledger;

/// <summary>What the contracts take as signed is what the commands sign: the same EIP-712 types, letter for letter.</summary>
public partial class ContractTypeTests
{
    [Fact]
    public void TypeStrings_InTheContracts_AreThoseOfTheCommands()
    {
        var expected = CommandKinds.Blanks.ToDictionary(
            blank => blank.Kind.ToString(),
            blank => new SignedCommand { Command = ((LedgerCommand)blank.Map(new SampleFiller(1))) with { Actor = SampleFiller.SampleActor(1) }, Nonce = 0, Signature = null! }.TypedDataType(),
            StringComparer.Ordinal);
        var found = new List<string>();
        foreach (string file in Directory.EnumerateFiles(RepositoryRoot.Combine("contracts", "src"), "*.sol", SearchOption.AllDirectories))
        {
            // A long string may stand in several literals, one after the other.
            string source = AdjoiningLiterals().Replace(File.ReadAllText(file), string.Empty);
            foreach (Match match in CommandType().Matches(source))
            {
                string name = match.Groups[1].Value;
                Assert.True(expected.TryGetValue(name, out string? type), $"{Path.GetFileName(file)}: there is no command {name}.");
                Assert.Equal(type, match.Groups[0].Value.Trim('"'));
                found.Add(name);
            }
        }

        Assert.Contains(nameof(FileClaim), found);
        Assert.Equal(found.Count, found.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void TypeString_OfAPossession_IsInTheContracts() =>
        Assert.Contains($"keccak256(\"{LedgerPossession.TypedDataType}\")", File.ReadAllText(RepositoryRoot.Combine("contracts", "src", "IdentityBase.sol")), StringComparison.Ordinal);

    [GeneratedRegex("\"([A-Z][A-Za-z]+)\\(address actor,uint64 nonce[^\"]*\"", RegexOptions.CultureInvariant)]
    private static partial Regex CommandType();

    [GeneratedRegex("\"\\s*\\n\\s*\"", RegexOptions.CultureInvariant)]
    private static partial Regex AdjoiningLiterals();
}
