using System.Net;
using System.Text.RegularExpressions;
using Phr.Crypto;
using Phr.Fhir;

namespace Phr.Portal.Tests;

/// <summary>Consents and claims as FHIR R4, for those who may see them and nobody else.</summary>
public sealed partial class FhirDownloadTests(DemoPortal portal)
{
    [Fact]
    public async Task Consent_ForPatientAndTrustees_IsTheGrant()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        string[] links = [.. ConsentPattern().Matches(await patient.ReadAsync("/patient")).Select(m => m.Value).Distinct()];
        ConsentDirective consent = FhirR4.ReadConsent(await DownloadAsync(patient, links[^1], "application/fhir+json"));
        Assert.True(consent.Identifier!.TryGetLedgerUrn(out LedgerUrn urn) && urn.TryGetRequest(out RequestId request) && links[^1].Contains($"{request}", StringComparison.Ordinal));
        Assert.Equal(("Kiruthika", "GH"), (consent.Patient.Display, consent.Custodians.Single().Display));
        Assert.Equal(ConsentRuling.Deny, consent.Root.Ruling);
        Assert.All(consent.Exceptions, e => Assert.Equal("Nandhini", e.Grantees.Single().Display));

        using Visitor guardian = await portal.EnterAsync("Meena");
        Assert.Equal(consent, FhirR4.ReadConsent(await DownloadAsync(guardian, links[^1], "application/fhir+json")));
        foreach (string stranger in (string[])["Nandhini", "Asha Insurance", "Cloud"])
        {
            using Visitor visitor = await portal.EnterAsync(stranger);
            using HttpResponseMessage refused = await visitor.GetAsync(links[^1]);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        using HttpResponseMessage unknown = await patient.GetAsync($"/requests/{new string('a', 64)}/consent");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task Claim_ForItsParties_IsTheLedgersClaimLevelByLevel()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        string page = await DemoClaim.FileAsync(patient, "A course of treatment", "1250", "JPY");
        Assert.Contains("1250 JPY", Visitor.TextOf(await patient.ReadAsync(page)), StringComparison.Ordinal);
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        using (await doctor.SubmitAsync(page, "decide", new Dictionary<string, string> { ["Decision"] = "approve" }))
        {
        }

        foreach (string party in (string[])["Kiruthika", "Nandhini", "GH"])
        {
            using Visitor visitor = await portal.EnterAsync(party);
            InsuranceClaim claim = FhirR4.ReadClaim(await DownloadAsync(visitor, $"{page}/fhir", "application/fhir+json"));
            Assert.Equal((1250m, "JPY"), (claim.Amount.Value, claim.Amount.Currency));
            Assert.Equal(("Kiruthika", "Nandhini", "GH", "Asha Insurance"), (claim.Patient.Display, claim.Doctor.Display, claim.Hospital!.Display, claim.Insurer.Display));
            byte[] lines = await DownloadAsync(visitor, $"{page}/answers", "application/fhir+ndjson");
            ClaimAnswer[] answers = [.. System.Text.Encoding.UTF8.GetString(lines).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => FhirR4.ReadClaimAnswer(System.Text.Encoding.UTF8.GetBytes(l)))];
            Assert.Equal([(1, ClaimOutcome.Partial), (2, ClaimOutcome.Queued)], answers.Select(a => (a.Level, a.Outcome)));
        }

        // It has not come to agency and insurer yet, and never comes to others.
        foreach ((string other, HttpStatusCode answer) in ((string, HttpStatusCode)[])[("Health Authority", HttpStatusCode.NotFound), ("Asha Insurance", HttpStatusCode.NotFound), ("Meena", HttpStatusCode.Forbidden), ("Cloud", HttpStatusCode.Forbidden)])
        {
            using Visitor visitor = await portal.EnterAsync(other);
            using HttpResponseMessage refused = await visitor.GetAsync($"{page}/fhir");
            Assert.Equal(answer, refused.StatusCode);
        }
    }

    /// <summary>A file that the browser keeps and does not show.</summary>
    internal static async Task<byte[]> DownloadAsync(Visitor visitor, string path, string mediaType)
    {
        using HttpResponseMessage response = await visitor.GetAsync(path);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {response.StatusCode}");
        Assert.Equal(mediaType, response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Contains("no-store", response.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        return await response.Content.ReadAsByteArrayAsync();
    }

    [GeneratedRegex("/requests/[0-9a-f]{64}/consent")]
    private static partial Regex ConsentPattern();
}
