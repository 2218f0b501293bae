using System.Net;
using System.Text.RegularExpressions;
using Phr.Fhir;

namespace Phr.Portal.Tests;

/// <summary>Requests for several documents, refusals, and the patient's trustees.</summary>
public sealed class PatientRequestTests(DemoPortal portal)
{
    [Fact]
    public async Task Accept_OneOfTwoDocuments_GrantsThatOneOnly()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        int appointment = await portal.SealTwoAsync("kept-r1.png", "shown-r1.png");
        string request = await DemoPortal.AskAsync(doctor, patient, appointment, "Two letters R1");
        string home = await patient.ReadAsync("/patient");
        string card = Regex.Match(home, "<section class=\"card\">(?:(?!</section>).)*Two letters R1.*?</section>", RegexOptions.Singleline).Value;
        Assert.Contains("kept-r1.png, shown-r1.png", Visitor.TextOf(card), StringComparison.Ordinal);
        Assert.Contains("For treatment", Visitor.TextOf(card), StringComparison.Ordinal);
        string[] ids = [.. Regex.Matches(card, "name=\"Documents\" value=\"([0-9a-f]+)\"").Select(m => m.Groups[1].Value)];
        Assert.Equal(2, ids.Length);

        using (HttpResponseMessage none = await patient.SubmitAsync("/patient", $"accept-{request}"))
        {
            Assert.Contains("Choose at least one document", await none.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using (HttpResponseMessage foreign = await patient.SubmitAsync("/patient", $"accept-{request}", new Dictionary<string, string> { ["Documents"] = new('7', ids[0].Length) }))
        {
            Assert.Contains("was not asked for", await foreign.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using (HttpResponseMessage one = await patient.SubmitAsync("/patient", $"accept-{request}", new Dictionary<string, string> { ["Documents"] = ids[1] }))
        {
            Assert.Equal(HttpStatusCode.OK, one.StatusCode);
        }

        string page = string.Empty;
        await DemoPortal.UntilAsync(async () => (page = await doctor.ReadAsync($"/doctor/appointments/{appointment}")).Contains("shown-r1.png", StringComparison.Ordinal));
        Assert.DoesNotContain("kept-r1.png", page, StringComparison.Ordinal);
        ConsentDirective consent = FhirR4.ReadConsent(await FhirDownloadTests.DownloadAsync(patient, $"/requests/{request}/consent", "application/fhir+json"));
        Assert.Contains(ids[1], Assert.Single(Assert.Single(consent.Exceptions).Data).Reference.Identifier!.Value, StringComparison.Ordinal);
        string history = Visitor.TextOf(await patient.ReadAsync("/patient/record?what=Two+letters+R1"));
        Assert.Contains("Nandhini shown-r1.png treatment: Two letters R1", history, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuse_OpenRequest_EndsItForTheDoctor()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        int appointment = await portal.SealTwoAsync("kept-r1.png", "shown-r1.png");
        string request = await DemoPortal.AskAsync(doctor, patient, appointment, "Refuse me R2");
        using (HttpResponseMessage refused = await patient.SubmitAsync("/patient", $"refuse-{request}"))
        {
            Assert.Equal(HttpStatusCode.OK, refused.StatusCode);
        }

        Assert.Contains("refused by you", Visitor.TextOf(await patient.ReadAsync("/patient/record?what=Refuse+me+R2")), StringComparison.Ordinal);
        Assert.Contains("Over. What the patient uploaded is sealed", Visitor.TextOf(await doctor.ReadAsync($"/doctor/appointments/{appointment}")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trustees_OfThePatient_AreListedWithTheirState()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        string text = Visitor.TextOf(await patient.ReadAsync("/patient/trustees"));
        foreach (string trustee in (string[])["Meena guardian", "Arun guardian", "GH hospital", "Health Authority regulatory agency"])
        {
            Assert.Contains(trustee, text, StringComparison.Ordinal);
        }

        Assert.Contains("2 of these groups", text, StringComparison.Ordinal);
        Assert.Contains("guardians: 2 of 2", text, StringComparison.Ordinal);
    }
}
