using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;

namespace Phr.Portal.Tests;

/// <summary>An upload that is for an insurance claim leads to the claim's form, about this upload, whichever way it came in; and several files become the documents of one upload.</summary>
public sealed class UploadForClaimTests(DemoPortal portal)
{
    private const string What = "Now the claim: choose the insurer, write the amount and what it is for, and file it.";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whole_WithTheFieldBeforeOrAfterTheFile_LeadsToTheClaim(bool isAfter)
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        string name = $"claim-w{(isAfter ? 2 : 1)}.png";
        IReadOnlyDictionary<string, string> hidden = await patient.HiddenAsync("/patient/upload");
        using HttpResponseMessage answer = await SendAsync(patient, hidden, isAfter, "Yes", (ModuleWindows.Scan, name));
        await RequireClaimAsync(patient, answer.Headers.Location!.OriginalString, hidden["Once"], name);

        // The same form again: nothing is uploaded anew, and the way is the same.
        using HttpResponseMessage again = await SendAsync(patient, hidden, isAfter, "Yes", (ModuleWindows.Scan, name));
        Assert.Equal(answer.Headers.Location, again.Headers.Location);
        Assert.Equal(1, await portal.ReadRowAsync(db => db.Bundles.CountAsync(b => b.Once == hidden["Once"])));
    }

    [Fact]
    public async Task Whole_WithNo_LeadsToTheRecords()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        IReadOnlyDictionary<string, string> hidden = await patient.HiddenAsync("/patient/upload");
        using HttpResponseMessage answer = await SendAsync(patient, hidden, isAfter: true, "No", (ModuleWindows.Scan, "claim-w3.png"));
        Assert.Equal("/patient", answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Parts_BegunAndFinishedByTheScriptOrFromTheRecords_LeadToTheClaim()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        byte[] file = PartUpload.MakePicture(PartUpload.PartLength + 10, "claim in parts");
        PartUpload upload = await BeginAsync(patient, file, "claim-w4.png");
        await upload.SendAsync(0);
        await upload.SendAsync(1);
        string next = (await upload.FinishAsync()).Next!;
        await RequireClaimAsync(patient, next, upload.Once, "claim-w4.png");
        Assert.Equal(next, (await upload.FinishAsync()).Next);

        // It breaks off, and goes on by another page.
        PartUpload broken = await BeginAsync(patient, PartUpload.MakePicture(PartUpload.PartLength + 11, "broken"), "claim-w5.png");
        await broken.SendAsync(0);
        PartUpload rest = await PartUpload.OpenAsync(patient, broken.File, "claim-w5.png", $"/patient/upload?upload={broken.Once}");
        Assert.Equal([0], (await rest.BeginAsync(goOn: broken.Once)).Received);
        await rest.SendAsync(1);
        await RequireClaimAsync(patient, (await rest.FinishAsync()).Next!, broken.Once, "claim-w5.png");

        // All is here, and the page of the records finishes it.
        PartUpload left = await BeginAsync(patient, PartUpload.MakePicture(100, "left"), "claim-w6.png");
        await left.SendAsync(0);
        using HttpResponseMessage finished = await patient.SubmitAsync("/patient", $"finish-{left.Once}");
        await RequireClaimAsync(patient, finished.Headers.Location!.IsAbsoluteUri ? finished.Headers.Location.PathAndQuery : finished.Headers.Location.OriginalString, left.Once, "claim-w6.png");
    }

    [Fact]
    public async Task Files_SentTogether_AreTheDocumentsOfOneUpload()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        byte[] table = System.Text.Encoding.UTF8.GetBytes("time,analyte,value,unit\n2026-01-12T08:30+05:30,Potassium,4.2,mmol/L\n");
        IReadOnlyDictionary<string, string> hidden = await patient.HiddenAsync("/patient/upload");
        using (HttpResponseMessage answer = await SendAsync(patient, hidden, isAfter: true, "No", (ModuleWindows.Scan, "several-1.png"), (table, "several-2.csv"), (ModuleWindows.Scan, "several-3.png")))
        {
            Assert.Equal("/patient", answer.Headers.Location!.OriginalString);
        }

        string home = await patient.ReadAsync("/patient");
        Assert.Contains("Your 3 files are sealed and uploaded.", home, StringComparison.Ordinal);
        Assert.Contains("several-1.png , several-2.csv , several-3.png picture (PNG), laboratory values (CSV)", Visitor.TextOf(home), StringComparison.Ordinal);
        Assert.Equal(3, await portal.ReadRowAsync(db => db.Bundles.Where(b => b.Once == hidden["Once"]).Select(b => b.Documents).SingleAsync()));
        Assert.Equal(ModuleWindows.Scan, await PartUpload.OpenDocumentAsync(patient, "several-1.png"));
    }

    [Fact]
    public async Task Files_OneOfWhichIsNotTaken_AreAllRefusedByItsName()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        IReadOnlyDictionary<string, string> hidden = await patient.HiddenAsync("/patient/upload");
        using (HttpResponseMessage answer = await SendAsync(patient, hidden, isAfter: true, "No", (ModuleWindows.Scan, "sound.png"), ([.. "MZ a program"u8], "program.exe")))
        {
            Assert.Equal("/patient/upload", answer.Headers.Location!.OriginalString);
        }

        Assert.Contains("None of the files was kept, because of “program.exe”. This kind of file is not taken", Visitor.TextOf(await patient.ReadAsync("/patient/upload")), StringComparison.Ordinal);
        Assert.False(await portal.ReadRowAsync(db => db.Bundles.AnyAsync(b => b.Once == hidden["Once"])));

        hidden = await patient.HiddenAsync("/patient/upload");
        using (HttpResponseMessage tooMany = await SendAsync(patient, hidden, isAfter: true, "No", [.. Enumerable.Range(0, PatientDesk.MaxFiles + 1).Select(i => (PartUpload.MakePicture(40, "many"), $"many-{i}.png"))]))
        {
            Assert.Equal("/patient/upload", tooMany.Headers.Location!.OriginalString);
        }

        Assert.Contains($"One upload has at most {PatientDesk.MaxFiles} files", Visitor.TextOf(await patient.ReadAsync("/patient/upload")), StringComparison.Ordinal);
        Assert.False(await portal.ReadRowAsync(db => db.Bundles.AnyAsync(b => b.Once == hidden["Once"])));
    }

    private static async Task<PartUpload> BeginAsync(Visitor patient, byte[] file, string name)
    {
        PartUpload upload = await PartUpload.OpenAsync(patient, file, name);
        byte[] digests = [.. file.Chunk(PartUpload.PartLength).SelectMany(System.Security.Cryptography.SHA256.HashData)];
        await upload.BeginAsync(changed: new { once = upload.Once, name, length = file.LongLength, partLength = PartUpload.PartLength, forClaim = true, digests });
        return upload;
    }

    // The form of the claim, with what is to be done, and the treatment that the upload belongs to.
    private static async Task RequireClaimAsync(Visitor patient, string next, string once, string name)
    {
        Assert.Equal($"/patient/insurance?upload={once}", next);
        string page = await patient.ReadAsync(next);
        Assert.Contains(What, page, StringComparison.Ordinal);
        Assert.Contains(name, WebUtility.HtmlDecode(Regex.Match(page, "<select id=\"treatment\".*?<option[^>]* selected[^>]*>([^<]*)</option>.*?</select>", RegexOptions.Singleline).Groups[1].Value), StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> SendAsync(Visitor patient, IReadOnlyDictionary<string, string> hidden, bool isAfter, string claim, params (byte[] Bytes, string Name)[] files)
    {
        using var content = new MultipartFormDataContent();
        foreach ((string field, string value) in hidden)
        {
            content.Add(new StringContent(value), field);
        }

        if (!isAfter)
        {
            content.Add(new StringContent(claim), "InsuranceClaim");
        }

        foreach ((byte[] bytes, string name) in files)
        {
            var part = new ByteArrayContent(bytes);
            part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            content.Add(part, "File", name);
        }

        if (isAfter)
        {
            content.Add(new StringContent(claim), "InsuranceClaim");
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/patient/upload/file", UriKind.Relative)) { Content = content };
        return await patient.SendAsync(request);
    }
}
