using System.Net;
using Microsoft.EntityFrameworkCore;

namespace Phr.Portal.Tests;

/// <summary>Sessions that end in the middle of something: nothing is done without keys, nothing that was written is lost silently, and a copy of a cookie is worth nothing.</summary>
[Collection(nameof(HostilePortal))]
public sealed class SessionTests(HostilePortal portal)
{
    private const string Written = "Written before the keys were locked: two tablets.\nAnd <b>rest</b>.";

    [Fact]
    public async Task Post_KeysLockedMeanwhile_IsKeptAndSentAfterUnlocking()
    {
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        PageForm form = await doctor.OpenFormAsync("/doctor/appointments/1", "prescribe");
        int before = await portal.ReadAsync(db => db.Prescriptions.CountAsync());
        await doctor.PressAsync("/lock");
        using (HttpResponseMessage late = await doctor.PostAsync(form.Action, form.Filled(new Dictionary<string, string> { ["Text"] = Written })))
        {
            Assert.Equal("/unlock?return=%2Fresume", PathOf(late));
        }

        Assert.Equal(before, await portal.ReadAsync(db => db.Prescriptions.CountAsync()));
        await UnlockAsync(doctor, "nandhini opens the sealed box");
        await SendKeptAsync(doctor, before);
    }

    [Fact]
    public async Task Post_SignedOutInAnotherWindow_IsKeptForTheSamePerson()
    {
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        PageForm form = await doctor.OpenFormAsync("/doctor/appointments/1", "prescribe");
        int before = await portal.ReadAsync(db => db.Prescriptions.CountAsync());
        await doctor.PressAsync("/sign-out");
        using (HttpResponseMessage late = await doctor.PostAsync(form.Action, form.Filled(new Dictionary<string, string> { ["Text"] = Written })))
        {
            Assert.Equal("/sign-in?return=%2Fresume", PathOf(late));
        }

        using (HttpResponseMessage signedIn = await doctor.SubmitAsync("/sign-in?return=%2Fresume", "sign-in", new Dictionary<string, string> { ["Name"] = "nandhini@demo.example", ["Password"] = "nandhini-password" }))
        {
            Assert.Equal("/resume", PathOf(signedIn));
        }

        using (HttpResponseMessage locked = await doctor.GetAsync("/resume"))
        {
            Assert.Equal("/unlock?return=/resume", PathOf(locked));
        }

        await UnlockAsync(doctor, "nandhini opens the sealed box");
        await SendKeptAsync(doctor, before);
    }

