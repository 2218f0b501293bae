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
        Assert.Equal(["U-ID", "U-Name", "Insurance Claim", "Upload"], labels);
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
        string[] row = RowsOf(page)[^1];
        Assert.Equal(["3", "Kiruthika", "No", "scan.jpg", "GH", "Cancer", "Nandhini", "Give Prescription"], row[..8]);
        Assert.True(row[8] is "Yes" or "No", row[8]);
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
        return [.. Regex.Matches(body, "<tr>.*?</tr>", RegexOptions.Singleline).Select(row => Regex.Matches(row.Value, "<td.*?</td>", RegexOptions.Singleline).Select(cell => Visitor.TextOf(cell.Value)).ToArray())];
    }
}
