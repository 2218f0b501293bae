using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Phr.Consent;
using Phr.Crypto;

namespace Phr.Portal.Tests;

/// <summary>What can be decided at each level of a claim, and what each of its people reads of it then.</summary>
public sealed class ClaimLevelTests(DemoPortal portal, ClaimPeople people) : IClassFixture<ClaimPeople>
{
    private static readonly string[] _turns = ["waits for the doctor", "waits for the hospital", "waits for the agency", "waits for the insurer"];

    public static TheoryData<int, string> Cases()
    {
        var cases = new TheoryData<int, string>();
        foreach (string what in (string[])["reject", "reject without a reason", "uphold", "send back", "withdraw"])
        {
            for (int level = 1; level <= 4; level++)
            {
                cases.Add(level, what);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Claim_AtEachLevel_IsDecidedInWordsThatItsPeopleRead(int level, string what)
    {
        (string why, string grounds, string finding) = ($"Rejected at level {level}", $"Appealed from level {level}", $"Found about level {level}");
        string amount = string.Create(CultureInfo.InvariantCulture, $"{2600 + level}.{10 + what.Length}");
        Visitor decider = people.Deciders[level - 1].Who;
        string page = await DemoClaim.FileAsync(people.Patient, $"To be decided at level {level}", amount);
        for (int passed = 1; passed < level; passed++)
        {
            await DemoClaim.PressAsync(people.Deciders[passed - 1].Who, page, "approve", $"Passed level {passed}");
        }

        // Who has been asked for a decision, by level; the agency also when it is appealed to, and the insurer when it is sent back to them.
        HashSet<int> seen = [.. Enumerable.Range(1, level)];
        if (what == "withdraw")
        {
            await LicencePortal.SendAsync(people.Patient, page, "withdraw");
            await RequireAsync(page, amount, seen, "withdrawn", []);
            Assert.DoesNotContain("\"decide\"", await decider.ReadAsync(page), StringComparison.Ordinal);
            Assert.DoesNotContain("\"withdraw\"", await people.Patient.ReadAsync(page), StringComparison.Ordinal);
            return;
        }

        using (HttpResponseMessage without = await DemoClaim.TryAsync(decider, page, "reject", " "))
        {
            Assert.Contains("Say why you reject it: the patient reads it.", await without.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        if (what == "reject without a reason")
        {
            await RequireAsync(page, amount, seen, _turns[level - 1], []);
            Assert.Contains("Your decision", await decider.ReadAsync(page), StringComparison.Ordinal);
            return;
        }

        await DemoClaim.PressAsync(decider, page, "reject", why);
        await RequireAsync(page, amount, seen, "rejected", [why]);
        Assert.DoesNotContain("\"decide\"", await decider.ReadAsync(page), StringComparison.Ordinal);
        if (what == "reject")
        {
            return;
        }

        // The appeal, from one of two windows: there is one.
        PageForm other = await people.Patient.OpenFormAsync(page, "appeal");
        await LicencePortal.SendAsync(people.Patient, page, "appeal", ("Paper", grounds));
        seen.Add(3);
        await RequireAsync(page, amount, seen, "appealed; waits for the agency", [why, grounds]);
        using (HttpResponseMessage second = await people.Patient.PostAsync(page, other.Filled(control => control.Name == "Paper" ? "Once more" : null)))
        {
            Assert.NotEqual(HttpStatusCode.InternalServerError, second.StatusCode);
        }

        await DemoClaim.PressAsync(people.Agency, page, what, finding);
        if (what == "send back")
        {
            seen.Add(4);
            await RequireAsync(page, amount, seen, _turns[3], [why, grounds, finding]);
            await DemoClaim.PressAsync(people.Insurer, page, "approve", "In part", "1.00");
        }

        await RequireAsync(page, amount, seen, what == "send back" ? "approved" : "rejected", [why, grounds, finding]);
        Assert.DoesNotContain("\"appeal\"", await people.Patient.ReadAsync(page), StringComparison.Ordinal);
        ClaimRecord claim = (await portal.Host.Services.GetRequiredService<PhrServices>().Services.Ledger.GetClaimAsync(Digest.Parse(page.Split('/')[^1]), TestContext.Current.CancellationToken))!;
        Assert.Single(claim.Steps, step => step.Kind == ClaimStepKind.Appealed);
    }

    // The patient reads everything; whoever it has come to reads it, too, and has it in their list; the others have nothing.
    private async Task RequireAsync(string page, string amount, HashSet<int> seen, string state, IReadOnlyList<string> words)
    {
        await RequireReadsAsync(people.Patient, "the patient", page, "/patient/insurance", amount, state, words);
        for (int level = 1; level <= 4; level++)
        {
            (Visitor who, string list) = people.Deciders[level - 1];
            if (seen.Contains(level))
            {
                await RequireReadsAsync(who, $"level {level}", page, list, amount, state, words);
                continue;
            }

            using HttpResponseMessage nothing = await who.GetAsync(page);
            Assert.True(nothing.StatusCode == HttpStatusCode.NotFound, $"level {level} when it {state}: {nothing.StatusCode}");
            Assert.DoesNotContain(page, await who.ReadAsync(list), StringComparison.Ordinal);
        }
    }

    private static async Task RequireReadsAsync(Visitor who, string name, string page, string list, string amount, string state, IReadOnlyList<string> words)
    {
        string text = Visitor.TextOf(await who.ReadAsync(page));
        Assert.True(text.Contains($"State {state}", StringComparison.Ordinal), $"{name}, {state}: {text}");
        Assert.All(words, word => Assert.True(text.Contains(word, StringComparison.Ordinal), $"{name} does not read “{word}”: {text}"));
        string row = Regex.Match(await who.ReadAsync(list), $"<tr>(?:(?!</tr>).)*{Regex.Escape(page)}.*?</tr>", RegexOptions.Singleline).Value;
        Assert.Contains(state, Visitor.TextOf(row), StringComparison.Ordinal);
        Assert.Contains(amount, row, StringComparison.Ordinal);
    }
}
