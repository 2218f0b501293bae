using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Phr.TestSupport;

namespace Phr.Ethereum.Tests.Contracts;

/// <summary>Which test shows what: the lists of <c>docs/correctness.md</c>, two of which <c>contracts/README.md</c> has too, are those of the tests that there are.</summary>
/// <remarks>With <c>PHR_UPDATE_DOCS=1</c> the tests write the lists anew.</remarks>
public sealed partial class CorrectnessPageTests
{
    private static readonly string _page = RepositoryRoot.Combine("docs", "correctness.md");
    private static readonly string _contracts = RepositoryRoot.Combine("contracts", "README.md");

    private static readonly string[] _faults =
    [
        "naming the first guardian overwrote the owner",
        "the second guardian could never be verified, so no threshold above one was reached",
        "the mean of a reputation wrapped in 16 bits",
        "the score wrapped: the lower reputation won",
        "latency did not matter within the hour",
        "a latency was cut to 16 bits: 18 hours late earned full marks",
        "anybody could rate, and issue tokens",
        "a doctor's rating was averaged with another's numbers",
        "an oracle could answer before consent",
        "a stranger who is no doctor could ask",
        "one authority could approve twice and reach the threshold alone",
        "any authority could lower any threshold",
        "closing took one call more than the last answer",
        "one oracle could answer several times",
        "a chosen oracle never had to deliver",
        "no revocation, no expiry, no rotation of keys, no removal",
        "events without arguments, the doctor's key nowhere",
        "a doctor's key was not checked against the doctor",
        "a block producer could nudge ratings",
        "a second registration of a bundle reset what was decided of it",
    ];

    private static readonly string[] _invariants =
    [
        "granted: the patient consented, or the policy is met by distinct, active trustees, before the end; an emergency that trustees grant waits for its review; a claim is approved by all of its levels",
        "an approval counts once, as does a part in a reshare or a recovery, a member's word on a team, a level of a claim",
        "what was revoked or is over is never granted, completed or paid",
        "a delivery needs a final grant, and each oracle of the committee has one",
        "what is right and in time never lowers a reputation, what is wrong never raises it, and it stays in its range",
        "the higher reputation never has the lower weight",
        "nobody changes another's roles, standing, key, trustees, bundle, team or claim",
        "rules, code and administrators stay as they are",
        "a signature serves once, for this chain and this ledger",
        "bonds, credits and what was burned are what the contract holds",
        "a new dealing ends what is undecided, and so does a team's new key",
        "the events tell the state, and every emergency is declared by one",
        "a bundle is registered once, and a claim filed once",
        "a valid proof takes a bond, nothing else does",
    ];

    [Fact]
    public void Defects_EachOfTheTwenty_HasATestOnBothLedgers()
    {
        string model = File.ReadAllText(RepositoryRoot.Combine("tests", "Phr.Consent.Tests", "Ledger", "DefectTests.cs"));
        var table = new StringBuilder("| | earlier contracts | model, `DefectTests` | contract |\n|---|---|---|---|\n");
        for (int number = 1; number <= _faults.Length; number++)
        {
            string[] ofModel = [.. Regex.Matches(model, string.Create(CultureInfo.InvariantCulture, $@"void (D{number}_\w+)\(")).Select(match => match.Groups[1].Value)];
            string[] ofContract = [.. Tests(string.Create(CultureInfo.InvariantCulture, $"D{number:00}"))];
            Assert.True(ofModel.Length > 0 && ofContract.Length > 0, $"D{number} has no test");
            table.Append(CultureInfo.InvariantCulture, $"| D{number} | {_faults[number - 1]} | {Codes(ofModel)} | {Codes(ofContract)} |\n");
        }

        GeneratedPage.Compare(_page, "defects", table.ToString());
        GeneratedPage.Compare(_contracts, "defects", table.ToString());
    }

    [Fact]
    public void Invariants_EachOfTheFourteen_IsFuzzed()
    {
        string fuzzed = File.ReadAllText(RepositoryRoot.Combine("contracts", "test", "Invariants.t.sol"));
        var table = new StringBuilder("| | holds whatever is done | checked after every call by `Invariants.t.sol` |\n|---|---|---|\n");
        for (int number = 1; number <= _invariants.Length; number++)
        {
            Match test = Regex.Match(fuzzed, string.Create(CultureInfo.InvariantCulture, $@"function (invariant_{number:00}_\w+)\("));
            Assert.True(test.Success, $"invariant {number} is not fuzzed");
            table.Append(CultureInfo.InvariantCulture, $"| {number} | {_invariants[number - 1]} | `{test.Groups[1].Value}` |\n");
        }

        GeneratedPage.Compare(_page, "invariants", table.ToString());
        GeneratedPage.Compare(_contracts, "invariants", table.ToString());
    }

    [Fact]
    public void Roles_EveryMatrix_IsListed()
    {
        var table = new StringBuilder("| test | commands that everybody tries |\n|---|---|\n");
        foreach (string file in Directory.EnumerateFiles(RepositoryRoot.Combine("contracts", "test"), "*Roles.t.sol").Order(StringComparer.Ordinal))
        {
            string[] commands = [.. OnlyBy().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)];
            table.Append(CultureInfo.InvariantCulture, $"| `{Path.GetFileName(file)}` | {string.Join(", ", commands)} |\n");
        }

        GeneratedPage.Compare(_page, "roles", table.ToString());
    }

    [GeneratedRegex("_onlyBy\\(\\s*\"(\\w+)\"")]
    private static partial Regex OnlyBy();

    /// <summary>The contract tests of a defect, in any file.</summary>
    private static IEnumerable<string> Tests(string defect) =>
        Directory.EnumerateFiles(RepositoryRoot.Combine("contracts", "test"), "*Defects.t.sol").Order(StringComparer.Ordinal)
            .SelectMany(file => Regex.Matches(File.ReadAllText(file), $@"function (test(?:Fuzz)?_{defect}_\w+)\(").Select(match => match.Groups[1].Value));

    private static string Codes(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"`{name}`"));
}