    [Fact]
    public async Task Post_SignedOutAndAnotherPersonSignsIn_ShowsThemNothing()
    {
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        PageForm form = await doctor.OpenFormAsync("/doctor/appointments/1", "prescribe");
        await doctor.PressAsync("/sign-out");
        using (await doctor.PostAsync(form.Action, form.Filled(new Dictionary<string, string> { ["Text"] = Written })))
        {
        }

        await doctor.SignInAsync("kiruthika@demo.example", "kiruthika-password");
        string page = await doctor.ReadAsync("/resume");
        Assert.Contains("Nothing waits to be sent", page, StringComparison.Ordinal);
        Assert.DoesNotContain("two tablets", page, StringComparison.Ordinal);

        // Nor does it come back for the first.
        await doctor.PressAsync("/sign-out");
        await doctor.SignInAsync("nandhini@demo.example", "nandhini-password");
        await doctor.UnlockAsync("nandhini opens the sealed box");
        Assert.DoesNotContain("two tablets", await doctor.ReadAsync("/resume"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_ForgedAndTooLate_IsNotOffered()
    {
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        await doctor.PressAsync("/lock");
        using (await doctor.PostAsync("/doctor/appointments/1", [new("_handler", "prescribe"), new("__RequestVerificationToken", "forged"), new("Text", Written)]))
        {
        }

        await doctor.UnlockAsync("nandhini opens the sealed box");
        Assert.Contains("Nothing waits to be sent", await doctor.ReadAsync("/resume"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kept_ThrownAway_IsGone()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        PageForm form = await patient.OpenFormAsync("/patient/insurance", "file");
        await patient.PressAsync("/lock");
        using (await patient.PostAsync(form.Action, form.Filled(new Dictionary<string, string> { ["Amount"] = "3.00", ["Reason"] = "To be thrown away" })))
        {
        }

        await patient.UnlockAsync("kiruthika opens the sealed box");
        Assert.Contains("To be thrown away", await patient.ReadAsync("/resume"), StringComparison.Ordinal);
        using (HttpResponseMessage thrown = await patient.SubmitAsync("/resume", "forget"))
        {
            Assert.Contains("Nothing waits to be sent", await thrown.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Contains("Nothing waits to be sent", await patient.ReadAsync("/resume"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upload_KeysLockedMeanwhile_LeadsBackToTheUpload()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        IReadOnlyDictionary<string, string> fields = await patient.HiddenAsync("/patient/upload");
        await patient.PressAsync("/lock");
        using HttpResponseMessage late = await patient.UploadAsync([0xFF, 0xD8, 0xFF, 0xE0, .. new byte[50]], "late.jpg", fields);
        Assert.Equal("/unlock?return=%2Fpatient%2Fupload", PathOf(late));
    }

    [Fact]
    public async Task Cookie_CopiedBeforeSignOut_OpensNothingAfterwards()
    {
        using var cloud = new Visitor(portal.Host);
        await cloud.SignInAsync("cloud", "cloud-password");
        using var thief = new Visitor(portal.Host);
        foreach (Cookie cookie in cloud.Cookies.GetAllCookies())
        {
            thief.Cookies.Add(new Cookie(cookie.Name, cookie.Value, cookie.Path, cookie.Domain));
        }

        await thief.ReadAsync("/cloud");
        await cloud.PressAsync("/sign-out");
        using HttpResponseMessage refused = await thief.GetAsync("/cloud");
        Assert.StartsWith("/sign-in", PathOf(refused), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignOut_TwiceInTwoWindows_IsNoError()
    {
        using Visitor visitor = await portal.EnterAsync("Meena");
        PageForm open = PageForm.ReadAll("/account", await visitor.ReadAsync("/account")).First(f => f.Action == "/sign-out");
        await visitor.PressAsync("/sign-out");
        using HttpResponseMessage again = await visitor.PostAsync("/sign-out", open.Filled());
        Assert.Equal("/sign-in", PathOf(again));
    }

    [Fact]
    public async Task SignIn_ManyWrongPasswordsAtOnce_AreAllCounted()
    {
        (Visitor visitor, int id) = await portal.JoinAsync("guardian", "Tried at once");
        visitor.Dispose();
        string mail = await portal.ReadAsync(db => db.Users.Where(u => u.Id == id).Select(u => u.Email!).SingleAsync());
        string[] said = await Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
        {
            using var guesser = new Visitor(portal.Host);
            using HttpResponseMessage tried = await guesser.TrySignInAsync(mail, $"wrong password {i}");
            return await tried.Content.ReadAsStringAsync();
        }));

        // The fifth locks; those after it are not even looked at.
        Assert.Equal(4, said.Count(text => text.Contains("The name or the password is wrong", StringComparison.Ordinal)));
        Assert.Equal(6, said.Count(text => text.Contains("too many wrong passwords", StringComparison.Ordinal)));
        using var right = new Visitor(portal.Host);
        using HttpResponseMessage locked = await right.TrySignInAsync(mail, HostilePortal.Password);
        Assert.Contains("too many wrong passwords", await locked.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task UnlockAsync(Visitor visitor, string passphrase)
    {
        using HttpResponseMessage unlocked = await visitor.SubmitAsync("/unlock?return=%2Fresume", "unlock", new Dictionary<string, string> { ["Passphrase"] = passphrase });
        Assert.Equal("/resume", PathOf(unlocked));
    }

    private async Task SendKeptAsync(Visitor doctor, int before)
    {
        string page = await doctor.ReadAsync("/resume");
        Assert.Contains("Written before the keys were locked: two tablets.", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>rest", page, StringComparison.Ordinal);
        PageForm kept = PageForm.ReadAll("/resume", page).Single(f => f.Handler == "prescribe");
        Assert.Equal("/doctor/appointments/1", kept.Action);
        using (HttpResponseMessage sent = await doctor.PostAsync(kept.Action, kept.Filled()))
        {
            Assert.Equal("/doctor", PathOf(sent));
        }

        Assert.Equal(before + 1, await portal.ReadAsync(db => db.Prescriptions.CountAsync()));
        Assert.Contains("Nothing waits to be sent", await doctor.ReadAsync("/resume"), StringComparison.Ordinal);
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        Assert.Contains("Written before the keys were locked: two tablets.", await patient.ReadAsync("/patient/prescriptions"), StringComparison.Ordinal);
    }

    private static string PathOf(HttpResponseMessage answer) => answer.Headers.Location is { } to ? to.IsAbsoluteUri ? to.PathAndQuery : to.OriginalString : $"{(int)answer.StatusCode}";
}
