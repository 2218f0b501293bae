using System.Net;
using System.Text;
using Phr.Fhir;
using Phr.Ml;

namespace Phr.Portal.Tests;

/// <summary>A model asked about values from a form, and about a laboratory's FHIR observations.</summary>
public sealed class MeasurementFormTests(DemoPortal portal, ChromiumBrowser browser)
{
    private static readonly FeatureSchema _kidney = KnownSchemas.KidneyDisease.SchemaOf([]);
    private static readonly string[] _set = File.ReadAllLines(RepositoryRoot.Combine("samples", "Diagnosis", "data", "wdbc.csv"));

    [Fact]
    public void Fill_Observations_FillsWhatTheySayInTheModelsUnits()
    {
        MeasurementForm form = MeasurementForm.Fill(_kidney, [("blood.json", Reading(Observation("14682-9", "442", "umol/L"), Observation("718-7", "96", "g/L"), Observation("2093-3", "200", "mg/dL")))]);
        Assert.Empty(form.Notices);
        Assert.Equal(("4.99902", "9.6", "", ""), (Field(form, "sc").Text, Field(form, "hemo").Text, Field(form, "sod").Text, Field(form, "htn").Text));
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 8, 0, 0, TimeSpan.Zero), Field(form, "sc").MeasuredAt);
        Assert.Null(Field(form, "sod").MeasuredAt);
        Assert.True(form.IsSound);
        Assert.Equal(4.99902, form.ToRow()[_kidney.IndexOf("sc")], 1e-9);
    }

    [Fact]
    public void Fill_BadOnes_AreLeftOutAndToldWithoutTheirValues()
    {
        MeasurementForm form = MeasurementForm.Fill(
            _kidney,
            [
                ("blood.json", Reading(Observation("2160-0", "77777", "mg/dL"), Observation("2951-2", "138", "mmol/L"), Observation("718-7", "9.6", "g/dL", status: "preliminary"), Observation("2823-3", "4", "mmol/L", comparator: "<"))),
                ("two people.json", Reading(Observation("6690-2", "7.8", "10*3/uL"), Observation("4544-3", "40", "%", patient: "Patient/2"))),
            ]);
        Assert.Equal(("", "138", "", "", ""), (Field(form, "sc").Text, Field(form, "sod").Text, Field(form, "hemo").Text, Field(form, "pot").Text, Field(form, "wbcc").Text));
        Assert.Equal(3, form.Notices.Count);
        Assert.Contains(form.Notices, n => n.Contains("\"sc\"", StringComparison.Ordinal));
        Assert.Contains(form.Notices, n => n.Contains("\"pot\"", StringComparison.Ordinal));
        Assert.Contains(form.Notices, n => n.Contains("two people.json", StringComparison.Ordinal));
        Assert.DoesNotContain("77777", string.Join(' ', form.Notices), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EachKindOfFault_StandsAtItsField()
    {
        var texts = new Dictionary<string, string> { ["age"] = "200", ["al"] = "1.5", ["rbc"] = "maybe", ["sc"] = "1,2", ["sod"] = " 138 ", ["htn"] = "yes" };
        MeasurementForm form = MeasurementForm.Read(_kidney, i => texts.GetValueOrDefault(_kidney.Features[i].Name));
        Assert.Equal(["age", "al", "rbc", "sc"], form.Fields.Where(f => f.Fault is not null).Select(f => f.Feature.Name));
        Assert.Equal("This value is above the maximum of 120 a.", Field(form, "age").Fault);
        Assert.Equal("138", Field(form, "sod").Text);
        Assert.False(form.IsSound);
        Assert.False(MeasurementForm.Read(_kidney, _ => null).IsSound);
        Assert.Contains("from 0 to 120 a", Field(form, "age").Hint.ToLowerInvariant(), StringComparison.Ordinal);
        Assert.Contains("May stay empty.", Field(form, "age").Hint, StringComparison.Ordinal);
        FeatureSchema breast = KnownSchemas.BreastMass.SchemaOf([]);
        Assert.Contains("Needed.", MeasurementForm.Read(breast, _ => null).Fields[0].Hint, StringComparison.Ordinal);
        Assert.Equal("This value is needed.", MeasurementForm.Read(breast, _ => "").Fields[0].Fault);
    }

    [Fact]
    public async Task Page_ValuesOfTheSet_GiveTheAnswerOfTheFileAndFaultsAtTheirFields()
    {
        using GrantedUpload upload = await GrantedUpload.MakeAsync(portal, Encoding.ASCII.GetBytes($"{WithoutLabel(_set[0])}\n{WithoutLabel(_set[1])}\n"), "nuclei.csv");
        string page = $"{upload.Page}/suggestion";
        Assert.Contains($"href=\"{page}\"", await upload.Doctor.ReadAsync(upload.Page), StringComparison.Ordinal);
        string[] values = _set[1].Split(',')[..^1];
        Dictionary<string, string> fields = values.Select((v, i) => (v, i)).ToDictionary(p => $"v{p.i}", p => p.v);
        using (HttpResponseMessage answer = await upload.Doctor.SubmitAsync(page, "values", fields))
        {
            string said = Visitor.TextOf(await answer.Content.ReadAsStringAsync());
            string byFile = Visitor.TextOf(await upload.Doctor.ReadAsync($"{upload.Page}/documents/0/suggestion"));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(Between(byFile), Between(said));
        }

        fields["v0"] = "<b>wide</b>";
        fields["v3"] = "";
        using (HttpResponseMessage faulty = await upload.Doctor.SubmitAsync(page, "values", fields))
        {
            string html = await faulty.Content.ReadAsStringAsync();
            Assert.DoesNotContain("<b>wide</b>", html, StringComparison.Ordinal);
            string said = Visitor.TextOf(html);
            Assert.Contains("Some values cannot be used.", said, StringComparison.Ordinal);
            Assert.Contains("This value is not a number.", said, StringComparison.Ordinal);
            Assert.Contains("This value is needed.", said, StringComparison.Ordinal);
            Assert.DoesNotContain("Probability of", said, StringComparison.Ordinal);
        }

        // Nothing was granted of the first appointment's kind to a stranger, and a patient has no such room.
        using HttpResponseMessage patient = await upload.Patient.GetAsync(page);
        Assert.Equal(HttpStatusCode.Forbidden, patient.StatusCode);
        using HttpResponseMessage nobodys = await upload.Doctor.GetAsync("/doctor/appointments/99999/suggestion");
        Assert.Equal(HttpStatusCode.NotFound, nobodys.StatusCode);

        foreach (BrowserView view in (BrowserView[])[BrowserView.Desk, BrowserView.DarkTelephone])
        {
            await using var doctor = new Person(await browser.OpenAsync(view), portal.Host.Address);
            (string name, string password, string? passphrase) = DemoPortal.CredentialsOf("Nandhini");
            await doctor.SignInAsync(name, password, passphrase);
            await doctor.GoAsync(page);
            await doctor.SeesAsync("kept nowhere");
            await doctor.Window.RequireFitAsync();
            await doctor.Window.RequireAccessibleAsync();
            await doctor.Window.TakePictureAsync("portal-nandhini-values");
            Assert.True(doctor.Window.Complaints.Count == 0, string.Join('\n', doctor.Window.Complaints));
        }
    }

    private static string Between(string text) => text[text.IndexOf("Suggestion malignant", StringComparison.Ordinal)..text.IndexOf("The model's card", StringComparison.Ordinal)];

    private static string WithoutLabel(string line) => line[..line.LastIndexOf(',')];

    private static MeasurementField Field(MeasurementForm form, string name) => form.Fields.Single(f => f.Feature.Name == name);

    private static LaboratoryReading Reading(params string[] observations) => FhirR4.ReadLaboratory(Encoding.UTF8.GetBytes(
        $"{{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{string.Join(',', observations.Select(o => $"{{\"resource\":{o}}}"))}]}}"));

    private static string Observation(string loinc, string value, string unit, string status = "final", string patient = "Patient/1", string? comparator = null) =>
        $"{{\"resourceType\":\"Observation\",\"status\":\"{status}\",\"code\":{{\"coding\":[{{\"system\":\"http://loinc.org\",\"code\":\"{loinc}\"}}]}},\"subject\":{{\"reference\":\"{patient}\"}},"
        + $"\"effectiveDateTime\":\"2026-11-20T08:00:00Z\",\"valueQuantity\":{{\"value\":{value},{(comparator is null ? "" : $"\"comparator\":\"{comparator}\",")}\"unit\":\"{unit}\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"{unit}\"}}}}";
}
