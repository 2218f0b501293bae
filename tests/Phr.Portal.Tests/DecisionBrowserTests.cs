using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Phr.Portal.Tests;

/// <summary>Appeals and licences in a browser, as the people do it.</summary>
public sealed class DecisionBrowserTests(ModuleWindows windows) : IClassFixture<ModuleWindows>
{
    [Fact]
    public async Task Appeal_AgainstTheInsurersRejection_IsSentBackAndApproved()
    {
        using (Visitor patient = await windows.Portal.EnterAsync("Kiruthika"))
        {
            string page = await DemoClaim.FileAsync(patient, "To be appealed in a browser", "2807.00");
            foreach (string who in (string[])["Nandhini", "GH", "Health Authority"])
            {
                await DemoClaim.DecideAsync(windows.Portal, who, page, "approve");
            }

            await DemoClaim.DecideAsync(windows.Portal, "Asha Insurance", page, "reject", "Room charges are not covered.");
        }

        Person claimant = await windows.OfAsync("Kiruthika");
        await claimant.FollowAsync("VIEW INSURANCE");
        await claimant.SeesRowAsync("2807.00 INR", "rejected");
        await claimant.OpenClaimAsync("2807.00");
        await claimant.SeesRowAsync("4", "Asha Insurance", "rejected", "Room charges are not covered.");
        await claimant.FillAsync("Why", "They are, by clause 4.");
        await claimant.PressAsync("Appeal");
        await claimant.SeesAsync("appealed; waits for the agency");

        Person agency = await windows.OfAsync("Health Authority");
        await agency.FollowAsync("CLAIMS");
        await agency.SeesRowAsync("2807.00 INR", "appealed; waits for the agency");
        await agency.OpenClaimAsync("2807.00");
        await agency.SeesRowAsync("Kiruthika", "appealed", "They are, by clause 4.");
        await agency.FillAsync("What the others should read", "Clause 4 covers them.");
        await agency.PressAsync("Send it back to the insurer");
        await agency.SeesAsync("waits for the insurer");

        Person insurer = await windows.OfAsync("Asha Insurance");
        await insurer.SeesRowAsync("2807.00 INR", "waits for the insurer");
        await insurer.OpenClaimAsync("2807.00");
        await insurer.SeesRowAsync("Health Authority", "sent back to the insurer", "Clause 4 covers them.");
        await insurer.PressAsync("Approve");
        await insurer.SeesAsync("approved");

        await claimant.Page.ReloadAsync();
        await claimant.SeesRowAsync("4", "Asha Insurance", "approved 2807.00 INR");
        await Assertions.Expect(claimant.Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Appeal" })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Licence_RefusedRecordedSuspendedAndReinstated_IsReadByTheDoctor()
    {
        using var visitor = new Visitor(windows.Portal.Host);
        string mail = $"{Guid.NewGuid():n}@demo.example";
        using (await HostilePortal.RegisterAsync(visitor, "doctor", "Lakshmi", mail))
        {
        }

        using (Visitor cloud = await windows.Portal.EnterAsync("Cloud"))
        {
            await cloud.AdmitAsync(mail);
        }

        await visitor.SignInAsync(mail, HostilePortal.Password);
        await LicencePortal.SendAsync(visitor, "/enrol", "enrol", ("Passphrase", HostilePortal.Passphrase), ("Again", HostilePortal.Passphrase));

        Person agency = await windows.OfAsync("Health Authority");
        await agency.PressInRowAsync("Lakshmi", AriaRole.Link, "See or refuse");
        await agency.HasHeadingAsync("Lakshmi");
        string address = new Uri(agency.Page.Url).AbsolutePath;
        Assert.Matches(new Regex("^/agency/doctors/[0-9]+$"), address);
        await agency.FillAsync("Why", "The register has no TN-2026-0001.");
        await agency.PressAsync("Refuse");
        await agency.SeesAsync("It is refused, and the doctor is told why.");

        await using Person doctor = await windows.NobodyAsync();
        await doctor.SignInAsync(mail, HostilePortal.Password, HostilePortal.Passphrase);
        await doctor.SeesAsync("The regulatory agency refused your licence: The register has no TN-2026-0001.");
        await doctor.FollowAsync("Your licence");
        await doctor.FillAsync("Licence number", "TN-2026-0012");
        await doctor.PressAsync("Ask the agency");
        await doctor.SeesAsync("The agency is asked.");

        await agency.GoAsync("/agency");
        await agency.SeesRowAsync("Lakshmi", "TN-2026-0012", "waits for you");
        await agency.PressInRowAsync("Lakshmi", AriaRole.Button, "Record the licence");
        await agency.SeesRowAsync("Lakshmi", "recorded");
        await doctor.GoAsync("/doctor/licence");
        await doctor.SeesAsync("Your licence is valid until");

        await agency.PressInRowAsync("Lakshmi", AriaRole.Link, "See or suspend");
        await agency.FillAsync("Why you suspend them", "Complaint 8");
        await agency.Page.GetByLabel("I know that patients who need this doctor wait meanwhile").CheckAsync();
        await agency.PressAsync("Suspend");
        await agency.SeesAsync("The doctor is suspended, and told why.");
        await doctor.FollowAsync("REQUEST SEND");
        await doctor.SeesAsync("The regulatory agency has suspended you: Complaint 8.");
        await agency.PressAsync("Reinstate");
        await agency.SeesAsync("The doctor is reinstated, and told.");
        await doctor.GoAsync("/doctor/requests");
        await Assertions.Expect(doctor.Page.Locator("main")).Not.ToContainTextAsync("suspended");
        foreach (Person person in (Person[])[agency, doctor])
        {
            Assert.True(person.Window.Complaints.Count == 0, string.Join('\n', person.Window.Complaints));
        }
    }
}
