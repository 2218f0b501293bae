using System.Net;
using System.Text;
using Phr.Ml;

namespace Phr.Portal.Tests;

/// <summary>What a model says of measurements that a patient granted.</summary>
public sealed class SuggestionTests(DemoPortal portal, ChromiumBrowser browser)
{
    private static readonly string[] _set = File.ReadAllLines(RepositoryRoot.Combine("samples", "Diagnosis", "data", "wdbc.csv"));

    [Fact]
    public async Task Suggestion_RowsOfTheSet_SaysProbabilityContributionsCohortAndCard()
    {
        // The set's first patient, and the same with a nucleus that nobody ever had; the label is not told.
        string[] columns = _set[0].Split(',');
        string[] odd = _set[1].Split(',');
        odd[Array.IndexOf(columns, "worst_area")] = "40000";
        byte[] file = Encoding.ASCII.GetBytes($"{WithoutLabel(_set[0])}\n{WithoutLabel(_set[1])}\n{WithoutLabel(string.Join(',', odd))}\n");
        using GrantedUpload upload = await GrantedUpload.MakeAsync(portal, file, "measurements.csv");
        string page = $"{upload.Page}/documents/0/suggestion";
        Assert.Contains($"href=\"{page}\"", await upload.Doctor.ReadAsync(upload.Page), StringComparison.Ordinal);
        string first = Visitor.TextOf(await upload.Doctor.ReadAsync(page));
        Assert.Matches("row 1 of 2\\..*Suggestion malignant Probability of malignant (9\\d\\.\\d|more than 99\\.9) %", first);
        Assert.Contains("Like the training data yes", first, StringComparison.Ordinal);
        Assert.Contains("Not for patients.", first, StringComparison.Ordinal);
        Assert.Matches("Cohort \\d+, \\d+ rows", first);
        Assert.Contains("ROC-AUC", first, StringComparison.Ordinal);
        Assert.All(columns[..^1], column => Assert.Contains(column.Replace('_', ' '), first, StringComparison.Ordinal));

        string second = Visitor.TextOf(await upload.Doctor.ReadAsync($"{page}?row=2"));
        Assert.Contains("Unlike the training data: do not rely on what follows.", second, StringComparison.Ordinal);
        Assert.Contains("worst area", second[..second.IndexOf("Probability", StringComparison.Ordinal)], StringComparison.Ordinal);

        foreach (string nonsense in (string[])["?row=3", "?row=0", "?row=-1", "?row=x", "?row=99999999999"])
        {
            using HttpResponseMessage response = await upload.Doctor.GetAsync(page + nonsense);
            Assert.True(response.StatusCode == HttpStatusCode.NotFound, $"{nonsense}: {response.StatusCode}");
        }

        foreach (BrowserView view in (BrowserView[])[BrowserView.Desk, BrowserView.DarkTelephone])
        {
            await using var doctor = new Person(await browser.OpenAsync(view), portal.Host.Address);
            (string name, string password, string? passphrase) = DemoPortal.CredentialsOf("Nandhini");
            await doctor.SignInAsync(name, password, passphrase);
            await doctor.GoAsync(upload.Page);
            await doctor.FollowAsync("Ask the model");
            await doctor.FollowAsync("Next row");
            await doctor.SeesAsync("do not rely on what follows");
            await doctor.Window.RequireFitAsync();
            await doctor.Window.RequireAccessibleAsync();
            Assert.Equal(1, await doctor.RequireChartsAsync());
            await doctor.Window.TakePictureAsync("portal-nandhini-suggestion");
            Assert.True(doctor.Window.Complaints.Count == 0, string.Join('\n', doctor.Window.Complaints));
        }
    }

    [Fact]
    public async Task Suggestion_FileThatDoesNotFit_SaysWhereAndTellsNoValue()
    {
        using GrantedUpload upload = await GrantedUpload.MakeAsync(portal, "potassium,mean_radius\n4.123456,17.99\n"u8.ToArray(), "other.csv");
        string page = Visitor.TextOf(await upload.Doctor.ReadAsync($"{upload.Page}/documents/0/suggestion"));
        Assert.Contains("The model cannot be asked about this file.", page, StringComparison.Ordinal);
        Assert.Contains("potassium", page, StringComparison.Ordinal);
        Assert.DoesNotContain("4.123456", page, StringComparison.Ordinal);

        // A picture is no measurements.
        using HttpResponseMessage picture = await upload.Doctor.GetAsync("/doctor/appointments/1/documents/0/suggestion");
        Assert.Equal(HttpStatusCode.NotFound, picture.StatusCode);
        using HttpResponseMessage patient = await upload.Patient.GetAsync($"{upload.Page}/documents/0/suggestion");
        Assert.Equal(HttpStatusCode.Forbidden, patient.StatusCode);
    }

    [Fact]
    public async Task Model_OfTheSettings_IsReadOrPlainlyMissing()
    {
        string file = Path.Combine(portal.Host.Folder, $"{Guid.NewGuid():n}.phrmodel");
        using var none = new DiagnosisModels(new PortalOptions());
        Assert.False(none.HasModel);
        Assert.Null(await none.FindAsync(TestContext.Current.CancellationToken));
        using var missing = new DiagnosisModels(new PortalOptions { Model = file });
        await Assert.ThrowsAsync<DeskException>(() => missing.FindAsync(TestContext.Current.CancellationToken));

        using var demo = new DiagnosisModels(new PortalOptions { Demo = true });
        DiagnosisModel trained = (await demo.FindAsync(TestContext.Current.CancellationToken))!;
        trained.Save(file);
        using var read = new DiagnosisModels(new PortalOptions { Model = file });
        Assert.Equal(trained.Digest, (await read.FindAsync(TestContext.Current.CancellationToken))!.Digest);
        await File.WriteAllBytesAsync(file, trained.ToBytes()[..^1], TestContext.Current.CancellationToken);
        using var cut = new DiagnosisModels(new PortalOptions { Model = file });
        await Assert.ThrowsAsync<DeskException>(() => cut.FindAsync(TestContext.Current.CancellationToken));
        File.Delete(file);
    }

    [Theory]
    [InlineData("name,value\n1,2", true)]
    [InlineData("mean_radius,\"mean texture\",area (mm/s)\r\n1,2,3", true)]
    [InlineData("name,age\nKiruthika,40", false)]
    [InlineData("name,value", false)]
    [InlineData("\r\n1,2", false)]
    [InlineData("<html>,<script>\n1,2", false)]
    [InlineData("#!/bin/sh,x\n1,2", false)]
    [InlineData("MZ this is a program", false)]
    [InlineData("MZ\0,program", false)]
    [InlineData(",a,b\n1,2,3", false)]
    [InlineData("1,2,3\n1,2,3", false)]
    [InlineData("\n", false)]
    [InlineData("{\"a\",1}\n1,2", false)]
    public void Kind_OfText_IsMeasurementsWithNamesAndNumbers(string text, bool isTable) =>
        Assert.Equal(isTable ? FileKind.Measurements : null, FileKind.Of(Encoding.UTF8.GetBytes(text))?.MediaType);

    private static string WithoutLabel(string line) => line[..line.LastIndexOf(',')];
}
