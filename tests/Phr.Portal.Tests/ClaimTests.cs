using System.Net;
using Phr.Consent;
using Phr.Crypto;

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
        using HttpResponseMessage further = await hospital.GetAsync(page);
        Assert.Equal(HttpStatusCode.NotFound, further.StatusCode);
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
    }

    [Fact]
    public async Task Claim_BeforeALevelHasCome_IsNotThereForItAndIsThereAfterwards()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        using Visitor hospital = await portal.EnterAsync("GH");
        using Visitor agency = await portal.EnterAsync("Health Authority");
        using Visitor insurer = await portal.EnterAsync("Asha Insurance");
        (Visitor Who, string Name, string List)[] levels = [(doctor, "Nandhini", "/doctor/insurance"), (hospital, "GH", "/claims"), (agency, "Health Authority", "/claims"), (insurer, "Asha Insurance", "/insurer")];
        string page = await DemoClaim.FileAsync(patient, "What nobody reads before it comes to them", "2517.31");
        foreach (int come in Enumerable.Range(0, levels.Length))
        {
            foreach ((int level, (Visitor who, string name, string list)) in levels.Index())
            {
                Assert.True((await who.ReadAsync(list)).Contains("2517.31", StringComparison.Ordinal) == level <= come, $"{list} of {name} when the claim has come to level {come + 1}");
                foreach (string address in (string[])[page, $"{page}/fhir", $"{page}/answers"])
                {
                    using HttpResponseMessage response = await who.GetAsync(address);
                    Assert.True(response.StatusCode == (level <= come ? HttpStatusCode.OK : HttpStatusCode.NotFound), $"{address} for {name} when the claim has come to level {come + 1}: {response.StatusCode}");
                }
            }

            // Whose turn it is not yet cannot press a button that another page has either.
            if (come + 1 < levels.Length)
            {
                var early = new Dictionary<string, string>(await levels[come].Who.HiddenAsync(page)) { ["_handler"] = "decide", ["Decision"] = "reject", ["Paper"] = "Too early" };
                early["__RequestVerificationToken"] = (await levels[come + 1].Who.HiddenAsync("/account"))["__RequestVerificationToken"];
                using HttpResponseMessage refused = await levels[come + 1].Who.PostAsync(page, early);
                Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
                await DemoClaim.PressAsync(levels[come].Who, page, "approve");
            }
        }

        await DemoClaim.PressAsync(insurer, page, "approve", null, "2517.31");
        foreach ((Visitor who, _, _) in levels)
        {
            Assert.Matches("Approved\\s+2517.31 INR", Visitor.TextOf(await who.ReadAsync(page)));
        }
    }

    [Fact]
    public void Sees_EveryStateWithAndWithoutTheAgencysReview_IsWhatHasComeToALevel()
    {
        ActorId patient = Actor(1), insurer = Actor(2), doctor = Actor(3), hospital = Actor(4), agency = Actor(5);
        foreach ((bool reviews, string steps, string sees) in (IEnumerable<(bool, string, string)>)
        [
            (true, "", "pd"), (true, "1", "pdh"), (true, "12", "pdha"), (true, "123", "pdhai"), (false, "12", "pdhi"), (false, "1", "pdh"),
            (true, "r", "pd"), (true, "rA", "pda"), (true, "rAS", "pdai"), (true, "rAU", "pda"), (true, "1r", "pdh"), (true, "1rA", "pdha"), (true, "12r", "pdha"), (true, "12rAS", "pdhai"),
            (true, "123r", "pdhai"), (false, "12r", "pdhi"), (false, "12rA", "pdhai"), (true, "W", "pd"), (true, "12W", "pdha"),
        ])
        {
            ClaimRecord claim = SmallClaimTests.Claim(1, 100) with
            {
                AgencyReviews = reviews,
                IsAppealed = steps.Contains('A', StringComparison.Ordinal),
                Steps = [.. steps.Select(kind => new ClaimStep
                {
                    Kind = kind switch { 'r' => ClaimStepKind.Rejected, 'A' => ClaimStepKind.Appealed, 'S' => ClaimStepKind.SentBack, 'U' => ClaimStepKind.Upheld, 'W' => ClaimStepKind.Withdrawn, _ => ClaimStepKind.Endorsed },
                    Actor = doctor,
                    Level = char.IsAsciiDigit(kind) ? kind - '0' : 0,
                    Time = default,
                })],
            };
            (char Sign, PortalRole Role, ActorId Actor)[] people =
            [
                ('p', PortalRole.Patient, patient), ('d', PortalRole.Doctor, doctor), ('h', PortalRole.Hospital, hospital), ('a', PortalRole.RegulatoryAgency, agency), ('i', PortalRole.Insurer, insurer), ('x', PortalRole.Insurer, Actor(9)), ('x', PortalRole.Hospital, Actor(9)),
            ];
            string seen = string.Concat(people.Where(one => ClaimSight.Sees(claim, new Party(1, one.Role, one.Actor, null))).Select(one => one.Sign));
            Assert.True(seen == sees, $"review {reviews}, steps {steps}: {seen}, not {sees}");
        }

        static ActorId Actor(int number) => SmallClaimTests.Actor(number);
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
