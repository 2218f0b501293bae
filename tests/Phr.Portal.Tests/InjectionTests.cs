using System.Net;
using System.Text;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>Markup, queries, formulas, mail headers and characters that cannot be seen: through every field of every form, through file names and through what is in files.</summary>
[Collection(nameof(HostilePortal))]
public sealed class InjectionTests(HostilePortal portal, HostileWalk walk) : IClassFixture<HostileWalk>
{
    // No form shows it: the address says for which role somebody registers. It was sent beside the others all the same.
    private static readonly string[] _neverShown = ["Form.Role"];

    [Fact]
    public async Task Fields_OfEveryFormOfEveryRole_TakeEverythingAndRunNothing()
    {
        await walk.GoAsync();
        Assert.True(walk.Faults.Count == 0, string.Join('\n', walk.Faults.Distinct().Take(40)));
        TestContext.Current.TestOutputHelper?.WriteLine($"{walk.Forms} forms, each once for each role; {walk.Tried.Count} fields; {walk.Posts.Values.Sum()} sent: {string.Join(", ", walk.Posts.Select(s => $"{s.Key} {s.Value}"))}");
        Assert.All((string[])["nobody", "half signed in", "newcomer", "patient", "doctor", "guardian", "hospital", "agency", "insurer", "operator", "nobody of a new portal"], role => Assert.True(walk.Posts.GetValueOrDefault(role) > 4, $"{role} sent {walk.Posts.GetValueOrDefault(role)} forms"));
        await RequireNothingRunsAsync([]);
    }

    /// <summary>A new form fails this test until the walk comes to it.</summary>
    [Fact]
    public async Task Forms_OfAllPages_AreTriedInEachField()
    {
        await walk.GoAsync();
        Assert.True(walk.Lost.Count == 0, string.Join('\n', walk.Lost.Distinct().Take(40)));

        // By the pages' sources, the route table and what is bound to fields: none of them knows what the others know.
        List<RouteEndpoint> routes = [.. portal.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];
        Assert.Equal(
            routes.Where(IsPage).Select(r => "/" + r.RoutePattern.RawText!.TrimStart('/')).Distinct().Order(StringComparer.Ordinal),
            PortalSources.Pages.Select(p => p.Route).Order(StringComparer.Ordinal));
        Assert.True(PortalSources.Forms.Count >= 60, $"only {PortalSources.Forms.Count} forms were found");
        List<string> faults =
        [
            .. PortalSources.Forms.Where(source => !walk.Tried.Any(t => source.Is(t.Form))).Select(source => $"never tried: {source}"),
            .. walk.Tried.Select(t => t.Form).DistinctBy(f => f.Shape).Where(f => !PortalSources.Forms.Any(source => source.Is(f))).Select(f => $"in no source: {f.Shape}"),
            .. routes.Where(r => !IsPage(r) && r.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("POST") == true).Select(r => r.RoutePattern.RawText!).Where(r => !walk.Paths.Any(p => SourceForm.IsPath(r, p))).Select(r => $"nothing was sent to {r}"),
            .. from page in PortalSources.Pages
               from field in PortalSources.FieldsOf(page)
               where !walk.Tried.Any(t => t.Field == field && (t.IsShown || _neverShown.Contains(field)) && SourceForm.IsPath(page.Route, t.Form.Page))
               select $"never written into: {field} of {page.Route}",
        ];
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.True(PortalSources.Pages.Sum(page => PortalSources.FieldsOf(page).Count) > 70);

        static bool IsPage(RouteEndpoint route) => route.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;
    }

