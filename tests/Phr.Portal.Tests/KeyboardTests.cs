using Microsoft.Playwright;

namespace Phr.Portal.Tests;

/// <summary>Without a mouse: the way from a request to the prescription by the keyboard alone, with a focus that is seen at every stop. And without a script, on a telephone: a walk through a room.</summary>
public sealed class KeyboardTests(DemoPortal portal, ChromiumBrowser browser)
{
    [Fact]
    public async Task AcceptOpenPrescribe_ByKeysAlone_IsDoneWithTheFocusSeen()
    {
        string name = $"keys-{Guid.NewGuid():n}.png"[..20] + ".png", reason = $"By keys {name}";
        using Visitor kiruthika = await portal.EnterAsync("Kiruthika");
        using Visitor nandhini = await portal.EnterAsync("Nandhini");
        using (HttpResponseMessage uploaded = await kiruthika.UploadAsync(ModuleWindows.Scan, name))
        {
            Assert.Equal("/patient", uploaded.Headers.Location?.OriginalString);
        }

        int appointment = await portal.AppointmentOfAsync(kiruthika, name);
        await using Person doctor = await OpenAsync("Nandhini");
        await DemoPortal.UntilAsync(() => DemoPortal.MayAskAsync(nandhini, appointment));
        await doctor.GoAsync($"/doctor/requests?appointment={appointment}");
        await doctor.TabToAsync("field", "Why you ask");
        await doctor.Page.Keyboard.TypeAsync(reason);
        await doctor.PressByKeyAsync("button", "Send Request");
        await doctor.SeesAsync("Your request is sent");
        await DemoPortal.RequestOfAsync(kiruthika, reason);

        await using Person patient = await OpenAsync("Kiruthika");
        await patient.GoAsync("/patient");
        await patient.PressByKeyAsync("button", "Accept", within: reason);
        await Assertions.Expect(patient.Page.Locator("section.card", new PageLocatorOptions { HasText = reason })).ToHaveCountAsync(0);

        await DemoPortal.UntilAsync(async () => (await nandhini.ReadAsync($"/doctor/appointments/{appointment}")).Contains("Give Prescription</h2>", StringComparison.Ordinal));
        await doctor.GoAsync("/doctor");
        await doctor.PressByKeyAsync("link", "Give Prescription", within: name);
        await doctor.SeesAsync(name);
        await doctor.PressByKeyAsync("link", "Look at it closely");
        await doctor.HasHeadingAsync(name);

        // The script does this one on the page.
        ILocator scan = doctor.Page.Locator("#scan");
        string whole = (await scan.GetAttributeAsync("viewBox"))!;
        await doctor.TabToAsync("link", "Closer");
        await doctor.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(scan).Not.ToHaveAttributeAsync("viewBox", whole);
        await doctor.PressByKeyAsync("link", "Back to the appointment");
        await doctor.TabToAsync("field", "Prescription");
        await doctor.Page.Keyboard.TypeAsync($"One tablet, {name}");
        await doctor.PressByKeyAsync("button", "Send Prescription");
        await doctor.SeesAsync("Your prescription is signed");
        await patient.GoAsync("/patient/prescriptions");
        await patient.SeesRowAsync($"One tablet, {name}");
        Assert.All((Person[])[doctor, patient], person => Assert.Empty(person.Window.Complaints));
    }

    [Fact]
    public async Task PatientsRoom_WithoutScriptOnATelephone_IsWalkedThrough()
    {
        await using var patient = new Person(await browser.OpenAsync(BrowserView.Telephone, context => context.JavaScriptEnabled = false), portal.Host.Address);
        await ModuleWindows.SignInAsync(patient, "Kiruthika");
        await LookAsync(patient);
        string name = $"{Guid.NewGuid():n}.png"[20..];
        await patient.FollowAsync("UPLOAD SCAN");
        await LookAsync(patient);
        await patient.AttachAsync("Upload", ModuleWindows.Scan, name);
        await patient.PressAsync("Upload");
        await patient.SeesAsync("Your scan is sealed and uploaded.");
        await LookAsync(patient);
        await patient.FollowAsync(name);
        await LookAsync(patient);
        Assert.True(await patient.Page.Locator("img.scan").First.EvaluateAsync<int>("image => image.naturalWidth") > 0);
        foreach (string link in (string[])["VIEW PRESCRIPTION", "VIEW INSURANCE", "HOME", "Your track record"])
        {
            await patient.FollowAsync(link);
            await LookAsync(patient);
        }

        await patient.FillAsync("Name contains", name);
        await patient.PressAsync("Show");
        await patient.SeesRowAsync("Upload", "Kiruthika", name);
        await LookAsync(patient);
        foreach (string path in (string[])["/patient/trustees", "/patient/emergencies", "/patient/prescriptions/1", "/account"])
        {
            await patient.GoAsync(path);
            await LookAsync(patient);
        }

        await patient.PressAsync("LOGOUT");
        await patient.GoAsync("/patient");
        await patient.HasHeadingAsync("Sign in");
        Assert.Empty(patient.Window.Complaints);
    }

    private static async Task LookAsync(Person person)
    {
        // Before its style sheet is there, a page is wider.
        await person.Page.WaitForLoadStateAsync();
        Assert.NotEmpty(await person.Page.Locator("h1").InnerTextAsync());
        await person.Window.RequireFitAsync();
        await person.Window.TakePictureAsync($"portal-no-script-{new Uri(person.Page.Url).AbsolutePath.Trim('/').Replace('/', '-')}");
    }

    private async Task<Person> OpenAsync(string who)
    {
        var person = new Person(await browser.OpenAsync(), portal.Host.Address);
        await ModuleWindows.SignInAsync(person, who);
        return person;
    }
}
