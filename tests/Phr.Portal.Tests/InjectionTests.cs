using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;

namespace Phr.Portal.Tests;

/// <summary>Markup, queries, formulas, mail headers and characters that cannot be seen: through every field of every form, through file names and through what is in files.</summary>
[Collection(nameof(HostilePortal))]
public sealed class InjectionTests(HostilePortal portal)
{
    // A form for a model's values has dozens of fields of one kind.
    private const int MostByThemselves = 14;

    private static readonly bool _isLong = Environment.GetEnvironmentVariable("PHR_TEST_LONG") == "1";

    [Fact]
    public async Task Fields_OfEveryFormOfEveryRole_TakeEverythingAndRunNothing()
    {
        await FillAsync();
        var faults = new List<string>();
        var sent = new Dictionary<string, int>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string[] everybody = ["nobody", "newcomer", .. HostilePortal.People, "Ravi"];
        foreach (string who in everybody)
        {
            using Visitor visitor = who switch { "nobody" => new Visitor(portal.Host), "newcomer" => (await portal.ComeAsync("guardian", "Newcomer")).Visitor, _ => await portal.EnterAsync(who) };
            Crawl crawl = await Crawl.RunAsync(visitor, who == "nobody" ? ["/", "/register/patient", "/register/doctor", "/sign-in/code", "/sign-in/recovery"] : ["/", "/account", "/account/codes", "/enrol", "/unlock", "/recover"]);
            List<PageForm> forms = [.. crawl.Forms];
            if (who == "Ravi")
            {
                // One that a page shows to whoever has found the patient.
                using HttpResponseMessage found = await visitor.SubmitAsync("/doctor/emergency", "find", new Dictionary<string, string> { ["Patient"] = "3", ["Name"] = "Kiruthika" });
                forms.AddRange(PageForm.ReadAll("/doctor/emergency", await found.Content.ReadAsStringAsync()).Where(f => f.Handler == "ask").Select(f => f with { Controls = [.. f.Controls, new FormControl("Known", "hidden", "yes")] }));
                Assert.Contains(forms, f => f.Handler == "ask" && f.Page == "/doctor/emergency");
            }

            // What everybody has, as the form of an account, is tried by the first, and by everybody in the long run.
            foreach (PageForm form in forms.Where(f => !f.IsMultipart && (!f.IsPost || f.Handler is not null) && (seen.Add(f.Shape) || _isLong)))
            {
                foreach ((string what, Func<FormControl, string?> fill) in FillingsOf(form))
                {
                    IReadOnlyList<KeyValuePair<string, string>> fields = form.Filled(fill);
                    using HttpResponseMessage answer = form.IsPost
                        ? await visitor.PostAsync(form.Action, fields)
                        : await visitor.GetAsync(form.Action.Split('?')[0] + "?" + string.Join('&', fields.Select(f => $"{Uri.EscapeDataString(f.Key)}={Uri.EscapeDataString(f.Value)}")));
                    sent[who] = sent.GetValueOrDefault(who) + 1;
                    string html = await answer.Content.ReadAsStringAsync();
                    if ((int)answer.StatusCode >= 500 || Hostile.FaultOf(html) is not null || Hostile.FaultOf($"{answer.Headers.Location}") is not null)
                    {
                        faults.Add($"{who}: {form.Shape}, {what}: {(int)answer.StatusCode} {Hostile.FaultOf(html)} {answer.Headers.Location}");
                    }
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults.Distinct().Take(40)));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", sent.Select(s => $"{s.Key} {s.Value}")));
        Assert.All(everybody, who => Assert.True(sent.GetValueOrDefault(who) > 0, $"{who} sent {sent.GetValueOrDefault(who)} forms"));
        await RequireNothingRunsAsync([]);
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

    // So that forms of every kind are there: a request to decide on, and a claim before each level.
    private async Task FillAsync()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        using Visitor hospital = await portal.EnterAsync("GH");
        using Visitor agency = await portal.EnterAsync("Health Authority");
        (int appointment, _) = await portal.UploadAsync(patient, 3, [0xFF, 0xD8, 0xFF, 0xE0, .. new byte[50]], "hostile.jpg");
        await SendAsync(doctor, "/doctor/requests", "ask", new Dictionary<string, string> { ["Chosen"] = $"{appointment}", ["Reason"] = "To be decided", ["Days"] = "1" });
        await portal.UploadAsync(patient, 3, [0xFF, 0xD8, 0xFF, 0xE0, .. new byte[50]], "to-be-asked.jpg");
        await HostilePortal.FileClaimsAsync(patient, new Dictionary<string, Visitor> { ["Nandhini"] = doctor, ["GH"] = hospital, ["Health Authority"] = agency });
    }

    private static async Task SendAsync(Visitor visitor, string page, string form, Dictionary<string, string> fields)
    {
        using HttpResponseMessage answer = await visitor.SubmitAsync(page, form, fields);
        Assert.True(answer.StatusCode == HttpStatusCode.Found, $"{page} {form}: {(int)answer.StatusCode} {Visitor.TextOf(await answer.Content.ReadAsStringAsync())}");
    }

    // Each text in all fields that people write into, and then each other field by itself, with plausible ones beside it.
    private static IEnumerable<(string What, Func<FormControl, string?> Fill)> FillingsOf(PageForm form)
    {
        IReadOnlyList<string> texts = _isLong ? [.. Hostile.Texts, .. Hostile.MoreTexts] : Hostile.Texts;
        bool isWritten = form.Controls.Any(c => c.IsWritten && c.Kind is not ("select" or "checkbox" or "radio" or "password"));
        foreach (string text in isWritten ? texts : [])
        {
            yield return ("everything written", c => Plausible(c) is { } fixedText ? fixedText : c.IsWritten && c.Kind is not ("select" or "checkbox" or "radio") ? text : null);
        }

        foreach (FormControl control in form.Controls.Where(c => c.Name != "__RequestVerificationToken" && c.Kind != "file").Take(_isLong ? int.MaxValue : MostByThemselves))
        {
            // Whoever tries a password again means it: each costs as much as a right one.
            foreach (string text in control.Kind == "password" ? texts.Take(4) : isWritten && control.IsWritten ? [Hostile.Line] : texts.Take(_isLong ? texts.Count : 5))
            {
                yield return (control.Name, c => c.Name == control.Name ? text : Plausible(c) ?? (c.IsWritten && c.Value.Length == 0 ? "12" : null));
            }
        }
    }

    // An address of one's own, so that something comes of it.
    private static string? Plausible(FormControl control) => control.Kind switch
    {
        "email" => $"{Guid.NewGuid():n}@demo.example",
        "password" => HostilePortal.Password,
        _ when control.Name == "Cause" => "1",
        _ => null,
    };

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
