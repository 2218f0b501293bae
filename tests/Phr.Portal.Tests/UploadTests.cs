using System.Net;
using System.Text;

namespace Phr.Portal.Tests;

/// <summary>Uploads that should not come in, and names that are no names.</summary>
public sealed class UploadTests(DemoPortal portal)
{
    private static readonly byte[] _png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, .. new byte[200]];

    [Fact]
    public async Task Upload_ProgramNamedAsPicture_IsRefused()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        using HttpResponseMessage response = await visitor.UploadAsync(Encoding.ASCII.GetBytes("MZ this is a program"), "scan.png");
        Assert.Equal("/patient/upload", response.Headers.Location!.OriginalString);
        Assert.Contains("This kind of file is not taken", await visitor.ReadAsync("/patient/upload"), StringComparison.Ordinal);
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
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
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
