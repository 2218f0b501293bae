using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>Laboratory values over time, what happened, and who saw what: for the patient, and for a doctor after the grant.</summary>
public sealed class TrackRecordTests(DemoPortal portal, ChromiumBrowser browser)
{
    private const string Header = "time,analyte,value,unit,reference_low,reference_high\n";

    private const string Glucose = """{"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"2345-7","display":"Glucose of a friend"}]},"effectiveDateTime":"2026-11-20T08:30:00+05:30","valueQuantity":{"value":5.40,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"},"referenceRange":[{"low":{"value":3.9,"code":"mmol/L"},"high":{"value":5.6,"code":"mmol/L"}}]}""";

    [Fact]
    public async Task Record_TablesAndResources_BecomeChartsWithTheirTables()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        await SealAsync(visitor, Header + "2026-01-12T08:30+05:30,Sodium A1,139,mmol/L,135,145\n2026-03-02T09:00+05:30,Sodium A1,151,mmol/L,135,145\n2026-03-02T09:00+05:30,CRP A1,<0.5,mg/L,,5\n", "values.txt");
        await SealAsync(visitor, Glucose, "glucose.json");
        await SealAsync(visitor, Glucose.Replace("final", "entered-in-error", StringComparison.Ordinal).Replace("Glucose of a friend", "Withdrawn A1", StringComparison.Ordinal), "withdrawn.json");

