using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace Phr.Portal.Tests;

/// <summary>The cloud server's module, point by point, in a browser.</summary>
public sealed class CloudServerModuleTests(ModuleWindows windows) : IClassFixture<ModuleWindows>
{
    [Fact]
    public async Task C1_LoginWithTheCloudUserName_OpensThePeople()
    {
        await using Person person = await windows.NobodyAsync();
        await person.SignInAsync("cloud", "cloud-password", null);
        await person.HasHeadingAsync("People");
        await person.SeesAsync("You can read no record");
    }

    [Fact]
    public async Task C2_NewPatientsKeyGenerationByMail_IsSeenFromTheCodeToTheFingerprint()
    {
        (Visitor visitor, string mail) = await windows.RegisterPatientAsync("Tamil");
        using (visitor)
        {
            Person person = await windows.OfAsync("Cloud");
            await person.SeesRowAsync("Tamil", mail, "Chennai", "Family floater", "pending", "not made yet");
            await person.PressInRowAsync(mail, AriaRole.Button, "Admit");
            await person.FollowAsync("MAIL");
            await person.SeesRowAsync(mail, "You are admitted", "Your enrolment code is", "kept here");

            await visitor.SignInAsync(mail, "a password of a test");
            using HttpResponseMessage enrolled = await visitor.SubmitAsync("/enrol", "enrol", new Dictionary<string, string> { ["Passphrase"] = "a sentence that nobody guesses", ["Again"] = "a sentence that nobody guesses" });
            Assert.Equal(HttpStatusCode.OK, enrolled.StatusCode);
            string fingerprint = Regex.Match(Visitor.TextOf(await visitor.ReadAsync("/account")), "Fingerprint ((?:\\S{4} ){3}\\S{4})").Groups[1].Value;
            await person.Page.ReloadAsync();
            await person.SeesRowAsync(mail, "Your keys are made", fingerprint);
            await person.FollowAsync("HOME");
            await person.SeesRowAsync("Tamil", mail, "admitted", fingerprint);
        }
    }

    [Fact]
    public async Task C3_DoctorDetails_AreSeen()
    {
        Person person = await windows.OfAsync("Cloud");
        await person.SeesRowAsync("Nandhini", "nandhini@demo.example", "Cancer", "GH", "TN-2024-0117", "admitted");
    }

    [Fact]
    public async Task C4_InsuranceDetails_AreSeenAndNothingThatIsSealed()
    {
        using (Visitor patient = await windows.Portal.EnterAsync("Kiruthika"))
        {
            await DemoClaim.FileAsync(patient, "The point C4", "2904.00");
        }

        Person person = await windows.OfAsync("Cloud");
        await person.FollowAsync("INSURANCE");
        await person.SeesRowAsync("3", "Kiruthika", "No", "GH", "Nandhini");
        await person.SeesRowAsync("Kiruthika", "Asha Insurance", "2904.00 INR", "waits for the doctor");
        await Assertions.Expect(person.Page.Locator("main")).Not.ToContainTextAsync("The point C4");
    }

    [Fact]
    public async Task C5_ReportsUploaded_AreSeenSealed()
    {
        Person person = await windows.OfAsync("Cloud");
        await person.FollowAsync("REPORTS UPLOADED");
        (DateTimeOffset at, long length, string digest) = await windows.Portal.ReadRowAsync(db => db.Bundles.Where(b => b.PatientId == 3).OrderBy(b => b.Id).Select(b => new ValueTuple<DateTimeOffset, long, string>(b.UploadedAt, b.SealedLength, b.HeaderDigest)).FirstAsync());
        Assert.True(length > 1024 && digest.Length == 64, $"{length} {digest}");
        ILocator row = person.Page.Locator("tbody tr", new PageLocatorOptions { HasText = digest[..16] });
        await Assertions.Expect(row).ToHaveCountAsync(1);
        string[] cells = [.. await row.Locator("td").AllInnerTextsAsync()];
        string time = TimeZoneInfo.ConvertTime(at, TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata")).ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture);
        Assert.Equal(["3", "Kiruthika", time, string.Create(CultureInfo.InvariantCulture, $"{length / 1024.0:0.0} KiB"), "1", $"{digest[..16]}…"], cells);
        Assert.Equal(at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture), await row.Locator("time").GetAttributeAsync("datetime"));
        await Assertions.Expect(person.Page.Locator("main")).Not.ToContainTextAsync("scan.jpg");
    }

    [Fact]
    public async Task C6_Result_ShowsHowTheOraclesAre()
    {
        Person person = await windows.OfAsync("Cloud");
        await person.FollowAsync("RESULT");
        await person.HasHeadingAsync("Result");
        await Assertions.Expect(person.Page.Locator("table", new PageLocatorOptions { HasText = "Oracle" }).First.Locator("tbody tr")).ToHaveCountAsync(4);
        await person.SeesRowAsync("ready", "%");
    }

    [Fact]
    public Task C7_Logout_ClosesTheRoom() => windows.RequireLogoutAsync("Cloud", "/cloud");
}
