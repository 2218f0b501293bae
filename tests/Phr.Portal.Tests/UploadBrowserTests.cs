using Microsoft.Playwright;

namespace Phr.Portal.Tests;

/// <summary>The upload page's script: progress, a broken line, a closed tab, cancel, and files that are not taken.</summary>
public sealed class UploadBrowserTests(DemoPortal portal, ChromiumBrowser browser)
{
    private const string PartRequests = "**/upload-parts/**";

    [Fact]
    public async Task Upload_LineBreaks_GoesOnByItselfWhenItIsBack()
    {
        await using Person patient = await OpenAsync(BrowserView.DarkTelephone);
        byte[] file = PartUpload.MakePicture(PartUpload.PartLength * 4, "line");
        await BreakAsync(patient, after: 2);
        await patient.GoAsync("/patient/upload");
        await patient.AttachAsync("Upload", file, "line-b1.png");
        await patient.PressAsync("Upload");
        await patient.SeesAsync("The line is broken, or the portal is not there. The upload goes on by itself as soon as it is back.");
        ILocator bar = patient.Page.GetByRole(AriaRole.Progressbar, new PageGetByRoleOptions { Name = "line-b1.png" });
        Assert.Equal("50", await bar.GetAttributeAsync("value"));
        await patient.SeesAsync("50 %");
        await patient.Window.RequireAccessibleAsync();
        await patient.Window.RequireFitAsync();
        await patient.Window.TakePictureAsync("portal-upload-broken");
        await patient.Page.UnrouteAsync(PartRequests);
        await patient.SeesAsync("Your scan is sealed and uploaded.");
        await patient.SeesAsync("line-b1.png");
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        Assert.Equal(file, await PartUpload.OpenDocumentAsync(visitor, "line-b1.png"));
    }

    [Fact]
    public async Task Upload_TabClosed_GoesOnWithTheSameFileAndNoOther()
    {
        await using Person patient = await OpenAsync();
        byte[] file = PartUpload.MakePicture((PartUpload.PartLength * 3) + 10, "closed");
        await BreakAsync(patient, after: 1);
        await patient.GoAsync("/patient/upload");
        await patient.AttachAsync("Upload", file, "closed-b2.png");
        await patient.PressAsync("Upload");
        await patient.SeesAsync("The line is broken");
        await patient.Page.UnrouteAsync(PartRequests);
        await patient.GoAsync("/about");
        await patient.GoAsync("/patient");
        await patient.SeesAsync("Unfinished uploads");
        await patient.SeesAsync("closed-b2.png");
        await patient.Window.RequireAccessibleAsync();
        await patient.Window.TakePictureAsync("portal-upload-unfinished");
        await patient.PressInRowAsync("closed-b2.png", AriaRole.Link, "Go on");
        await patient.SeesAsync("Of closed-b2.png, with 192.0 KiB, 25 % came in.");
        byte[] another = [.. file];
        another[^1] ^= 1;
        await patient.AttachAsync("Upload", another, "closed-b2.png");
        await patient.PressAsync("Go on");
        await patient.SeesAsync("This is another file than the one that was begun: that was closed-b2.png");
        await patient.AttachAsync("Upload", file[..^1], "closed-b2.png");
        await patient.PressAsync("Go on");
        await patient.SeesAsync("it has another length");
        await patient.Window.RequireAccessibleAsync();
        await patient.Window.TakePictureAsync("portal-upload-another-file");
        await patient.AttachAsync("Upload", file, "closed-b2.png");
        await patient.PressAsync("Go on");
        await patient.SeesAsync("Your scan is sealed and uploaded.");
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        Assert.Equal(file, await PartUpload.OpenDocumentAsync(visitor, "closed-b2.png"));
    }

