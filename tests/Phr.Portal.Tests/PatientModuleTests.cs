using Microsoft.Playwright;

namespace Phr.Portal.Tests;

/// <summary>The patient's module, point by point, in a browser.</summary>
public sealed class PatientModuleTests(ModuleWindows windows) : IClassFixture<ModuleWindows>
{
    [Fact]
    public async Task P1_RegisterWithEveryDetail_WaitsForTheCloudServer()
    {
        await using Person person = await windows.NobodyAsync();
        await person.GoAsync("/register/patient");
        string mail = $"{Guid.NewGuid():n}@demo.example";
        await person.FillAsync("Name", "Revathi");
        await person.FillAsync("E-mail", mail);
        await person.FillAsync("Password", "revathi-password");
        await person.FillAsync("Password again", "revathi-password");
        await person.FillAsync("Guardians", "meena@demo.example");
        await person.ChooseAsync("Hospital", "GH");
        await person.ChooseAsync("Personal doctor", "Nandhini (Cancer)");
        await person.FillAsync("Location", "Madurai");
        await person.FillAsync("Speciality", "Cancer");
        await person.FillAsync("Type of insurance", "Individual health");
        await person.ChooseAsync("Time zone", "Asia/Kolkata");
        await person.PressAsync("Register");
        await person.SeesAsync($"You get a mail at {mail}");

        using (Visitor cloud = await windows.Portal.EnterAsync("Cloud"))
        {
            string people = Visitor.TextOf(await cloud.ReadAsync("/cloud"));
            Assert.Contains($"Revathi {mail} GH Nandhini Madurai Individual health pending", people, StringComparison.Ordinal);
            await cloud.AdmitAsync(mail);
        }

        // What nobody else has to see is with the account, and the guardian among the trustees.
        await person.SignInAsync(mail, "revathi-password", null);
        await person.FillAsync("Passphrase", "revathi opens the sealed box");
        await person.FillAsync("Passphrase again", "revathi opens the sealed box");
        await person.PressAsync("Make my keys");
        await person.FollowAsync("I have written them down");
        await person.GoAsync("/patient/trustees");
        await person.SeesRowAsync("Meena", "guardian");
        await person.SeesRowAsync("GH", "hospital");
        await person.FollowAsync("Account");
        foreach ((string what, string value) in ((string, string)[])[("Hospital", "GH"), ("Personal doctor", "Nandhini"), ("Location", "Madurai"), ("Speciality", "Cancer"), ("Type of insurance", "Individual health"), ("Guardians", "meena@demo.example")])
        {
            await Assertions.Expect(person.Page.Locator($"dt:text-is(\"{what}\") + dd")).ToHaveTextAsync(value);
        }

        Assert.Equal("Asia/Kolkata", await person.Page.GetByLabel("Time zone").InputValueAsync());
    }

    [Fact]
    public async Task P2_Login_OpensOnlyWhenTheCloudServerHasAuthorizedIt()
    {
        (Visitor visitor, string mail) = await windows.RegisterPatientAsync("Sudha");
        using (visitor)
        {
            await using Person person = await windows.NobodyAsync();
            await person.SignInAsync(mail, "a password of a test", null);
            await person.SeesAsync("Your account waits to be admitted by the cloud server.");
            using (Visitor cloud = await windows.Portal.EnterAsync("Cloud"))
            {
                await cloud.AdmitAsync(mail);
            }

            await person.SignInAsync(mail, "a password of a test", null);
            await person.HasHeadingAsync("Make your keys");
        }
    }

