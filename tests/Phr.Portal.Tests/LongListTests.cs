using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Phr.Consent;
using Phr.Crypto;

namespace Phr.Portal.Tests;

/// <summary>Lists that are longer than a page.</summary>
public sealed class LongListTests(HostilePortal portal) : IClassFixture<HostilePortal>
{
    [Theory]
    [InlineData(null, 1, 1, 2)]
    [InlineData("1", 1, 1, 2)]
    [InlineData("3", 3, 5, 5)]
    [InlineData("4", 3, 5, 5)]
    [InlineData("0", 1, 1, 2)]
    [InlineData("-1", 1, 1, 2)]
    [InlineData("99999999999", 1, 1, 2)]
    [InlineData("2 ", 1, 1, 2)]
    public void Of_ListOfFive_IsThePageThatIsThere(string? asked, int number, int first, int last)
    {
        Paged<int> page = Paging.Of([1, 2, 3, 4, 5], Paging.NumberOf(asked), 2);
        Assert.Equal((number, first, last, 5), (page.Number, page.First, page.Last, page.Total));
        Assert.Equal(Enumerable.Range(first, last - first + 1), page.Items);
        Assert.Equal((1, 0, 0), (Paging.Of<int>([], 7, 2).Number, Paging.Of<int>([], 7, 2).First, Paging.Of<int>([], 7, 2).Last));
    }

    [Fact]
    public async Task Waiting_BehindManyNewerOnes_StaysOnTheDesk()
    {
        IConsentLedger ledger = portal.Host.Services.GetRequiredService<PhrServices>().Services.Ledger;
        RequestRecord any = (await ledger.ListRequestsAsync(new RequestFilter(), TestContext.Current.CancellationToken)).First(r => r.DrawnAt is not null);
        DateTimeOffset now = any.RequestedAt.AddMinutes(1);
        RequestRecord open = any with { Id = RequestId.Parse(new string('1', 64)), Grant = null, Ended = null, EndedAt = null, SettledAt = null, EmergencyReason = 0, NotAfter = now.AddDays(1), Approvals = [], Denials = [] };
        Assert.Equal(RequestStatus.Open, open.StatusAt(now));
        RequestRecord urgent = open with { Id = RequestId.Parse(new string('2', 64)), EmergencyReason = 1, RequestedAt = open.RequestedAt.AddHours(-2) };
        RequestRecord[] newer = [.. Enumerable.Range(1, 150).Select(i => open with { Id = RequestId.Parse(i.ToString("x64", System.Globalization.CultureInfo.InvariantCulture)), NotAfter = now, RequestedAt = open.RequestedAt.AddSeconds(i % 50) })];
        Assert.Equal([urgent.Id, open.Id], TrusteeDesk.Waiting([urgent, open, .. newer], open.Patient, now).Select(r => r.Id));
    }