    [Fact]
    public async Task Story_ToldInHostileWords_IsShownAsWords()
    {
        const string Words = Hostile.Line;
        (Visitor doctor, int doctorId) = await portal.JoinAsync("doctor", Words, new Dictionary<string, string> { ["Form.Speciality"] = Words, ["Form.LicenceNumber"] = Words });
        (Visitor guardian, _) = await portal.JoinAsync("guardian", Words);
        (Visitor patient, int patientId) = await portal.JoinAsync("patient", Words, new Dictionary<string, string>
        {
            ["Form.PersonalDoctorId"] = $"{doctorId}", ["Form.Location"] = Words, ["Form.Speciality"] = Words, ["Form.InsuranceType"] = Words,
        });
        string quoted = $"\"{Words.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        string json = System.Text.Json.JsonSerializer.Serialize(Words);
        (byte[] File, string Name)[] files =
        [
            (Encoding.UTF8.GetBytes($"time,analyte,value,unit\n2026-01-12T08:30Z,{quoted},1,g/L\n2026-01-13T08:30Z,{quoted},2,g/L\n"), "=zq\"'><script>zq(1).csv"),
            (Encoding.UTF8.GetBytes("{\"resourceType\":\"Observation\",\"status\":\"final\",\"category\":[{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/observation-category\",\"code\":\"laboratory\"}]}],\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"2345-7\",\"display\":" + json + "}]},\"effectiveDateTime\":\"2026-11-20T08:30:00+05:30\",\"valueQuantity\":{\"value\":5.4,\"unit\":\"mmol/L\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"mmol/L\"}}"), "zq\u202Egnp.json"),
            (DicomFixture.Make(2, Words), "@zq<img src=x onerror=zq(1)>.dcm"),
            ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R', .. new byte[17], .. "\0\0\0\u0030tEXtComment\0"u8, .. Encoding.UTF8.GetBytes(Words), .. new byte[50]], "..\\..\\zq\r\nX-Header: zq.png"),
            ([.. "%PDF-1.7\n"u8, .. Encoding.UTF8.GetBytes(Words)], "' onfocus='zq(1).pdf"),
        ];
        int last = 0;
        foreach ((byte[] file, string name) in files)
        {
            (last, _) = await portal.UploadAsync(patient, patientId, file, name);
            await portal.GrantAsync(patient, doctor, last, Words);
        }

        await SendAsync(doctor, $"/doctor/appointments/{last}", "prescribe", new Dictionary<string, string> { ["Text"] = Words + "\r\n" + Words, ["Medicine"] = Words });
        string claim = await HostilePortal.FileClaimAsync(patient, last, Words);
        using Visitor hospital = await portal.EnterAsync("GH");
        using Visitor agency = await portal.EnterAsync("Health Authority");
        using Visitor insurer = await portal.EnterAsync("Asha Insurance");
        foreach ((Visitor who, string form, string decision) in ((Visitor, string, string)[])[(doctor, "decide", "approve"), (hospital, "decide", "approve"), (agency, "decide", "approve"), (insurer, "decide", "reject"), (patient, "appeal", string.Empty), (agency, "decide", "send back"), (insurer, "decide", "approve")])
        {
            await SendAsync(who, claim, form, new Dictionary<string, string> { ["Decision"] = decision, ["Paper"] = Words, ["Approved"] = "1.00" });
        }

        foreach (string table in (string[])["laboratory", "encounters", "access"])
        {
            string csv = await patient.ReadAsync($"/patient/record/export?table={table}");
            Assert.Contains("zq", csv, StringComparison.Ordinal);
            Assert.Null(Hostile.FormulaOf(csv));
            csv = await doctor.ReadAsync($"/doctor/appointments/{last}/record/export?table={table}");
            Assert.Null(Hostile.FormulaOf(csv));
        }

        // Who reads it reads what was written.
        Assert.Contains(Words + " " + Words, Visitor.TextOf(await patient.ReadAsync("/patient/prescriptions")), StringComparison.Ordinal);
        Assert.Contains(Words, Visitor.TextOf(await insurer.ReadAsync(claim)), StringComparison.Ordinal);
        await RequireNothingRunsAsync([doctor, guardian, patient]);
        doctor.Dispose();
        guardian.Dispose();
        patient.Dispose();
    }

    /// <summary>The fields that come before the file, as no page sends them.</summary>
    [Fact]
    public async Task Upload_FieldsOfAnotherKindBesideTheFile_AreNoErrors()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        string tooLong = new('z', 10_000);
        foreach ((string field, string text) in ((string, string)[])[("Once", Hostile.Line), ("Once", "zq\0"), ("Once", tooLong), ("GoOn", Hostile.Line), ("GoOn", string.Empty), ("InsuranceClaim", Hostile.Line), ("Unknown", Hostile.Line), ("Unknown", tooLong)])
        {
            var fields = new Dictionary<string, string>(await patient.HiddenAsync("/patient/upload")) { [field] = text };
            using HttpResponseMessage answer = await patient.UploadAsync([0xFF, 0xD8, 0xFF, 0xE0, .. new byte[50]], "fields.jpg", fields);
            Assert.True(answer.StatusCode == HttpStatusCode.Found, $"{field}: {(int)answer.StatusCode}");
            Assert.Equal(text == tooLong || field == "GoOn" ? "/patient/upload" : "/patient", answer.Headers.Location?.OriginalString);
        }