    [Fact]
    public async Task P3_UploadScan_IsSealedAndStandsInTheList()
    {
        Person person = await windows.OfAsync("Kiruthika");
        string name = $"p3-{Guid.NewGuid():n}.png";
        await person.FollowAsync("UPLOAD SCAN");
        Assert.Equal("3", await person.Page.GetByLabel("U-ID").InputValueAsync());
        Assert.Equal("Kiruthika", await person.Page.GetByLabel("U-Name").InputValueAsync());
        await person.ChooseAsync("Insurance Claim", "Yes");
        await person.AttachAsync("Upload", ModuleWindows.Scan, name);
        await person.PressAsync("Upload");
        await person.SeesAsync("Your scan is sealed and uploaded.");

        // It is for a claim: the claim's form comes next, about this upload.
        await person.HasHeadingAsync("Your insurance");
        await person.SeesAsync("Now the claim: choose the insurer, write the amount and what it is for, and file it.");
        Assert.Contains(name, await person.Page.GetByLabel("Treatment").EvaluateAsync<string>("list => list.selectedOptions[0].textContent"), StringComparison.Ordinal);
        await person.FillAsync("Amount", "2331.00");
        await person.FillAsync("What for", "The point P3");
        await person.PressAsync("File the claim");
        await person.SeesAsync("2331.00 INR");
        await person.FollowAsync("HOME");
        await person.FollowAsync(name);
        Assert.True(await person.Page.Locator("img.scan").First.EvaluateAsync<bool>("async image => { await image.decode(); return image.naturalWidth > 0; }"));
    }

    [Fact]
    public async Task P4_ViewPrescription_ShowsEachThatADoctorSentWithItsState()
    {
        const string text = "The point P4: two tablets before the night";
        using GrantedUpload granted = await GrantedUpload.MakeAsync(windows.Portal, ModuleWindows.Scan, $"p4-{Guid.NewGuid():n}.png");
        using (HttpResponseMessage sent = await granted.Doctor.SubmitAsync(granted.Page, "prescribe", new Dictionary<string, string> { ["Text"] = text }))
        {
            Assert.Equal(System.Net.HttpStatusCode.Found, sent.StatusCode);
        }

        Person person = await windows.OfAsync("Kiruthika");
        await person.FollowAsync("VIEW PRESCRIPTION");
        await person.HasHeadingAsync("Your prescriptions");
        await person.SeesRowAsync("3", "Kiruthika", "No", "GH", "Cancer", "Nandhini", "Take the tablets regularly", "Sent Prescription");
        await person.PressInRowAsync(text, AriaRole.Link, "Sent Prescription");
        await person.HasHeadingAsync("Your prescription");
        ILocator levels = person.Page.Locator("ol.levels li");
        await Assertions.Expect(levels.Nth(0)).ToContainTextAsync("Issued");
        await Assertions.Expect(levels.Nth(0)).ToContainTextAsync("by Nandhini");
        await Assertions.Expect(levels.Nth(1)).ToContainTextAsync("Sent");
        await Assertions.Expect(levels.Nth(1)).ToContainTextAsync("by Nandhini");
        await person.SeesAsync("Now: sent");
        await person.SeesAsync("Read: not yet");
        await person.SeesAsync("Dispensed: 0 of 1");
        await person.PressAsync("I have read it");
        await person.SeesAsync("It is signed, and your doctor sees it.");
        await Assertions.Expect(levels.Nth(2)).ToContainTextAsync("Read");
        await Assertions.Expect(levels.Nth(2)).ToContainTextAsync("by Kiruthika");
        await person.SeesAsync("Now: read");
        await Assertions.Expect(person.Page.Locator("main")).Not.ToContainTextAsync("Read: not yet");
    }

    [Fact]
    public async Task P5_ViewInsurance_ShowsTypeClaimsAndTheirLevels()
    {
        using (Visitor kiruthika = await windows.Portal.EnterAsync("Kiruthika"))
        {
            string page = await DemoClaim.FileAsync(kiruthika, "The point P5", "2605.00");
            await DemoClaim.DecideAsync(windows.Portal, "Nandhini", page, "approve", "Treated as described.");
        }

        Person person = await windows.OfAsync("Kiruthika");
        await person.FollowAsync("VIEW INSURANCE");
        await Assertions.Expect(person.Page.Locator("dl").First).ToContainTextAsync("Type of Insurance");
        await person.SeesRowAsync("2605.00 INR", "2", "waits for the hospital");
        await person.OpenClaimAsync("2605.00");
        await person.SeesRowAsync("1", "Nandhini", "endorsed", "Treated as described.");
    }

    [Fact]
    public Task P6_Logout_ClosesTheRoom() => windows.RequireLogoutAsync("Kiruthika", "/patient");
}
