using Microsoft.Extensions.DependencyInjection;
using Phr.Consent;
using Phr.Crypto;

namespace Phr.Portal.Tests;

/// <summary>Claims whose time is over.</summary>
public sealed class ClaimTimeTests(LicencePortal portal) : IClassFixture<LicencePortal>
{
    [Fact]
    public async Task Claim_AfterItsTime_HasEndedAndAsksNobodyForAnything()
    {
        string waiting, appealed, rejected;
        using (Visitor patient = await portal.EnterAsync("Kiruthika"))
        {
            waiting = await DemoClaim.FileAsync(patient, "Nobody looked at it");
            appealed = await DemoClaim.FileAsync(patient, "Nobody decided the appeal");
            rejected = await DemoClaim.FileAsync(patient, "Nobody appealed");
            await DemoClaim.DecideAsync(portal, "Nandhini", waiting, "approve");
            await DemoClaim.DecideAsync(portal, "Nandhini", rejected, "reject", "I did not treat this.");
            foreach (string who in (string[])["Nandhini", "GH", "Health Authority"])
            {
                await DemoClaim.DecideAsync(portal, who, appealed, "approve");
            }

            await DemoClaim.DecideAsync(portal, "Asha Insurance", appealed, "approve", "Room charges are not covered.", "2000.00");
            Assert.Contains("\"appeal\"", await patient.ReadAsync(rejected), StringComparison.Ordinal);
            await LicencePortal.SendAsync(patient, appealed, "appeal", ("Paper", "They are, by clause 4."));
        }

        portal.Time.PutForward(TimeSpan.FromDays(91));
        using (Visitor hospital = await portal.EnterAsync("GH"))
        {
            string page = await hospital.ReadAsync(waiting);
            Assert.Contains("State expired", Visitor.TextOf(page), StringComparison.Ordinal);
            Assert.DoesNotContain("\"decide\"", page, StringComparison.Ordinal);
            Assert.DoesNotContain("waits for the hospital", await hospital.ReadAsync("/claims"), StringComparison.Ordinal);
        }

        using (Visitor agency = await portal.EnterAsync("Health Authority"))
        {
            Assert.DoesNotContain("\"decide\"", await agency.ReadAsync(appealed), StringComparison.Ordinal);
        }

        using Visitor again = await portal.EnterAsync("Kiruthika");
        foreach (string claim in (string[])[waiting, appealed, rejected])
        {
            string page = await again.ReadAsync(claim);
            Assert.DoesNotContain("\"appeal\"", page, StringComparison.Ordinal);
            Assert.DoesNotContain("\"withdraw\"", page, StringComparison.Ordinal);
        }

        Assert.Matches("State approved .*?Approved 2000.00 INR", Visitor.TextOf(await again.ReadAsync(appealed)));

        // Whoever of a claim's parties is there, the ledger is told.
        await portal.Host.Services.GetRequiredService<ClaimExpiry>().RunOnceAsync(TestContext.Current.CancellationToken);
        Assert.Equal((ClaimStatus.Expired, ClaimStatus.Approved, ClaimStatus.Rejected), (await StatusAsync(waiting), await StatusAsync(appealed), await StatusAsync(rejected)));
        Assert.Contains("nobody expired", Visitor.TextOf(await again.ReadAsync(waiting)), StringComparison.Ordinal);
        Assert.NotEmpty(await FhirDownloadTests.DownloadAsync(again, $"{waiting}/answers", "application/fhir+ndjson"));
    }

    private async Task<ClaimStatus> StatusAsync(string page) =>
        (await portal.Host.Services.GetRequiredService<PhrServices>().Services.Ledger.GetClaimAsync(Digest.Parse(page.Split('/')[^1]), TestContext.Current.CancellationToken))!.Status;
}