        foreach (string token in (string[])[Hostile.Line, "zq\0", string.Empty])
        {
            using HttpResponseMessage answer = await patient.UploadAsync([0xFF, 0xD8, 0xFF, 0xE0, .. new byte[50]], "fields.jpg", token);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("name\u0001")]
    [InlineData("name\r\nBcc: zq@zq.example")]
    [InlineData("zq\u202Egnp.exe")]
    [InlineData("zq\u2066hidden")]
    [InlineData("zq\u2028line")]
    [InlineData(" ")]
    public async Task Register_NameThatCannotBeSeen_IsRefusedInWords(string name)
    {
        using var visitor = new Visitor(portal.Host);
        string mail = $"{Guid.NewGuid():n}@demo.example";
        using HttpResponseMessage answer = await HostilePortal.RegisterAsync(visitor, "guardian", name, mail);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain("You are registered", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(await portal.ReadAsync(db => db.Users.AnyAsync(u => u.Email == mail)));
    }

    [Theory]
    [InlineData("கிருத்திகா")]
    [InlineData("ക്രിസ്ത്യൻ\u200D")]
    [InlineData("François O’Neill-Åström 2")]
    [InlineData("अनुष्का\u200Cदेवी")]
    public async Task Register_NamesOfManyScripts_AreTaken(string name)
    {
        using var visitor = new Visitor(portal.Host);
        using HttpResponseMessage answer = await HostilePortal.RegisterAsync(visitor, "guardian", name, $"{Guid.NewGuid():n}@demo.example");
        Assert.Contains("You are registered", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_ReasonOfAnyKind_IsTakenOrRefusedInWords()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        (int appointment, _) = await portal.UploadAsync(patient, 3, [0xFF, 0xD8, 0xFF, 0xE0, .. new byte[50]], "asked.jpg");
        foreach ((string reason, bool isTaken) in ((string, bool)[])[("Turned\u202Eround", false), ("With \U0001F642", false), (new string('z', 2001), false), ("Two lines,\r\nas a browser sends them,\tand a tab.", true)])
        {
            using HttpResponseMessage asked = await doctor.SubmitAsync("/doctor/requests", "ask", new Dictionary<string, string> { ["Chosen"] = $"{appointment}", ["Reason"] = reason, ["Days"] = "1" });
            Assert.Equal(isTaken ? HttpStatusCode.Found : HttpStatusCode.OK, asked.StatusCode);
            if (!isTaken)
            {
                Assert.Contains("class=\"fault\"", await asked.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }
    }

    private static async Task SendAsync(Visitor visitor, string page, string form, Dictionary<string, string> fields)
    {
        using HttpResponseMessage answer = await visitor.SubmitAsync(page, form, fields);
        Assert.True(answer.StatusCode == HttpStatusCode.Found, $"{page} {form}: {(int)answer.StatusCode} {Visitor.TextOf(await answer.Content.ReadAsStringAsync())}");
    }

    // Everybody looks everywhere, and at the mail.
    private async Task RequireNothingRunsAsync(IReadOnlyList<Visitor> others)
    {
        var faults = new List<string>();
        var everybody = new List<Visitor>(others);
        foreach (string who in HostilePortal.People)
        {
            everybody.Add(await portal.EnterAsync(who));
        }

        using var stranger = new Visitor(portal.Host);
        foreach (Visitor visitor in (Visitor[])[.. everybody, stranger])
        {
            Crawl crawl = await Crawl.RunAsync(visitor, "/", "/account", "/register/patient");
            faults.AddRange(crawl.Faults);
            faults.AddRange(crawl.Pages.Select(page => (page.Key, Fault: Hostile.FaultOf(page.Value) ?? Hostile.UnseenOf(page.Value))).Where(page => page.Fault is not null).Select(page => $"{page.Key}: {page.Fault}"));
        }

        foreach (OutgoingMail mail in await portal.ReadAsync(db => db.Outbox.AsNoTracking().ToListAsync()))
        {
            if (mail.Subject.Any(char.IsControl) || mail.Address.Any(char.IsControl) || mail.Body.Contains("\nBcc:", StringComparison.Ordinal) || mail.Body.Contains('\u202E', StringComparison.Ordinal))
            {
                faults.Add($"mail {mail.Id}");
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults.Distinct()));
        foreach (Visitor visitor in everybody.Skip(others.Count))
        {
            visitor.Dispose();
        }
    }
}
