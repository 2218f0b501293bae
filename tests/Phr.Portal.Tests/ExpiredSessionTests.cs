using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>Time goes by between two presses of a button: the keys are locked by themselves, and then the session is over. What was written is not lost, and done once when its owner is back.</summary>
public sealed class ExpiredSessionTests
{
    [Fact]
    public async Task Post_AfterTheTimeOfKeysAndOfTheSession_IsKeptAndSentOnce()
    {
        var time = new ShiftedTime();
        await using PortalHost portal = await PortalHost.StartAsync(demo: true, time: time);
        using Visitor doctor = await DemoPortal.EnterAsync(portal, "Nandhini");
        int before = await CountAsync(portal);

        // Twenty minutes without a page lock the keys.
        PageForm form = await doctor.OpenFormAsync("/doctor/appointments/1", "prescribe");
        time.PutForward(TimeSpan.FromMinutes(21));
        Assert.Equal("/unlock?return=%2Fresume", await PostAsync(doctor, form, "Written before a long call"));
        await doctor.UnlockAsync("nandhini opens the sealed box");
        await SendKeptAsync(doctor, "Written before a long call");
        Assert.Equal(before + 1, await CountAsync(portal));

        // Eight hours without a page end the session.
        form = await doctor.OpenFormAsync("/doctor/appointments/1", "prescribe");
        time.PutForward(TimeSpan.FromHours(9));
        Assert.Equal("/sign-in?return=%2Fresume", await PostAsync(doctor, form, "Written the evening before"));
        using (HttpResponseMessage page = await doctor.GetAsync("/doctor/appointments/1"))
        {
            Assert.StartsWith("/sign-in", PathOf(page), StringComparison.Ordinal);
        }

        await doctor.SignInAsync("nandhini@demo.example", "nandhini-password");
        await doctor.UnlockAsync("nandhini opens the sealed box");
        await SendKeptAsync(doctor, "Written the evening before");
        Assert.Equal(before + 2, await CountAsync(portal));

        // What nobody comes back for within half an hour is gone.
        form = await doctor.OpenFormAsync("/doctor/appointments/1", "prescribe");
        await doctor.PressAsync("/lock");
        Assert.Equal("/unlock?return=%2Fresume", await PostAsync(doctor, form, "Forgotten"));
        time.PutForward(TimeSpan.FromMinutes(31));
        await doctor.UnlockAsync("nandhini opens the sealed box");
        Assert.Contains("Nothing waits to be sent", await doctor.ReadAsync("/resume"), StringComparison.Ordinal);
        Assert.Equal(before + 2, await CountAsync(portal));
    }

    private static async Task SendKeptAsync(Visitor doctor, string text)
    {
        string page = await doctor.ReadAsync("/resume");
        Assert.Contains(text, page, StringComparison.Ordinal);
        PageForm kept = PageForm.ReadAll("/resume", page).Single(f => f.Handler == "prescribe");
        using HttpResponseMessage sent = await doctor.PostAsync(kept.Action, kept.Filled());
        Assert.Equal("/doctor", PathOf(sent));
    }

    private static async Task<string> PostAsync(Visitor visitor, PageForm form, string text)
    {
        using HttpResponseMessage answer = await visitor.PostAsync(form.Action, form.Filled(new Dictionary<string, string> { ["Text"] = text }));
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        return PathOf(answer);
    }

    private static string PathOf(HttpResponseMessage answer) => answer.Headers.Location is { } to ? to.IsAbsoluteUri ? to.PathAndQuery : to.OriginalString : $"{(int)answer.StatusCode}";

    private static async Task<int> CountAsync(PortalHost portal)
    {
        await using AsyncServiceScope scope = portal.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PortalDb>().Prescriptions.CountAsync();
    }
}
