using System.Net;
using System.Text;

namespace Phr.Portal.Tests;

/// <summary>Uploads that should not come in, and names that are no names.</summary>
public sealed class UploadTests(DemoPortal portal)
{
    private static readonly byte[] _png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R', .. new byte[200]];

    [Fact]
    public async Task Upload_ProgramNamedAsPicture_IsRefused()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        using HttpResponseMessage response = await visitor.UploadAsync(Encoding.ASCII.GetBytes("MZ this is a program"), "scan.png");
        Assert.Equal("/patient/upload", response.Headers.Location!.OriginalString);
        Assert.Contains("This kind of file is not taken", await visitor.ReadAsync("/patient/upload"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PK\u0003\u0004 an archive", "it is a ZIP archive")]
    [InlineData("GIF89a a picture", "it is a GIF picture")]
    [InlineData("<!doctype html><script>alert(1)</script>", "it is a web page")]
    [InlineData("{\"name\":\"no resource\"}", "it is JSON that is no FHIR resource")]
    [InlineData("name,age\nKiruthika,40\n", "without the columns of a laboratory")]
    public async Task Upload_WrongKind_SaysWhatItIsAndWhatToChoose(string content, string expected)
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        using HttpResponseMessage response = await visitor.UploadAsync(Encoding.UTF8.GetBytes(content), "wrong-kind.dcm");
        Assert.Equal("/patient/upload", response.Headers.Location!.OriginalString);
        string page = Visitor.TextOf(await visitor.ReadAsync("/patient/upload"));
        Assert.Contains(expected, page, StringComparison.Ordinal);
        Assert.Contains("Nothing was kept. Choose a PNG or JPEG picture", page, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-kind.dcm", await visitor.ReadAsync("/patient"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10, HttpStatusCode.Found)]
    [InlineData(30, HttpStatusCode.BadRequest)]
    [InlineData(3000, HttpStatusCode.BadRequest)]
    public async Task Upload_FieldsThatNoFormHas_AreNotCollectedWithoutEnd(int more, HttpStatusCode expected)
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        var fields = new Dictionary<string, string>(await visitor.HiddenAsync("/patient/upload"));
        foreach (int i in Enumerable.Range(0, more))
        {
            fields[$"more-{i}"] = "x";
        }

        using HttpResponseMessage response = await visitor.UploadAsync("no picture"u8.ToArray(), "fields.png", fields);
        Assert.Equal(expected, response.StatusCode);
        Assert.DoesNotContain("fields.png", await visitor.ReadAsync("/patient"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upload_EveryKind_IsTakenByItsContent()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        (byte[] Content, string Word)[] kinds =
        [
            (_png, "picture (PNG)"),
            ([0xFF, 0xD8, 0xFF, 0xE0, .. new byte[50]], "picture (JPEG)"),
            ([.. new byte[128], .. "DICM"u8, .. new byte[50]], "scan (DICOM)"),
            ([.. "time,analyte,value,unit\n2026-01-12T08:30Z,Kind,1,g/L\n"u8], "laboratory values (CSV)"),
            ([.. "{\"resourceType\":\"Patient\"}"u8], "health record (FHIR)"),
            ([.. "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"u8], "genetic variants (VCF)"),
            ([.. ">one\nACGT\n"u8], "genetic sequence (FASTA)"),
            ([.. "%PDF-1.7\n"u8], "letter (PDF)"),
        ];
        for (int i = 0; i < kinds.Length; i++)
        {
            using HttpResponseMessage response = await visitor.UploadAsync(kinds[i].Content, $"kind-{i}.exe");
            Assert.Equal("/patient", response.Headers.Location!.OriginalString);
        }

        string home = Visitor.TextOf(await visitor.ReadAsync("/patient"));
        for (int i = 0; i < kinds.Length; i++)
        {
            Assert.Contains($"kind-{i}.exe {kinds[i].Word} ", home, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Upload_TableWithFaults_SaysWhereAndKeepsNothing()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        using HttpResponseMessage response = await visitor.UploadAsync(Encoding.UTF8.GetBytes("time,analyte,value,unit\n2026-01-12,Sodium,1,g/L\n2026-01-12T08:30Z,Sodium,secret-value,g/L\n"), "faulty.csv");
        Assert.Equal("/patient/upload", response.Headers.Location!.OriginalString);
        string page = Visitor.TextOf(await visitor.ReadAsync("/patient/upload"));
        Assert.Contains("line 2, column time: a time with its zone is expected", page, StringComparison.Ordinal);
        Assert.Contains("line 3, column value: a number is expected", page, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-value", page, StringComparison.Ordinal);
        Assert.DoesNotContain("faulty.csv", await visitor.ReadAsync("/patient"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upload_Empty_IsRefused()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        using HttpResponseMessage response = await visitor.UploadAsync([], "scan.png");
        Assert.Equal("/patient/upload", response.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Upload_WrongToken_SealsNothing()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        using HttpResponseMessage response = await visitor.UploadAsync(_png, "forged.png", token: "not a token");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.DoesNotContain("forged.png", await visitor.ReadAsync("/patient"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upload_LargerThanAllowed_IsRefused()
    {
        await using PortalHost small = await PortalHost.StartAsync(demo: true, settings: new Dictionary<string, string> { ["Portal:LargestUpload"] = "100000" });
        using var visitor = new Visitor(small);
        await visitor.SignInAsync("kiruthika@demo.example", "kiruthika-password");
        await visitor.UnlockAsync("kiruthika opens the sealed box");
        using HttpResponseMessage response = await visitor.UploadAsync([.. _png, .. new byte[200_000]], "large.png");
        Assert.Equal("/patient/upload", response.Headers.Location!.OriginalString);
        Assert.Contains("too large", await visitor.ReadAsync("/patient/upload"), StringComparison.Ordinal);
        Assert.DoesNotContain("large.png", await visitor.ReadAsync("/patient"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upload_NameWithMarkupAndPath_IsShownAsText()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        using HttpResponseMessage response = await visitor.UploadAsync(_png, "..\\..\\<script>alert(1)<b>.png");
        Assert.Equal("/patient", response.Headers.Location!.OriginalString);
        string page = await visitor.ReadAsync("/patient");
        Assert.Contains("&lt;script&gt;alert(1)&lt;b&gt;.png", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upload_OwnDocument_ComesBackByteByByte()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        byte[] scan = await File.ReadAllBytesAsync(RepositoryRoot.Combine("samples", "FullFlow", "records", "scan.png"));
        using (HttpResponseMessage response = await visitor.UploadAsync(scan, "round.png"))
        {
            Assert.Equal("/patient", response.Headers.Location!.OriginalString);
        }

        string home = await visitor.ReadAsync("/patient");
        string upload = System.Text.RegularExpressions.Regex.Match(home, "href=\"(/patient/uploads/\\d+)\">round.png").Groups[1].Value;
        string document = System.Text.RegularExpressions.Regex.Match(await visitor.ReadAsync(upload), "href=\"(/patient/uploads/[^\"]+)\"").Groups[1].Value;
        using HttpResponseMessage opened = await visitor.GetAsync(document);
        Assert.Equal("image/png", opened.Content.Headers.ContentType!.MediaType);
        Assert.Equal(scan, await opened.Content.ReadAsByteArrayAsync());

        // Nobody else's.
        foreach (string other in (string[])["Nandhini", "GH", "Cloud"])
        {
            using Visitor stranger = await portal.EnterAsync(other);
            using HttpResponseMessage refused = await stranger.GetAsync(document);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
    }
}
