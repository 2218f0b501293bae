using System.Net;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Phr.Fhir;
using Medication = Phr.Fhir.Prescription;
using Row = Phr.Samples.Portal.Prescription;

namespace Phr.Portal.Tests;

/// <summary>A prescription's course: each step signed by whoever took it, in its order, and seen by both.</summary>
public sealed partial class PrescriptionTests(DemoPortal portal, ChromiumBrowser browser)
{
    private static readonly DateTimeOffset _start = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Course_SentReadDispensedRenewedWithdrawn_IsSignedAndSeenByBoth()
    {
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        int id = await PrescribeAsync(doctor, "One tablet in the morning\nwith water", "Tamoxifen 20 mg", "1");
        string patients = $"/patient/prescriptions/{id}", doctors = $"/doctor/prescriptions/{id}";

        // What is downloaded is what the doctor signed: both have the same bytes.
        byte[] signed = await FhirDownloadTests.DownloadAsync(patient, $"/prescriptions/{id}/fhir", "application/fhir+json");
        Assert.Equal(signed, await FhirDownloadTests.DownloadAsync(doctor, $"/prescriptions/{id}/fhir", "application/fhir+json"));
        Medication medication = FhirR4.ReadPrescription(signed);
        Assert.Equal(("Tamoxifen 20 mg", "One tablet in the morning\nwith water", 1, PrescriptionStatus.Active), (medication.Medicine.Text, medication.Dosage.ReplaceLineEndings("\n"), medication.Repeats, medication.Status));
        Assert.Equal(("Kiruthika", "Nandhini"), (medication.Patient.Display, medication.Prescriber.Display));
        Assert.Matches("Now: sent Issued .*, by Nandhini Sent .*, by Nandhini Read: not yet Dispensed: 0 of 2", Visitor.TextOf(await patient.ReadAsync(patients)));

        await PressAsync(patient, patients, "read");
        Assert.Matches("Now: read .*Read .*, by Kiruthika", Visitor.TextOf(await doctor.ReadAsync(doctors)));
        await PressAsync(patient, patients, "dispensed");
        Assert.Matches("Now: dispensed .*Dispensed .*, by Kiruthika Dispensed: 1 of 2", Visitor.TextOf(await doctor.ReadAsync(doctors)));
        await PressAsync(doctor, doctors, "dispensed");
        string dispensed = await patient.ReadAsync(patients);
        Assert.DoesNotContain("value=\"dispensed\"", dispensed, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"read\"", dispensed, StringComparison.Ordinal);
        Assert.Equal(PrescriptionStatus.Completed, (await MedicationAsync(patient, id)).Status);

        // The renewal names the one that it renews, and is of the same course.
        using HttpResponseMessage renewal = await doctor.SubmitAsync(doctors, "renew", new Dictionary<string, string> { ["Text"] = "One tablet in the evening", ["Medicine"] = "Tamoxifen 10 mg", ["Repeats"] = "0", ["ValidDays"] = "30" });
        Assert.True(renewal.StatusCode == HttpStatusCode.Found, Visitor.TextOf(await renewal.Content.ReadAsStringAsync()));
        int next = int.Parse(renewal.Headers.Location!.OriginalString.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture);
        Medication renewed = await MedicationAsync(patient, next);
        Assert.Equal((medication.Identifier, medication.Course, "One tablet in the evening"), (renewed.Renews, renewed.Course, renewed.Dosage));
        Assert.Contains("Now: renewed", Visitor.TextOf(await patient.ReadAsync(patients)), StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"renew\"", await doctor.ReadAsync(doctors), StringComparison.Ordinal);

        // Withdrawn with a reason, before anything was dispensed.
        using (HttpResponseMessage without = await doctor.SubmitAsync($"/doctor/prescriptions/{next}", "withdraw"))
        {
            Assert.Contains("Say why you withdraw it", await without.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using (HttpResponseMessage turned = await doctor.SubmitAsync($"/doctor/prescriptions/{next}", "withdraw", new Dictionary<string, string> { ["Note"] = "Take \u202E01" }))
        {
            Assert.Contains("The note has characters that cannot be seen", await turned.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using (HttpResponseMessage withdrawn = await doctor.SubmitAsync($"/doctor/prescriptions/{next}", "withdraw", new Dictionary<string, string> { ["Note"] = "Stop: <i>interaction</i>" }))
        {
            Assert.Equal(HttpStatusCode.Found, withdrawn.StatusCode);
        }

        string last = await patient.ReadAsync($"/patient/prescriptions/{next}");
        Assert.Contains("Now: withdrawn", Visitor.TextOf(last), StringComparison.Ordinal);
        Assert.Contains("Stop: &lt;i&gt;interaction&lt;/i&gt;", last, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"dispensed\"", last, StringComparison.Ordinal);
        Assert.Equal(PrescriptionStatus.Cancelled, (await MedicationAsync(doctor, next)).Status);
        string list = Visitor.TextOf(await patient.ReadAsync("/patient/prescriptions"));
        Assert.Matches("Level by level .*One tablet in the evening Now: withdrawn", list);
        Assert.Contains("See, renew or withdraw", await doctor.ReadAsync("/doctor/appointments/1"), StringComparison.Ordinal);

        foreach ((string who, string page) in new[] { ("Kiruthika", patients), ("Kiruthika", "/patient/prescriptions"), ("Nandhini", $"/doctor/prescriptions/{await PrescribeAsync(doctor, "Rest", "", "0")}") })
        {
            foreach (BrowserView view in (BrowserView[])[BrowserView.Desk, BrowserView.DarkTelephone])
            {
                await using var person = new Person(await browser.OpenAsync(view), portal.Host.Address);
                (string name, string password, string? passphrase) = DemoPortal.CredentialsOf(who);
                await person.SignInAsync(name, password, passphrase);
                await person.GoAsync(page);
                await person.SeesAsync("Now:");
                await person.Window.RequireFitAsync();
                await person.Window.RequireAccessibleAsync();
                await person.Window.TakePictureAsync($"portal-{who.ToLowerInvariant()}-{(page.Any(char.IsAsciiDigit) ? "prescription" : "prescriptions")}");
                Assert.True(person.Window.Complaints.Count == 0, string.Join('\n', person.Window.Complaints));
            }
        }
    }

    [Fact]
    public async Task Steps_LeftOutSwappedOrOfAnother_AreToldAndHideNoOther()
    {
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        int id = await PrescribeAsync(doctor, "Drops, twice a day", "", "2"), other = await PrescribeAsync(doctor, "An ointment", "", "2");
        string page = $"/patient/prescriptions/{id}";
        await PressAsync(patient, page, "read");
        await PressAsync(patient, page, "dispensed");
        await PressAsync(patient, $"/patient/prescriptions/{other}", "read");
        (string Fault, Func<PortalDb, Task> Change)[] changes =
        [
            ("left out", async db => db.Remove(await StepAsync(db, id, 2))),
            ("swapped", async db =>
            {
                PrescriptionStep a = await StepAsync(db, id, 2), b = await StepAsync(db, id, 3);
                (a.PatientObject, b.PatientObject, a.DoctorObject, b.DoctorObject) = (b.PatientObject, a.PatientObject, b.DoctorObject, a.DoctorObject);
            }),
            ("of another", async db =>
            {
                PrescriptionStep a = await StepAsync(db, id, 2), b = await StepAsync(db, other, 2);
                (a.PatientObject, a.DoctorObject) = (b.PatientObject, b.DoctorObject);
            }),
            ("by another", async db => (await StepAsync(db, id, 2)).ById = (await StepAsync(db, id, 1)).ById),
            ("not there", async db => (await StepAsync(db, id, 2)).PatientObject = new string('0', 64)),
            ("no digest", async db => (await StepAsync(db, id, 2)).PatientObject = "x"),
        ];
        foreach ((string fault, Func<PortalDb, Task> change) in changes)
        {
            await using AsyncServiceScope scope = portal.Host.Services.CreateAsyncScope();
            PortalDb db = scope.ServiceProvider.GetRequiredService<PortalDb>();
            PrescriptionStep[] before = await db.PrescriptionSteps.AsNoTracking().Where(s => s.PrescriptionId == id).ToArrayAsync(TestContext.Current.CancellationToken);
            await change(db);
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
            string read = Visitor.TextOf(await patient.ReadAsync(page));
            Assert.True(read.Contains("What happened with it is not known from the point that is shown.", StringComparison.Ordinal), $"{fault}: {read}");
            Assert.Contains("Drops, twice a day", read, StringComparison.Ordinal);
            Assert.DoesNotContain("I have got the medicine", read, StringComparison.Ordinal);
            Assert.Contains("An ointment", await patient.ReadAsync("/patient/prescriptions"), StringComparison.Ordinal);
            db.ChangeTracker.Clear();
            await db.PrescriptionSteps.Where(s => s.PrescriptionId == id).ExecuteDeleteAsync(TestContext.Current.CancellationToken);
            db.AddRange(before);
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        // A prescription in another's place is none of this one's either.
        await using (AsyncServiceScope scope = portal.Host.Services.CreateAsyncScope())
        {
            PortalDb db = scope.ServiceProvider.GetRequiredService<PortalDb>();
            Row row = await db.Prescriptions.SingleAsync(p => p.Id == id, TestContext.Current.CancellationToken);
            string kept = row.PatientObject;
            row.PatientObject = (await StepAsync(db, other, 1)).PatientObject;
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
            Assert.Contains("This prescription cannot be read.", await patient.ReadAsync("/patient/prescriptions"), StringComparison.Ordinal);
            using (HttpResponseMessage file = await patient.GetAsync($"/prescriptions/{id}/fhir"))
            {
                Assert.Equal(HttpStatusCode.NotFound, file.StatusCode);
            }

            row.PatientObject = kept;
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        Assert.Contains("Now: dispensed", Visitor.TextOf(await patient.ReadAsync(page)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prescription_OfStrangers_IsNotThere()
    {
        int id;
        await using (AsyncServiceScope scope = portal.Host.Services.CreateAsyncScope())
        {
            PortalDb db = scope.ServiceProvider.GetRequiredService<PortalDb>();
            Row first = await db.Prescriptions.AsNoTracking().OrderBy(p => p.Id).FirstAsync(TestContext.Current.CancellationToken);
            int guardian = (await db.Users.SingleAsync(u => u.DisplayName == "Meena", TestContext.Current.CancellationToken)).Id, hospital = (await db.Users.SingleAsync(u => u.DisplayName == "GH", TestContext.Current.CancellationToken)).Id;
            var strangers = new Row { AppointmentId = first.AppointmentId, PatientId = guardian, DoctorId = hospital, SentAt = first.SentAt, PatientObject = first.PatientObject, DoctorObject = first.DoctorObject };
            db.Prescriptions.Add(strangers);
            await db.SaveChangesAsync(TestContext.Current.CancellationToken);
            id = strangers.Id;
        }

        foreach ((string who, string path) in new[] { ("Kiruthika", $"/patient/prescriptions/{id}"), ("Nandhini", $"/doctor/prescriptions/{id}"), ("Kiruthika", $"/prescriptions/{id}/fhir"), ("Nandhini", $"/prescriptions/{id}/fhir") })
        {
            using Visitor visitor = await portal.EnterAsync(who);
            using HttpResponseMessage response = await visitor.GetAsync(path);
            Assert.True(response.StatusCode == HttpStatusCode.NotFound, $"{who} {path}: {response.StatusCode}");
        }

        await using (AsyncServiceScope scope = portal.Host.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<PortalDb>().Prescriptions.Where(p => p.Id == id).ExecuteDeleteAsync(TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("", "", "0", "90")]
    [InlineData("Tablets", "", "25", "90")]
    [InlineData("Tablets", "", "-1", "90")]
    [InlineData("Tablets", "", "many", "90")]
    [InlineData("Tablets", "", "0", "0")]
    [InlineData("Tablets", "", "0", "400")]
    [InlineData("Tab\u0007lets", "", "0", "90")]
    [InlineData("Tab\u202Elets", "", "0", "90")]
    public async Task Prescribe_ImpossibleText_SaysWhatIsWrong(string text, string medicine, string repeats, string days)
    {
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        using HttpResponseMessage response = await doctor.SubmitAsync("/doctor/appointments/1", "prescribe", new Dictionary<string, string> { ["Text"] = text, ["Medicine"] = medicine, ["Repeats"] = repeats, ["ValidDays"] = days });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("class=\"fault\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void Course_EveryLevel_FollowsFromStepsAndTime()
    {
        PrescriptionCourse issued = Course(1);
        DateTimeOffset soon = _start.AddDays(1), late = _start.AddDays(91);
        Assert.Equal((PrescriptionLevel.Issued, PrescriptionStatus.Active), (issued.LevelAt(soon), issued.StatusAt(soon)));
        Assert.False(issued.Allows(PrescriptionStepKind.Read, PrescriptionParty.Patient, soon));
        PrescriptionCourse sent = Then(issued, PrescriptionStepKind.Sent);
        Assert.Equal((PrescriptionLevel.Sent, PrescriptionLevel.Expired, PrescriptionStatus.Stopped), (sent.LevelAt(soon), sent.LevelAt(late), sent.StatusAt(late)));
        Assert.False(sent.Allows(PrescriptionStepKind.Sent, PrescriptionParty.Doctor, soon));
        Assert.False(sent.Allows(PrescriptionStepKind.Read, PrescriptionParty.Doctor, soon));
        Assert.False(sent.Allows(PrescriptionStepKind.Renewed, PrescriptionParty.Patient, soon));
        Assert.False(sent.Allows(PrescriptionStepKind.Withdrawn, PrescriptionParty.Patient, soon));
        Assert.False(sent.Allows(PrescriptionStepKind.Dispensed, PrescriptionParty.Patient, late));
        Assert.True(sent.Allows(PrescriptionStepKind.Renewed, PrescriptionParty.Doctor, late));
        PrescriptionCourse once = Then(sent, PrescriptionStepKind.Dispensed), twice = Then(once, PrescriptionStepKind.Dispensed);
        Assert.Equal((PrescriptionLevel.Dispensed, PrescriptionStatus.Active, PrescriptionLevel.Expired), (once.LevelAt(soon), once.StatusAt(soon), once.LevelAt(late)));
        Assert.Equal((PrescriptionLevel.Dispensed, PrescriptionStatus.Completed, PrescriptionLevel.Dispensed), (twice.LevelAt(soon), twice.StatusAt(soon), twice.LevelAt(late)));
        Assert.False(twice.Allows(PrescriptionStepKind.Dispensed, PrescriptionParty.Patient, soon));
        Assert.Equal((PrescriptionLevel.Withdrawn, PrescriptionStatus.Cancelled), (Then(sent, PrescriptionStepKind.Withdrawn).LevelAt(soon), Then(sent, PrescriptionStepKind.Withdrawn).StatusAt(soon)));
        Assert.Equal((PrescriptionLevel.Withdrawn, PrescriptionStatus.Stopped), (Then(once, PrescriptionStepKind.Withdrawn).LevelAt(late), Then(once, PrescriptionStepKind.Withdrawn).StatusAt(late)));
        PrescriptionCourse renewed = Then(once, PrescriptionStepKind.Renewed);
        Assert.Equal((PrescriptionLevel.Renewed, PrescriptionStatus.Stopped), (renewed.LevelAt(soon), renewed.StatusAt(soon)));
        Assert.All(Enum.GetValues<PrescriptionStepKind>().Where(k => k != PrescriptionStepKind.Read), k => Assert.False(renewed.Allows(k, PrescriptionParty.Doctor, soon)));
    }

    private static PrescriptionCourse Course(int repeats) => new(
        new Medication
        {
            Identifier = new FhirIdentifier { Value = "1" },
            Status = PrescriptionStatus.Active,
            Medicine = new FhirConcept { Text = "Tablets" },
            Patient = new FhirReference { Type = "Patient" },
            Prescriber = new FhirReference { Type = "Practitioner" },
            WrittenAt = _start,
            Dosage = "Daily",
            Repeats = repeats,
            ValidUntil = _start.AddDays(90),
        },
        []);

    private static PrescriptionCourse Then(PrescriptionCourse course, PrescriptionStepKind kind) => course with { Steps = [.. course.Steps, new PrescriptionStepView(kind, PrescriptionParty.Doctor, _start, null)] };

    private static Task<PrescriptionStep> StepAsync(PortalDb db, int prescription, int number) => db.PrescriptionSteps.SingleAsync(s => s.PrescriptionId == prescription && s.Number == number, TestContext.Current.CancellationToken);

    private static async Task<Medication> MedicationAsync(Visitor visitor, int id) => FhirR4.ReadPrescription(await FhirDownloadTests.DownloadAsync(visitor, $"/prescriptions/{id}/fhir", "application/fhir+json"));

    private static async Task PressAsync(Visitor visitor, string page, string form)
    {
        using HttpResponseMessage response = await visitor.SubmitAsync(page, form);
        Assert.True(response.StatusCode == HttpStatusCode.Found, $"{page} {form}: {Visitor.TextOf(await response.Content.ReadAsStringAsync())}");
    }

    private static async Task<int> PrescribeAsync(Visitor doctor, string text, string medicine, string repeats)
    {
        using HttpResponseMessage response = await doctor.SubmitAsync("/doctor/appointments/1", "prescribe", new Dictionary<string, string> { ["Text"] = text, ["Medicine"] = medicine, ["Repeats"] = repeats });
        Assert.True(response.StatusCode == HttpStatusCode.Found, Visitor.TextOf(await response.Content.ReadAsStringAsync()));
        return NumberPattern().Matches(await doctor.ReadAsync("/doctor/appointments/1")).Max(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("/doctor/prescriptions/(\\d+)\"")]
    private static partial Regex NumberPattern();
}