    [Fact]
    public async Task People_AfterManyRegistrations_AreFoundByNameAndOnTheNextPage()
    {
        await portal.ReadAsync(async db =>
        {
            for (int i = 0; i < OperatorDesk.Shown + 1; i++)
            {
                string mail = $"crowd{i}@crowd.example";
                db.Users.Add(new PortalUser { DisplayName = $"Crowd {i}", UserName = mail, NormalizedUserName = mail.ToUpperInvariant(), Email = mail, NormalizedEmail = mail.ToUpperInvariant(), Role = PortalRole.Guardian, Admission = Admission.Pending });
            }

            return await db.SaveChangesAsync();
        });
        try
        {
            using Visitor cloud = await portal.EnterAsync("Cloud");
            int id = await portal.ReadAsync(db => db.Users.Where(u => u.DisplayName == "Kiruthika").Select(u => u.Id).SingleAsync());
            string first = await cloud.ReadAsync("/cloud");
            Assert.DoesNotContain($"\"block-{id}\"", first, StringComparison.Ordinal);
            int waiting = await portal.ReadAsync(db => db.Users.CountAsync(u => u.Admission == Admission.Pending));
            Assert.Contains($"{waiting} people wait to be admitted.", first, StringComparison.Ordinal);
            Assert.Contains("href=\"/cloud?page=2\"", first, StringComparison.Ordinal);
            Assert.Contains($"\"block-{id}\"", await cloud.ReadAsync("/cloud?page=2"), StringComparison.Ordinal);
            foreach (string who in (string[])["kiruthika", "Kiru", "KIRUTHIKA@", $"{id}"])
            {
                string found = await cloud.ReadAsync($"/cloud?who={Uri.EscapeDataString(who)}");
                Assert.Contains($"\"block-{id}\"", found, StringComparison.Ordinal);
            }

            Assert.Contains("Nobody is like that.", await cloud.ReadAsync("/cloud?who=zq%25_zq"), StringComparison.Ordinal);
            await cloud.ReadAsync("/cloud?who=%00&page=zq");
            using HttpResponseMessage blocked = await cloud.SubmitAsync("/cloud?who=Crowd%20500", $"block-{await portal.ReadAsync(db => db.Users.Where(u => u.DisplayName == "Crowd 500").Select(u => u.Id).SingleAsync())}");
            Assert.Equal(System.Net.HttpStatusCode.OK, blocked.StatusCode);
            Assert.Equal(Admission.Blocked, await portal.ReadAsync(db => db.Users.Where(u => u.DisplayName == "Crowd 500").Select(u => u.Admission).SingleAsync()));
        }
        finally
        {
            await portal.ReadAsync(db => db.Users.Where(u => u.NormalizedEmail!.EndsWith("@CROWD.EXAMPLE")).ExecuteDeleteAsync());
        }
    }

    [Fact]
    public async Task Names_WrittenWithJoiners_ArePrescribedForAndDownloaded()
    {
        const string Name = "अनुष्का\u200Cदेवी", Words = "රාත්\u200Dරියට පමණක්, می\u200cخواهم";
        (Visitor patient, int id) = await portal.JoinAsync("patient", Name);
        using (patient)
        {
            List<Visitor> trustees = [await portal.EnterAsync("Meena"), await portal.EnterAsync("GH"), await portal.EnterAsync("Health Authority")];
            using Visitor doctor = await portal.EnterAsync("Nandhini");
            (int appointment, _) = await portal.UploadAsync(patient, id, [0xFF, 0xD8, 0xFF, 0xE0, .. new byte[50]], "joined.jpg");
            await portal.GrantAsync(patient, doctor, appointment, Words);
            Assert.Contains(Words, System.Net.WebUtility.HtmlDecode(await patient.ReadAsync("/patient")), StringComparison.Ordinal);
            using (HttpResponseMessage prescribed = await doctor.SubmitAsync($"/doctor/appointments/{appointment}", "prescribe", new Dictionary<string, string> { ["Text"] = Words, ["Repeats"] = "0" }))
            {
                Assert.True(prescribed.StatusCode == System.Net.HttpStatusCode.Found, Visitor.TextOf(await prescribed.Content.ReadAsStringAsync()));
            }

            int prescription = await portal.ReadAsync(db => db.Prescriptions.Where(p => p.PatientId == id).Select(p => p.Id).SingleAsync());
            string request = await portal.ReadAsync(db => db.Appointments.Where(a => a.Id == appointment).Select(a => a.Request!).SingleAsync());
            string claim = await HostilePortal.FileClaimAsync(patient, appointment, Words);
            foreach ((string address, string type) in ((string, string)[])[($"/prescriptions/{prescription}/fhir", "json"), ($"/requests/{request}/consent", "json"), ($"{claim}/fhir", "json"), ($"{claim}/answers", "ndjson")])
            {
                Assert.NotEmpty(await FhirDownloadTests.DownloadAsync(patient, address, $"application/fhir+{type}"));
            }

            Assert.Equal(Name, Phr.Fhir.FhirR4.ReadPrescription(await FhirDownloadTests.DownloadAsync(patient, $"/prescriptions/{prescription}/fhir", "application/fhir+json")).Patient.Display);
            trustees.ForEach(trustee => trustee.Dispose());
        }
    }
}