        string page = await visitor.ReadAsync("/patient/record");
        string chart = Regex.Match(page, "<figure class=\"chart\">(?:(?!</figure>).)*Sodium A1.*?</figure>", RegexOptions.Singleline).Value;
        Assert.Contains("<svg", chart, StringComparison.Ordinal);
        Assert.Contains("role=\"img\"", chart, StringComparison.Ordinal);
        Assert.Contains("phr-chart-outside", chart, StringComparison.Ordinal);
        Assert.Contains("<caption>Sodium A1 (mmol/L)</caption>", chart, StringComparison.Ordinal);
        string text = Visitor.TextOf(page);
        Assert.Contains("2 Mar 2026, 09:00 151 mmol/L 135 to 145 above", text, StringComparison.Ordinal);
        Assert.Contains("<0.5 mg/L at most 5 within", text, StringComparison.Ordinal);
        Assert.Contains("Glucose of a friend (mmol/L)", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Withdrawn A1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("style=", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_EncountersAndAccess_AreDrawnOverTimeAboveTheirTables()
    {
        const string Visit = """{"resourceType":"Encounter","status":"finished","class":{"code":"AMB","display":"ambulatory"},"type":[{"text":"Check up Vg1"}],"serviceProvider":{"display":"Clinic <Vg1>"},"period":{"start":"2025-03-02T09:00:00+05:30","end":"2025-03-02T09:40:00+05:30"}}""";
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        await SealAsync(visitor, Visit + "\n" + Visit.Replace("finished", "cancelled", StringComparison.Ordinal).Replace("2025-03-02", "2025-03-03", StringComparison.Ordinal) + "\n", "visits Vg1.ndjson");
        string page = await visitor.ReadAsync("/patient/record?what=Vg1");
        Assert.Contains("2 Mar 2025, 09:00 to 2 Mar 2025, 09:40 Encounter Clinic <Vg1> Check up Vg1, ambulatory", Visitor.TextOf(page), StringComparison.Ordinal);
        Assert.DoesNotContain("3 Mar 2025", page, StringComparison.Ordinal);
        string drawn = Regex.Match(page, "<svg[^>]* id=\"timeline-events\".*?</svg>", RegexOptions.Singleline).Value;
        Assert.Contains("role=\"img\" aria-labelledby=\"timeline-events-title timeline-events-desc\"", drawn, StringComparison.Ordinal);
        Assert.Contains("Encounter 1, Upload 1. The table below has each of them.", drawn, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(drawn, "<rect "));
        Assert.Single(Regex.Matches(drawn, "<circle "));
        Assert.DoesNotContain("style=", page, StringComparison.Ordinal);
        Assert.Contains(await ExportAsync(visitor, "table=encounters&what=Vg1"), line => line.StartsWith("2025-03-02T03:30:00Z,Encounter,", StringComparison.Ordinal));

        // Who saw what: asked, granted and readable are one mark each.
        string access = Regex.Match(await visitor.ReadAsync("/patient/record?what=You+came+to+me"), "<svg[^>]* id=\"timeline-access\".*?</svg>", RegexOptions.Singleline).Value;
        Assert.Contains("Asked 1, Granted 1, Could be read from 1, Confirmed as read ", access, StringComparison.Ordinal);
        Assert.True(Regex.Count(access, "<circle ") >= 3);
    }

    [Fact]
    public async Task Record_Filter_ShowsAndExportsThatPartOnly()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        await SealAsync(visitor, Header + "2025-01-31T23:30+05:30,Iron B1,10,umol/L,9,30\n2025-02-01T00:30+05:30,Iron B1,11,umol/L,9,30\n2025-02-02T23:59+05:30,Iron B1,3,umol/L,9,30\n2025-02-03T00:00+05:30,Iron B1,12,umol/L,9,30\n2025-02-01T00:30+05:30,Zinc B1,12,umol/L,9,30\n", "b1.csv");

        // Days are the reader's own: Kiruthika's begin at half past six in the evening of Greenwich.
        string[] lines = await ExportAsync(visitor, "table=laboratory&what=iron+b1&from=2025-02-01&until=2025-02-02");
        Assert.Equal(["11", "3"], lines.Skip(1).Select(line => line.Split(',')[2]));
        lines = await ExportAsync(visitor, "table=laboratory&what=B1&outside=yes");
        Assert.Equal(["3"], lines.Skip(1).Select(line => line.Split(',')[2]));
        string page = await visitor.ReadAsync("/patient/record?what=zinc+b1");
        Assert.Contains("Zinc B1", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Iron B1", page, StringComparison.Ordinal);
        Assert.Contains("No laboratory value is like that", await visitor.ReadAsync("/patient/record?what=no+such+value&from=nonsense&until=9999-99-99"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_FormulasAndMarkup_StayText()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        await SealAsync(visitor, Header + "2024-01-12T08:30Z,=1+cmd C1,1,g/L,,\n2024-01-12T08:30Z,<script>alert(1)</script> C1,1,g/L,,\n", "=cmd C1.csv");
        string page = await visitor.ReadAsync("/patient/record?what=%22%3E%3Cscript%3E");
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        page = await visitor.ReadAsync("/patient/record");
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt; C1", page, StringComparison.Ordinal);
        Assert.Contains(await ExportAsync(visitor, "table=laboratory&what=C1"), line => line.Contains(",'=1+cmd C1,", StringComparison.Ordinal));
        Assert.Contains(await ExportAsync(visitor, "table=encounters&what=C1"), line => line.EndsWith(",'=cmd C1.csv", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Record_FormulaBehindASignThatEndsCellsElsewhere_StaysText()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        await SealAsync(visitor, Header + "2024-01-12T08:30Z,Gold;=cmd C4,1,g/L,,\n", "doses;-2; =cmd;2 C4.csv");
        Assert.Contains(await ExportAsync(visitor, "table=laboratory&what=C4"), line => line.Contains(",Gold;'=cmd C4,1,", StringComparison.Ordinal));
        Assert.Contains(await ExportAsync(visitor, "table=encounters&what=C4"), line => line.EndsWith(",doses;'-2; '=cmd;2 C4.csv", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Record_AccessHistory_SaysWhoWhatWhyAndWhen()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        string page = await visitor.ReadAsync("/patient/record?what=You+came+to+me");
        string row = Visitor.TextOf(Regex.Match(page, "<caption>Access history.*</table>", RegexOptions.Singleline).Value);
        Assert.Contains("Nandhini scan.jpg treatment: You came to me with this scan.", row, StringComparison.Ordinal);
        Assert.Contains(", by you", row, StringComparison.Ordinal);
        string[] lines = await ExportAsync(visitor, "table=access&what=You+came+to+me");
        Assert.StartsWith("Nandhini,scan.jpg,treatment,You came to me with this scan. I would like to see it.,20", Assert.Single(lines.Skip(1)), StringComparison.Ordinal);
        using HttpResponseMessage none = await visitor.GetAsync("/patient/record/export?table=people");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task Record_AccessHistory_ConfirmsWhatADoctorLookedAtAndNotWhatStoodInAList()
    {
        using GrantedUpload granted = await GrantedUpload.MakeAsync(portal, Encoding.UTF8.GetBytes(Header + "2026-05-01T08:30Z,Ferritin F1,44,ug/L,20,200\n"), "seen-f1.csv");
        async Task<string[]> LineAsync() => (await ExportAsync(granted.Patient, "table=access&what=seen-f1"))[^1].Split(',');

        // Making it, the doctor looked at the appointment's page, as long as nothing could be opened, and once when it could.
        await DemoPortal.UntilAsync(async () => (await LineAsync())[^3].Length > 0);
        Assert.Equal("granted and opened", (await LineAsync())[^2]);
        Assert.Contains("Ferritin F1", await granted.Doctor.ReadAsync($"{granted.Page}/record"), StringComparison.Ordinal);

        await SealAsync(granted.Patient, Header + "2026-05-01T08:30Z,Ferritin F2,44,ug/L,20,200\n", "listed-f2.csv");
        int listed = await portal.AppointmentOfAsync(granted.Patient, "listed-f2.csv");
        string request = await DemoPortal.AskAsync(granted.Doctor, granted.Patient, listed, "Values F2");
        using (HttpResponseMessage accepted = await granted.Patient.SubmitAsync("/patient", $"accept-{request}"))
        {
            Assert.True((int)accepted.StatusCode < 400);
        }

        await DemoPortal.UntilAsync(async () => (await granted.Doctor.ReadAsync("/doctor")).Contains("listed-f2.csv", StringComparison.Ordinal));
        await portal.Host.Services.GetRequiredService<Housekeeping>().RunOnceAsync(TestContext.Current.CancellationToken);
        string[] line = (await ExportAsync(granted.Patient, "table=access&what=listed-f2"))[^1].Split(',');
        Assert.Equal("granted", line[^2]);
        Assert.Equal(string.Empty, line[^3]);
    }

    [Fact]
    public async Task Record_OfADoctor_HasWhatWasGrantedAndNothingElse()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        await SealAsync(patient, Header + "2026-05-01T08:30Z,Ferritin D1,44,ug/L,20,200\n", "granted-d1.csv");
        await SealAsync(patient, Header + "2026-05-01T08:30Z,Secret D2,45,ug/L,20,200\n", "kept-d2.csv");
        int granted = await portal.AppointmentOfAsync(patient, "granted-d1.csv");
        Assert.DoesNotContain("Ferritin D1", await doctor.ReadAsync("/doctor/appointments/1/record"), StringComparison.Ordinal);

        string request = await DemoPortal.AskAsync(doctor, patient, granted, "Values D1");
        using (HttpResponseMessage accepted = await patient.SubmitAsync("/patient", $"accept-{request}"))
        {
            Assert.True((int)accepted.StatusCode < 400);
        }

        await DemoPortal.UntilAsync(async () => (await doctor.ReadAsync($"/doctor/appointments/{granted}/record")).Contains("Ferritin D1", StringComparison.Ordinal));
        string page = await doctor.ReadAsync($"/doctor/appointments/{granted}/record");
        Assert.Contains("granted-d1.csv", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Secret D2", page, StringComparison.Ordinal);
        Assert.DoesNotContain("kept-d2.csv", page, StringComparison.Ordinal);
        using HttpResponseMessage export = await doctor.GetAsync($"/doctor/appointments/{granted}/record/export?table=laboratory&what=D1");
        Assert.Equal("attachment; filename=laboratory.csv; filename*=UTF-8''laboratory.csv", export.Content.Headers.ContentDisposition!.ToString());
        Assert.Contains(",Ferritin D1,44,", await export.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        foreach (string other in (string[])["Kiruthika", "Meena", "GH", "Cloud"])
        {
            using Visitor stranger = await portal.EnterAsync(other);
            using HttpResponseMessage refused = await stranger.GetAsync($"/doctor/appointments/{granted}/record/export?table=laboratory");
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
    }

    [Fact]
    public async Task Record_InABrowser_IsReadableInEveryViewAndFiltersByKeyboard()
    {
        using (Visitor visitor = await portal.EnterAsync("Kiruthika"))
        {
            await SealAsync(visitor, Header + string.Concat(Enumerable.Range(1, 9).Select(i => $"2026-0{i}-12T08:30+05:30,Potassium E1,{3.2 + (0.3 * i):0.0},mmol/L,3.5,5.1\n")), "e1.csv");
        }

        foreach (BrowserView view in BrowserView.All)
        {
            await using var person = new Person(await browser.OpenAsync(view), portal.Host.Address);
            (string name, string password, string? passphrase) = DemoPortal.CredentialsOf("Kiruthika");
            await person.SignInAsync(name, password, passphrase);
            await person.FollowAsync("Your track record");
            await person.FillAsync("Name contains", "Potassium E1");
            await person.Page.Keyboard.PressAsync("Enter");
            await person.Page.WaitForURLAsync("**/patient/record?what=*");
            Assert.Equal(1, await person.Page.Locator("svg.phr-chart").CountAsync());
            await person.Page.GetByText("The numbers as a table").ClickAsync();
            await person.SeesAsync("12 Sep 2026");
            await person.Window.RequireFitAsync();
            await person.Window.RequireAccessibleAsync();
            await person.Window.TakePictureAsync("portal-track-record");
            Assert.True(person.Window.Complaints.Count == 0, string.Join('\n', person.Window.Complaints));
        }
    }

    private static async Task SealAsync(Visitor visitor, string content, string name)
    {
        using HttpResponseMessage response = await visitor.UploadAsync(Encoding.UTF8.GetBytes(content), name);
        Assert.True(response.Headers.Location?.OriginalString == "/patient", Visitor.TextOf(await visitor.ReadAsync("/patient/upload")));
    }

    private static async Task<string[]> ExportAsync(Visitor visitor, string query)
    {
        using HttpResponseMessage response = await visitor.GetAsync($"/patient/record/export?{query}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/csv", response.Content.Headers.ContentType!.MediaType);
        return (await response.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
    }
}
