using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;

namespace Phr.Portal.Tests;

/// <summary>Times and days are those of the zone that whoever looks has chosen.</summary>
public sealed class ZoneTests(DemoPortal portal)
{
    [Fact]
    public async Task Days_InLists_AreThoseOfTheReadersZone()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        using (await patient.UploadAsync(ModuleWindows.Scan, "before-midnight.png"))
        {
        }

        // In Kolkata it was the next day already.
        int appointment = await portal.AppointmentOfAsync(patient, "before-midnight.png");
        var night = new DateTimeOffset(2026, 2, 28, 23, 0, 0, TimeSpan.Zero);
        await portal.ReadRowAsync(db => db.Appointments.Where(a => a.Id == appointment).ExecuteUpdateAsync(row => row.SetProperty(a => a.CreatedAt, night)));
        string option = string.Empty;
        await DemoPortal.UntilAsync(async () => (option = OptionOf(await doctor.ReadAsync("/doctor/requests"), "appointment", appointment)).Length > 0);
        Assert.EndsWith("upload of 1 Mar 2026", option, StringComparison.Ordinal);
        Assert.EndsWith("before-midnight.png, 1 Mar 2026", OptionOf(await patient.ReadAsync("/patient/insurance"), "treatment", appointment), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Zone_ChosenInTheAccount_IsThatOfTheTimes()
    {
        using Visitor guardian = await portal.EnterAsync("Arun");
        DateTimeOffset registered = await portal.ReadRowAsync(db => db.Users.Where(u => u.DisplayName == "Arun").Select(u => u.RegisteredAt).SingleAsync());
        foreach (string zone in (string[])["America/Los_Angeles", "Pacific/Auckland", "Asia/Kolkata"])
        {
            using (HttpResponseMessage chosen = await guardian.SubmitAsync("/account", "zone", new Dictionary<string, string> { ["Zone"] = zone }))
            {
                Assert.True((int)chosen.StatusCode < 400, $"{chosen.StatusCode}");
            }

            string page = await guardian.ReadAsync("/account");
            string time = TimeZoneInfo.ConvertTime(registered, TimeZoneInfo.FindSystemTimeZoneById(zone)).ToString("d MMM yyyy, HH:mm", System.Globalization.CultureInfo.InvariantCulture);
            Assert.Contains($"Registered {time} ", Visitor.TextOf(page), StringComparison.Ordinal);
            Assert.Contains($"<option value=\"{zone}\" selected", page, StringComparison.Ordinal);
        }

        using HttpResponseMessage none = await guardian.SubmitAsync("/account", "zone", new Dictionary<string, string> { ["Zone"] = "Mars/Olympus" });
        Assert.Contains("There is no such time zone.", await none.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("<option value=\"Asia/Kolkata\" selected", await guardian.ReadAsync("/account"), StringComparison.Ordinal);
    }

    private static string OptionOf(string page, string list, int appointment) =>
        System.Net.WebUtility.HtmlDecode(Regex.Match(Regex.Match(page, $"<select id=\"{list}\".*?</select>", RegexOptions.Singleline).Value, $"<option value=\"{appointment}\"[^>]*>([^<]*)</option>").Groups[1].Value);
}
