using System.Net;
using System.Text.RegularExpressions;

namespace Phr.Portal.Tests;

/// <summary>The three screens, letter by letter.</summary>
public sealed class ScreenTests(DemoPortal portal)
{
    [Theory]
    [InlineData("/patient")]
    [InlineData("/patient/upload")]
    [InlineData("/patient/prescriptions")]
    [InlineData("/patient/insurance")]
    public async Task PatientsMenu_Labels_AreTheReferences(string page)
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        Assert.Equal(["HOME", "UPLOAD SCAN", "VIEW PRESCRIPTION", "VIEW INSURANCE", "LOGOUT"], MenuOf(await visitor.ReadAsync(page)));
    }

    [Fact]
    public async Task UploadScan_Fields_AreTheReferences()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        string page = await visitor.ReadAsync("/patient/upload");
        string[] labels = [.. Regex.Matches(page, "<label[^>]*>([^<]*)</label>").Select(m => m.Groups[1].Value)];
        Assert.Equal(["U-ID", "U-Name", "Upload", "Insurance Claim"], labels);
        Assert.Contains("value=\"3\"", page, StringComparison.Ordinal);
        Assert.Contains("value=\"Kiruthika\"", page, StringComparison.Ordinal);

        // Until a file is chosen, browsers say in their own words that none is.
        Assert.Single(Regex.Matches(page, "<input[^>]* type=\"file\"[^>]*>"));
    }

    [Fact]
    public async Task ViewPrescription_TableAndRow_AreTheReferences()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        string page = await visitor.ReadAsync("/patient/prescriptions");
        Assert.Equal(["U-ID", "U-Name", "Type of Insurance", "Disease", "Hospital Name", "Specialist", "Doctor", "Prescription", "Action"], HeadingsOf(page));
        Assert.Equal(["3", "Kiruthika", "No", "", "GH", "Cancer", "Nandhini", "Take the tablets regularly", "Sent Prescription"], RowsOf(page)[^1]);
    }

    [Fact]
    public async Task Appointments_TitleMenuTableAndRow_AreTheReferences()
    {
        using Visitor visitor = await portal.EnterAsync("Nandhini");
        string page = await visitor.ReadAsync("/doctor");
        Assert.Equal(["HOME", "REQUEST SEND", "VIEW INSURANCE DETAILS", "LOGOUT"], MenuOf(page));
        Assert.Contains("<h1>VIEW USER APPOINTMENT DETAILS!</h1>", page, StringComparison.Ordinal);
        Assert.Equal(["U-ID", "U-Name", "Type of Insurance", "Disease", "Hospital Name", "Specialist", "Doctor", "Request", "Give Prescription"], HeadingsOf(page));
        Assert.Contains(["3", "Kiruthika", "No", "scan.jpg", "GH", "Cancer", "Nandhini", "Give Prescription", "No"], RowsOf(page));

        // It is a picture, opened for her alone and for this look.
        string picture = Regex.Match(page, "<img class=\"thumb\" src=\"(/doctor/appointments/[0-9]+/documents/0)\" alt=\"scan.jpg\"").Groups[1].Value;
        using HttpResponseMessage scan = await visitor.GetAsync(picture);
        Assert.Equal("image/jpeg", scan.Content.Headers.ContentType!.MediaType);
        Assert.True(scan.Headers.CacheControl!.NoStore);
        using Visitor nobody = new(portal.Host);
        using HttpResponseMessage refused = await nobody.GetAsync(picture);
        Assert.Equal(HttpStatusCode.Found, refused.StatusCode);
    }

    [Fact]
    public async Task Appointments_PictureThatTheDoctorHasNotLookedAt_IsItsName()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        using (await patient.UploadAsync(ModuleWindows.Scan, "not-looked-at.png"))
        {
        }

        int appointment = await portal.AppointmentOfAsync(patient, "not-looked-at.png");
        string request = await DemoPortal.AskAsync(doctor, patient, appointment, "Not looked at");
        using (await patient.SubmitAsync("/patient", $"accept-{request}"))
        {
        }

        string link = string.Empty;
        await DemoPortal.UntilAsync(async () => (link = Regex.Match(await doctor.ReadAsync("/doctor"), $"<a href=\"/doctor/appointments/{appointment}\">.*?</a>", RegexOptions.Singleline).Value).Length > 0);
        Assert.Equal("not-looked-at.png", Visitor.TextOf(link));
        Assert.DoesNotContain("<img", link, StringComparison.Ordinal);

        // Once the doctor has looked, the ledger has it and the list the picture.
        await doctor.ReadAsync($"/doctor/appointments/{appointment}");
        await DemoPortal.UntilAsync(async () => (await doctor.ReadAsync("/doctor")).Contains($"src=\"/doctor/appointments/{appointment}/documents/0\" alt=\"not-looked-at.png\"", StringComparison.Ordinal));
    }

    private static string[] MenuOf(string page)
    {
        string menu = Regex.Match(page, "<nav class=\"menu\".*?</nav>", RegexOptions.Singleline).Value;
        return [.. Regex.Matches(menu, "<li.*?</li>", RegexOptions.Singleline).Select(m => Visitor.TextOf(m.Value))];
    }

    private static string[] HeadingsOf(string page) => [.. Regex.Matches(page, "<th scope=\"col\">([^<]*)</th>").Select(m => WebUtility.HtmlDecode(m.Groups[1].Value))];

    private static string[][] RowsOf(string page)
    {
        string body = Regex.Match(page, "<tbody>.*?</tbody>", RegexOptions.Singleline).Value;
        return [.. Regex.Matches(body, "<tr>.*?</tr>", RegexOptions.Singleline).Select(row => Regex.Matches(row.Value, "<td.*?</td>", RegexOptions.Singleline).Select(cell => Visitor.TextOf(Regex.Replace(cell.Value, "<img[^>]* alt=\"([^\"]*)\"[^>]*>", "$1"))).ToArray())];
    }
}
