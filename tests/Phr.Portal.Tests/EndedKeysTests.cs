using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Phr.Consent;

namespace Phr.Portal.Tests;

/// <summary>What goes on, and what is refused in words, where somebody has not come for longer than their keys hold.</summary>
public sealed class EndedKeysTests(LicencePortal portal) : IClassFixture<LicencePortal>
{
    private static readonly TimeSpan _longAway = TimeSpan.FromDays(400);

    [Fact]
    public async Task Patient_AwayForMoreThanAYear_IsAskedAboutInAnEmergencyAndToldOfTheRest()
    {
        portal.Time.PutForward(_longAway);
        using Visitor agency = await portal.EnterAsync("Health Authority");
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        await WorkAsync();
        await LicencePortal.SendAsync(agency, "/agency", $"license-{await portal.ReadAsync(db => db.Users.Where(u => u.DisplayName == "Nandhini").Select(u => u.Id).SingleAsync())}");

        // 1. An ordinary request and a prescription wait for the patient, and the pages say so.
        (string Page, string Form, (string, string)[] Fields)[] refused =
        [
            ("/doctor/requests", "ask", [("Chosen", "1"), ("Reason", "After a long time"), ("Days", "1")]),
            ($"/doctor/prescriptions/{await portal.ReadAsync(db => db.Prescriptions.MinAsync(p => p.Id))}", "renew", [("Text", "Go on with them"), ("Repeats", "0"), ("ValidDays", "90")]),
        ];
        foreach ((string page, string form, (string Name, string Value)[] fields) in refused)
        {
            using HttpResponseMessage answer = await doctor.SubmitAsync(page, form, fields.ToDictionary(f => f.Name, f => f.Value));
            string said = Visitor.TextOf(await answer.Content.ReadAsStringAsync());
            Assert.True(answer.StatusCode == HttpStatusCode.OK && said.Contains("Kiruthika's keys have ended", StringComparison.Ordinal), $"{page}: {(int)answer.StatusCode} {said}");
        }

        // 2. An emergency does not wait, nor does the review of an earlier one.
        int upload = await portal.ReadAsync(db => db.Bundles.Where(b => b.PatientId == 3).MinAsync(b => b.Id));
        Assert.Empty(await EmergencyPortal.TryAskAsync(doctor, EmergencyPortal.Form(upload)));
        IConsentLedger ledger = portal.Host.Services.GetRequiredService<PhrServices>().Services.Ledger;
        RequestRecord due = (await ledger.ListRequestsAsync(new RequestFilter(), TestContext.Current.CancellationToken)).First(r => r is { ReviewDueAt: not null, Review: null });
        await LicencePortal.SendAsync(agency, $"/agency/reviews/{due.Id}", "review", ("Finding", "1"), ("Report", "Looked at a year later."));

        // 3. The patient comes, and reads all of it.
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        string told = Visitor.TextOf(await patient.ReadAsync("/patient/emergencies"));
        Assert.Contains("Found on the street\nwithout papers.", told, StringComparison.Ordinal);
        Assert.Contains("Looked at a year later.", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Signers_AwayForMoreThanAYear_LeaveWhatTheySignedReadable()
    {
        portal.Time.PutForward(_longAway);
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        await WorkAsync();
        int id = await portal.ReadAsync(db => db.Prescriptions.MinAsync(p => p.Id));
        string page = $"/patient/prescriptions/{id}";
        Assert.Contains("Take the tablets regularly", await patient.ReadAsync("/patient/prescriptions"), StringComparison.Ordinal);
        Assert.Contains("The admission papers of that hour show it.", await patient.ReadAsync("/patient/emergencies"), StringComparison.Ordinal);

        // What would have to be sealed to the doctor waits for them.
        using (HttpResponseMessage pressed = await patient.SubmitAsync(page, "read"))
        {
            Assert.Equal(HttpStatusCode.OK, pressed.StatusCode);
            Assert.Contains("Nandhini's keys have ended", Visitor.TextOf(await pressed.Content.ReadAsStringAsync()), StringComparison.Ordinal);
        }

        // What came after the end counts for nothing, whichever time its signature says.
        DateTimeOffset sent = await portal.ReadAsync(db => db.Prescriptions.Where(p => p.Id == id).Select(p => p.SentAt).SingleAsync());
        await SetSentAsync(id, portal.Time.GetUtcNow());
        Assert.Contains("This prescription cannot be read.", await patient.ReadAsync(page), StringComparison.Ordinal);
        await SetSentAsync(id, sent);
        Assert.DoesNotContain("cannot be read", await patient.ReadAsync(page), StringComparison.Ordinal);
    }

    private Task<bool> SetSentAsync(int id, DateTimeOffset time) => portal.ReadAsync(async db =>
    {
        (await db.Prescriptions.SingleAsync(p => p.Id == id)).SentAt = time;
        await db.SaveChangesAsync();
        return true;
    });

    private Task WorkAsync() => portal.Host.Services.GetRequiredService<Housekeeping>().RunOnceAsync(TestContext.Current.CancellationToken);
}
