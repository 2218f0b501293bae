using System.Net;

namespace Phr.Portal.Tests;

/// <summary>A claim from level to level, and who has no part in it.</summary>
public sealed class ClaimTests(DemoPortal portal)
{
    [Fact]
    public async Task Claim_ApprovedInPartAndAppealed_IsApprovedInWhole()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        string page = await DemoClaim.FileAsync(patient, "Chemotherapy, first course");
        await DecideAsync("Nandhini", page, "approve", "Treated as described.");
        await DecideAsync("GH", page, "approve");
        await DecideAsync("Health Authority", page, "approve");
        await DecideAsync("Asha Insurance", page, "approve", "Room charges are not covered.", "2000.00");
        string read = Visitor.TextOf(await patient.ReadAsync(page));
        Assert.Contains("Treated as described.", read, StringComparison.Ordinal);
        Assert.Contains("Room charges are not covered.", read, StringComparison.Ordinal);
        using (await patient.SubmitAsync(page, "appeal", new Dictionary<string, string> { ["Paper"] = "They are, by clause 4." }))
        {
        }

        await DecideAsync("Health Authority", page, "send back");
        await DecideAsync("Asha Insurance", page, "approve", null, "2500.00");
        Assert.Matches("Approved\\s+2500.00 INR", Visitor.TextOf(await patient.ReadAsync(page)));
        Assert.DoesNotContain("handler\" value=\"appeal\"", await patient.ReadAsync(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claim_RejectedByTheDoctor_NeedsAReasonAndGoesNoFurther()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        string page = await DemoClaim.FileAsync(patient, "Something that was not treated");
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        using (HttpResponseMessage without = await doctor.SubmitAsync(page, "decide", new Dictionary<string, string> { ["Decision"] = "reject" }))
        {
            Assert.Contains("Say why you reject it", await without.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await DecideAsync("Nandhini", page, "reject", "I did not treat this.");
        Assert.Contains("I did not treat this.", await patient.ReadAsync(page), StringComparison.Ordinal);
        using Visitor hospital = await portal.EnterAsync("GH");
        Assert.DoesNotContain("Your decision", await hospital.ReadAsync(page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Claim_ForStrangers_IsNotThere()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        string page = await DemoClaim.FileAsync(patient, "A private matter");
        foreach (string stranger in (string[])["Meena", "Cloud"])
        {
            using Visitor visitor = await portal.EnterAsync(stranger);
            using HttpResponseMessage response = await visitor.GetAsync(page);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }

        // Out of turn: the insurer sees it, and cannot decide yet.
        using Visitor insurer = await portal.EnterAsync("Asha Insurance");
        Assert.DoesNotContain("Your decision", await insurer.ReadAsync(page), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", "INR", "Reason")]
    [InlineData("-5", "INR", "Reason")]
    [InlineData("1.234", "INR", "Reason")]
    [InlineData("99999999999", "INR", "Reason")]
    [InlineData("ten", "INR", "Reason")]
    [InlineData("10", "inr", "Reason")]
    [InlineData("10", "XXQ", "Reason")]
    [InlineData("10.5", "JPY", "Reason")]
    [InlineData("10", "INR", " ")]
    public async Task File_ImpossibleClaim_SaysWhatIsWrong(string amount, string currency, string reason)
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using HttpResponseMessage response = await DemoClaim.SubmitAsync(patient, amount, currency, reason);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("class=\"fault\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private Task DecideAsync(string who, string page, string decision, string? paper = null, string? amount = null) => DemoClaim.DecideAsync(portal, who, page, decision, paper, amount);
}
