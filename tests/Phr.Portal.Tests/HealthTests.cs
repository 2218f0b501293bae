using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>Drills: a patient asks whether the trustees' shares are there and can be used, and sees who answered; trustees see how their own stand.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task Drill_EverybodyOnDuty_ShowsThatAllCanUseTheirShares()
    {
        await using PortalHost portal = await PortalHost.StartAsync(demo: true);
        using Visitor patient = await EnterAsync(portal, "kiruthika");
        Assert.Contains("Ask them all now", await patient.ReadAsync("/patient/trustees"), StringComparison.Ordinal);
        Assert.DoesNotContain("The newest drill", await patient.ReadAsync("/patient/trustees"), StringComparison.Ordinal);

        // Everybody is on duty: everybody answers.
        await AskAsync(patient);
        await UntilAsync(portal, async () => Count(await patient.ReadAsync("/patient/trustees"), "answered: every share can be used") == 4);
        string page = Visitor.TextOf(await patient.ReadAsync("/patient/trustees"));
        Assert.Contains("Those who answered could open each of these uploads together", page, StringComparison.Ordinal);
        Assert.DoesNotContain("What to do when somebody does not answer", page, StringComparison.Ordinal);

        // Within a minute it is the same drill.
        await AskAsync(patient);
        Assert.Equal(4, Count(await patient.ReadAsync("/patient/trustees"), "answered: every share can be used"));
        using (Visitor hospital = await EnterAsync(portal, "gh"))
        {
            Assert.Contains("3 Kiruthika 2 of 2", Visitor.TextOf(await hospital.ReadAsync("/trustee")), StringComparison.Ordinal);
            Assert.Contains("sound: every share is checked, and was used in the newest drill", await hospital.ReadAsync("/trustee"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Drill_OneIsAwayAndOneLostTheShare_SaysWhoAndWhatToDo()
    {
        await using PortalHost portal = await PortalHost.StartAsync(demo: true);
        KeyRing keys = portal.Services.GetRequiredService<KeyRing>();
        using Visitor patient = await EnterAsync(portal, "kiruthika");
        (int meena, int arun, int agency) = (6, 7, 2);
        keys.EndDuty(meena);
        keys.EndDuty(agency);
        foreach (string secret in Directory.GetFiles(Path.Combine(portal.Folder, "people", $"{arun}", "secrets"), "*", SearchOption.AllDirectories))
        {
            File.Delete(secret);
        }

        await AskAsync(patient);
        string page = string.Empty;
        await UntilAsync(portal, async () => (page = Visitor.TextOf(await patient.ReadAsync("/patient/trustees"))).Contains("could not use 2 shares", StringComparison.Ordinal) && page.Contains("2 of 2", StringComparison.Ordinal));
        Assert.Contains("Arun guardian 0 of 2 not yet could not use 2 shares", page, StringComparison.Ordinal);
        Assert.Contains("Meena guardian 0 of 2 not yet has not answered yet", page, StringComparison.Ordinal);
        Assert.Contains("Health Authority regulatory agency 0 of 2 not yet has not answered yet", page, StringComparison.Ordinal);
        Assert.Contains("Of 2 uploads tried, those who answered could open 0 together", page, StringComparison.Ordinal);
        Assert.Contains("Upload those files again", page, StringComparison.Ordinal);
        Assert.Contains("What to do when somebody does not answer", page, StringComparison.Ordinal);
        using (var cloud = new Visitor(portal))
        {
            // They have a mail, which says nothing about anybody's health.
            await cloud.SignInAsync("cloud", "cloud-password");
            Assert.Equal(4, Count(await cloud.ReadAsync("/cloud/mail"), "Show that your share is there"));
        }

        // Who comes answers by itself.
        using Visitor authority = await EnterAsync(portal, "agency", "health");
        await UntilAsync(portal, async () => (page = Visitor.TextOf(await patient.ReadAsync("/patient/trustees"))).Contains("Health Authority regulatory agency 2 of 2", StringComparison.Ordinal));
        Assert.Contains("Those who answered could open each of these uploads together", page, StringComparison.Ordinal);
        using Visitor guardian = await EnterAsync(portal, "arun");
        Assert.Contains("a share could not be used: tell the patient", await guardian.ReadAsync("/trustee"), StringComparison.Ordinal);
    }

    private static int Count(string page, string words) => page.Split(words).Length - 1;

    private static async Task AskAsync(Visitor patient)
    {
        using HttpResponseMessage asked = await patient.SubmitAsync("/patient/trustees", "drill");
        Assert.Equal(System.Net.HttpStatusCode.Found, asked.StatusCode);
        Assert.Contains("Your trustees are asked.", await patient.ReadAsync("/patient/trustees"), StringComparison.Ordinal);
    }

    private static async Task UntilAsync(PortalHost portal, Func<Task<bool>> condition) => await DemoPortal.UntilAsync(async () =>
    {
        await portal.Services.GetRequiredService<Housekeeping>().RunOnceAsync(TestContext.Current.CancellationToken);
        return await condition();
    });

    private static async Task<Visitor> EnterAsync(PortalHost portal, string name, string? first = null)
    {
        var visitor = new Visitor(portal);
        await visitor.SignInAsync($"{name}@demo.example", $"{first ?? name}-password");
        await visitor.UnlockAsync($"{first ?? name} opens the sealed box");
        return visitor;
    }
}
