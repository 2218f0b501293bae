using Microsoft.Playwright;

namespace Phr.Portal.Tests;

/// <summary>The regulatory agency's module, point by point, in a browser.</summary>
public sealed class AgencyModuleTests(ModuleWindows windows) : IClassFixture<ModuleWindows>
{
    [Fact]
    public async Task R1_Login_OpensLicencesAndAdmissions()
    {
        await using Person person = await windows.NobodyAsync();
        await ModuleWindows.SignInAsync(person, "Health Authority");
        await person.HasHeadingAsync("Licences and admissions");
        await person.SeesRowAsync("Nandhini", "TN-2024-0117", "Cancer", "GH", "recorded");
    }

    [Fact]
    public async Task R2_InsuranceThatADoctorEndorsed_IsSeenAndApproved()
    {
        await EndorsedAsync("The point R2", "2802.00");
        Person person = await windows.OfAsync("Health Authority");
        await person.FollowAsync("CLAIMS");
        await person.SeesRowAsync("2802.00 INR", "waits for the agency");
        await person.OpenClaimAsync("2802.00");
        await person.SeesRowAsync("1", "Nandhini", "endorsed");
        await person.SeesRowAsync("2", "GH", "endorsed");
        await person.PressAsync("Approve");
        await person.SeesAsync("waits for the insurer");
    }

    [Fact]
    public async Task R3_PatientDetails_AreThoseThatTheClaimNeedsAndNoOther()
    {
        await EndorsedAsync("The point R3", "2803.00");
        Person person = await windows.OfAsync("Health Authority");
        await person.FollowAsync("CLAIMS");
        await person.OpenClaimAsync("2803.00");
        await person.HasHeadingAsync("Claim over 2803.00 INR");
        ILocator details = person.Page.Locator("dl");
        foreach (string text in (string[])["Kiruthika", "Type of Insurance", "GH", "Nandhini", "The point R3"])
        {
            await Assertions.Expect(details).ToContainTextAsync(text);
        }

        foreach (string text in (string[])["kiruthika@demo.example", "Chennai", "scan.jpg", "tablets"])
        {
            await Assertions.Expect(person.Page.Locator("main")).Not.ToContainTextAsync(text);
        }
    }

    [Fact]
    public Task R4_Logout_ClosesTheRoom() => windows.RequireLogoutAsync("Health Authority", "/agency");

    private async Task EndorsedAsync(string reason, string amount)
    {
        using Visitor patient = await windows.Portal.EnterAsync("Kiruthika");
        string page = await DemoClaim.FileAsync(patient, reason, amount);
        await DemoClaim.DecideAsync(windows.Portal, "Nandhini", page, "approve");
        await DemoClaim.DecideAsync(windows.Portal, "GH", page, "approve");
    }
}