    [Fact]
    public async Task Upload_CancelledOrWrong_KeepsNothingAndSaysSo()
    {
        await using Person patient = await OpenAsync();
        await BreakAsync(patient, after: 1);
        await patient.GoAsync("/patient/upload");
        await patient.AttachAsync("Upload", PartUpload.MakePicture(PartUpload.PartLength * 3, "cancel"), "cancel-b3.png");
        await patient.PressAsync("Upload");
        await patient.SeesAsync("The line is broken");
        await patient.Page.UnrouteAsync(PartRequests);
        await patient.PressAsync("Cancel the upload");
        await patient.SeesAsync("The upload is cancelled, and nothing of it is kept.");
        await patient.AttachAsync("Upload", [.. "MZ a program"u8], "program-b3.png");
        await patient.PressAsync("Upload");
        await patient.SeesAsync("This kind of file is not taken");
        await patient.AttachAsync("Upload", [], "empty-b3.png");
        await patient.PressAsync("Upload");
        await patient.SeesAsync("what was chosen is empty");
        await patient.GoAsync("/patient");
        string page = await patient.Page.Locator("main").InnerTextAsync();
        Assert.DoesNotContain("-b3.png", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upload_KeysLockedMeanwhile_GoesOnAfterUnlockingElsewhere()
    {
        await using Person patient = await OpenAsync();
        byte[] file = PartUpload.MakePicture(PartUpload.PartLength * 3, "locked");
        await BreakAsync(patient, after: 1);
        await patient.GoAsync("/patient/upload");
        await patient.AttachAsync("Upload", file, "locked-b4.png");
        await patient.PressAsync("Upload");
        await patient.SeesAsync("The line is broken");

        // Another window of the same person: it locks the keys, and unlocks them.
        IPage other = await patient.Page.Context.NewPageAsync();
        await other.GotoAsync(new Uri(portal.Host.Address, "/patient").ToString());
        await other.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Lock my keys" }).ClickAsync();
        await patient.Page.UnrouteAsync(PartRequests);
        await patient.SeesAsync("Your keys are locked. What has come in is kept. Unlock them, then go on.");
        IPage unlocking = await patient.Page.Context.RunAndWaitForPageAsync(() => patient.FollowAsync("Unlock my keys in another window"));
        await unlocking.GetByLabel("Passphrase", new PageGetByLabelOptions { Exact = true }).FillAsync("kiruthika opens the sealed box");
        await unlocking.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Unlock", Exact = true }).ClickAsync();
        await Assertions.Expect(unlocking.Locator("h1")).ToHaveTextAsync("Your records");
        await patient.PressAsync("Go on");
        await patient.SeesAsync("Your scan is sealed and uploaded.");
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        Assert.Equal(file, await PartUpload.OpenDocumentAsync(visitor, "locked-b4.png"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Upload_SeveralFiles_AreOneUploadOfWhichASingleDocumentIsGranted(bool hasScript)
    {
        string mark = hasScript ? "b5" : "b6";
        await using Person patient = await OpenAsync(change: options => options.JavaScriptEnabled = hasScript);
        await patient.FollowAsync("UPLOAD SCAN");
        await patient.Page.GetByLabel("Upload", new PageGetByLabelOptions { Exact = true }).SetInputFilesAsync(
            ((string[])[$"kept-{mark}.png", $"shown-{mark}.png"]).Select(name => new FilePayload { Name = name, MimeType = "image/png", Buffer = ModuleWindows.Scan }));
        await patient.PressAsync("Upload");
        await patient.SeesAsync("Your 2 files are sealed and uploaded.");
        await patient.SeesRowAsync($"kept-{mark}.png, shown-{mark}.png");

        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        int appointment = await portal.AppointmentOfAsync(visitor, $"kept-{mark}.png");
        string reason = $"One of the two, {mark}";
        await DemoPortal.AskAsync(doctor, visitor, appointment, reason);
        await patient.Page.ReloadAsync();
        ILocator card = patient.Page.Locator("section.card", new PageLocatorOptions { HasText = reason });
        await card.GetByLabel($"kept-{mark}.png").UncheckAsync();
        await card.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Accept", Exact = true }).ClickAsync();
        string page = string.Empty;
        await DemoPortal.UntilAsync(async () => (page = await doctor.ReadAsync($"/doctor/appointments/{appointment}")).Contains($"shown-{mark}.png", StringComparison.Ordinal));
        Assert.DoesNotContain($"kept-{mark}.png", page, StringComparison.Ordinal);
        Assert.True(patient.Window.Complaints.Count == 0, string.Join('\n', patient.Window.Complaints));
    }

    [Fact]
    public async Task Trustees_AfterADrill_ShowHealthAccessibly()
    {
        await using Person patient = await OpenAsync();
        await patient.GoAsync("/patient/trustees");
        await patient.PressAsync("Ask them all now");
        await patient.WaitToSeeAsync("answered: every share can be used");
        await patient.Window.RequireAccessibleAsync();
        await patient.Window.TakePictureAsync("portal-share-health");
        await using var guardian = new Person(await browser.OpenAsync(BrowserView.Telephone), portal.Host.Address);
        (string name, string password, string? passphrase) = DemoPortal.CredentialsOf("Meena");
        await guardian.SignInAsync(name, password, passphrase);
        await guardian.SeesAsync("Your shares' health");
        await guardian.Window.RequireAccessibleAsync();
        await guardian.Window.RequireFitAsync();
        await guardian.Window.TakePictureAsync("portal-own-share-health");
    }

    // After so many parts the line is gone.
    private static async Task BreakAsync(Person person, int after)
    {
        int parts = 0;
        await person.Page.RouteAsync(PartRequests, route => ++parts <= after ? route.ContinueAsync() : route.AbortAsync());
    }

    private async Task<Person> OpenAsync(BrowserView? view = null, Action<BrowserNewContextOptions>? change = null)
    {
        var person = new Person(await browser.OpenAsync(view, change), portal.Host.Address);
        (string name, string password, string? passphrase) = DemoPortal.CredentialsOf("Kiruthika");
        await person.SignInAsync(name, password, passphrase);
        await person.SeesAsync("Your records");
        return person;
    }
}
