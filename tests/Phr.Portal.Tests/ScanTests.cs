using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Phr.Records;

namespace Phr.Portal.Tests;

/// <summary>The doctor's scan viewer: by links and forms, and in a browser with its script.</summary>
public sealed class ScanTests(DemoPortal portal, ChromiumBrowser browser)
{
    [Fact]
    public async Task Viewer_DicomOfThreeFrames_ShowsEachFrameAndWindow()
    {
        using GrantedUpload upload = await GrantedUpload.MakeAsync(portal, DicomFixture.Make(3), "series.dcm");
        string view = $"{upload.Page}/documents/0/view";
        Assert.Contains($"href=\"{view}\"", await upload.Doctor.ReadAsync(upload.Page), StringComparison.Ordinal);
        string first = await upload.Doctor.ReadAsync(view);
        Assert.Contains("viewBox=\"0 0 12 8\"", first, StringComparison.Ordinal);
        string text = Visitor.TextOf(first);
        Assert.Contains("Frame 1 of 3", text, StringComparison.Ordinal);
        Assert.Contains("Muster, Erika", text, StringComparison.Ordinal);
        Assert.Contains("SOFT <i>PARTS", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<i>", first, StringComparison.Ordinal);
        Assert.Contains("name=\"level\" type=\"number\" step=\"any\" required value=\"150\"", first, StringComparison.Ordinal);
        Assert.DoesNotContain("Previous frame", first, StringComparison.Ordinal);

        string second = await upload.Doctor.ReadAsync(LinkOf(first, "Next frame"));
        string last = await upload.Doctor.ReadAsync(LinkOf(second, "Next frame"));
        Assert.DoesNotContain("Next frame", last, StringComparison.Ordinal);
        byte[][] frames = [await PictureOfAsync(upload, first), await PictureOfAsync(upload, second), await PictureOfAsync(upload, last)];
        DicomImage image = DicomFile.FromBytes(DicomFixture.Make(3)).GetImage();
        for (int i = 0; i < frames.Length; i++)
        {
            Assert.Equal(image.Render(i).ToPng(), frames[i]);
        }

        // A window that was typed, and what it becomes one step brighter: both the library's own.
        string narrow = await upload.Doctor.ReadAsync($"{view}?level=50&width=20&frame=2");
        Assert.Equal(image.Render(1, new DicomWindow { Center = 50, Width = 20 }).ToPng(), await PictureOfAsync(upload, narrow));
        string brighter = await upload.Doctor.ReadAsync(LinkOf(narrow, "Brighter"));
        Assert.Equal(image.Render(1, new DicomWindow { Center = 48, Width = 20 }).ToPng(), await PictureOfAsync(upload, brighter));
        string all = await upload.Doctor.ReadAsync(LinkOf(narrow, "everything"));
        Assert.Contains("Frame 2 of 3", Visitor.TextOf(all), StringComparison.Ordinal);
        Assert.DoesNotContain("level=50", Regex.Match(all, "<image[^>]*>").Value, StringComparison.Ordinal);

        // Nothing of it lies open on the disk. Locks are empty, and held.
        foreach (string file in Directory.EnumerateFiles(portal.Host.Folder, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] bytes = new byte[stream.Length];
            _ = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false);
            Assert.False(bytes.AsSpan().IndexOf("Muster^Erika"u8) >= 0 || bytes.AsSpan().IndexOf(frames[0].AsSpan(33)) >= 0, file);
        }
    }

    [Fact]
    public async Task Viewer_ZoomAndPanByLinks_StayInsideThePicture()
    {
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        string page = await doctor.ReadAsync("/doctor/appointments/1/documents/0/view");
        (double X, double Y, double Width, double Height) whole = BoxOf(page);
        string closer = await doctor.ReadAsync(LinkOf(page, "Closer"));
        Assert.Equal(whole.Width / 1.5, BoxOf(closer).Width, 0.01);
        string right = closer;
        for (int i = 0; i < 4; i++)
        {
            right = await doctor.ReadAsync(LinkOf(right, "Right"));
        }

        Assert.Equal(whole.Width, BoxOf(right).X + BoxOf(right).Width, 0.02);
        Assert.Equal(whole, BoxOf(await doctor.ReadAsync(LinkOf(right, "The whole"))));
        Assert.DoesNotContain("name=\"level\"", page, StringComparison.Ordinal);
        Assert.Contains("href=\"/doctor/appointments/1/documents/0\"", Regex.Match(page, "<image[^>]*>").Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?zoom=NaN&x=Infinity&y=-5&frame=x&level=1e999&width=-3")]
    [InlineData("?zoom=1e300&x=1e300&level=1e300&width=1e300")]
    [InlineData("?zoom=%3Cscript%3E&level=1,5&width=0")]
    public async Task Viewer_NonsenseInTheAddress_ShowsTheScan(string query)
    {
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        string page = await doctor.ReadAsync($"/doctor/appointments/1/documents/0/view{query}");
        (double x, double y, double width, double height) = BoxOf(page);
        Assert.True(x >= 0 && y >= 0 && width > 0 && height > 0, $"{x} {y} {width} {height}");
    }

    [Fact]
    public async Task Viewer_FramesThatAreNotThere_Are404()
    {
        using GrantedUpload upload = await GrantedUpload.MakeAsync(portal, DicomFixture.Make(2), "pair.dcm");
        foreach (string path in (string[])["/documents/0/view?frame=3", "/documents/0/frames/3", "/documents/0/frames/0", "/documents/1/frames/1", "/documents/1/view"])
        {
            using HttpResponseMessage response = await upload.Doctor.GetAsync(upload.Page + path);
            Assert.True(response.StatusCode == HttpStatusCode.NotFound, $"{path}: {response.StatusCode}");
        }

        // A JPEG has no frames, and a patient no doctor's room.
        using HttpResponseMessage picture = await upload.Doctor.GetAsync("/doctor/appointments/1/documents/0/frames/1");
        Assert.Equal(HttpStatusCode.NotFound, picture.StatusCode);
        using HttpResponseMessage patient = await upload.Patient.GetAsync($"{upload.Page}/documents/0/frames/1");
        Assert.Equal(HttpStatusCode.Forbidden, patient.StatusCode);
    }

    [Fact]
    public async Task Viewer_DamagedDicom_SaysSoAndOffersTheFile()
    {
        byte[] damaged = DicomFixture.Make(2);
        using GrantedUpload upload = await GrantedUpload.MakeAsync(portal, damaged[..^40], "cut.dcm");
        string page = await upload.Doctor.ReadAsync($"{upload.Page}/documents/0/view");
        Assert.Contains("cannot be shown", page, StringComparison.Ordinal);
        Assert.Contains("save the file", page, StringComparison.Ordinal);
        using HttpResponseMessage frame = await upload.Doctor.GetAsync($"{upload.Page}/documents/0/frames/1");
        Assert.Equal(HttpStatusCode.NotFound, frame.StatusCode);
        string appointment = await upload.Doctor.ReadAsync(upload.Page);
        Assert.Contains("This scan cannot be drawn", appointment, StringComparison.Ordinal);
        Assert.DoesNotContain("/documents/0/frames/1\"", appointment, StringComparison.Ordinal);
        using HttpResponseMessage file = await upload.Doctor.GetAsync($"{upload.Page}/documents/0");
        Assert.Equal("application/octet-stream", file.Content.Headers.ContentType!.MediaType);
        Assert.Equal(damaged[..^40], await file.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Viewer_InABrowser_DrawsZoomsAndTurnsFrames()
    {
        using GrantedUpload upload = await GrantedUpload.MakeAsync(portal, DicomFixture.Make(3), "browser.dcm");
        foreach (BrowserView view in BrowserView.All)
        {
            await using var doctor = new Person(await browser.OpenAsync(view), portal.Host.Address);
            (string name, string password, string? passphrase) = DemoPortal.CredentialsOf("Nandhini");
            await doctor.SignInAsync(name, password, passphrase);
            await doctor.GoAsync($"{upload.Page}/documents/0/view");
            Assert.True(await doctor.Page.Locator("#scan image").EvaluateAsync<bool>("async image => { const same = new Image(); same.src = image.getAttribute('href'); await same.decode(); return same.naturalWidth === 12; }"));
            await doctor.FollowAsync("Closer");
            Assert.Equal("2 1.333333 8 5.333333", await doctor.Page.Locator("#scan.movable").GetAttributeAsync("viewBox"));
            await doctor.FollowAsync("Next frame");
            await doctor.SeesAsync("Frame 2 of 3");
            Assert.Equal(8, BoxOf(await doctor.Page.ContentAsync()).Width, 0.01);
            await doctor.FillAsync("Level", "120");
            await doctor.FillAsync("Window", "40");
            await doctor.PressAsync("Show");
            await doctor.SeesAsync("Frame 2 of 3");
            Assert.Contains("level=120", doctor.Page.Url, StringComparison.Ordinal);
            Assert.Equal(8, BoxOf(await doctor.Page.ContentAsync()).Width, 0.01);
            await doctor.Window.RequireFitAsync();
            await doctor.Window.RequireAccessibleAsync();
            await doctor.Window.TakePictureAsync("portal-nandhini-viewer");
            Assert.True(doctor.Window.Complaints.Count == 0, string.Join('\n', doctor.Window.Complaints));
        }
    }

    [Fact]
    public async Task Viewer_InABrowser_LeadsFromDocumentToDocumentAndBack()
    {
        using GrantedUpload upload = await GrantedUpload.MakeAsync(portal, (DicomFixture.Make(1), "row-a.dcm"), ([.. "time,analyte,value,unit\n2026-01-12T08:30Z,Row,1,g/L\n"u8], "row-b.csv"), (ModuleWindows.Scan, "row-c.png"));
        await using var doctor = new Person(await browser.OpenAsync(), portal.Host.Address);
        await ModuleWindows.SignInAsync(doctor, "Nandhini");
        await doctor.GoAsync(upload.Page);
        await doctor.FollowAsync("Look at it closely");

        // The two scans, in the order in which the appointment has them; the table is none.
        string first = await doctor.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Level = 1 }).InnerTextAsync();
        string second = first == "row-a.dcm" ? "row-c.png" : "row-a.dcm";
        ILocator next = doctor.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Next document", Exact = true });
        ILocator previous = doctor.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Previous document", Exact = true });
        await Assertions.Expect(previous).ToHaveCountAsync(0);
        await next.ClickAsync();
        await doctor.HasHeadingAsync(second);
        await Assertions.Expect(next).ToHaveCountAsync(0);
        await doctor.Window.RequireFitAsync();
        await doctor.Window.RequireAccessibleAsync();
        await previous.ClickAsync();
        await doctor.HasHeadingAsync(first);
        Assert.Empty(doctor.Window.Complaints);
    }

    [Fact]
    public async Task Viewer_WheelAndDrag_ComeCloserAndMoveInsideThePicture()
    {
        using GrantedUpload upload = await GrantedUpload.MakeAsync(portal, DicomFixture.Make(2), "wheel.dcm");
        await using var doctor = new Person(await browser.OpenAsync(), portal.Host.Address);
        await ModuleWindows.SignInAsync(doctor, "Nandhini");
        await doctor.GoAsync($"{upload.Page}/documents/0/view");
        ILocator scan = doctor.Page.GetByRole(AriaRole.Img, new PageGetByRoleOptions { Name = "wheel.dcm, frame 1 of 2", Exact = true });
        await Assertions.Expect(scan).ToHaveAttributeAsync("viewBox", "0 0 12 8");
        await Assertions.Expect(scan).ToHaveClassAsync(new Regex("movable"));
        await scan.ScrollIntoViewIfNeededAsync();
        LocatorBoundingBoxResult box = (await scan.BoundingBoxAsync())!;
        (float x, float y) = (box.X + (box.Width / 2), box.Y + (box.Height / 2));
        await doctor.Page.Mouse.MoveAsync(x, y);

        // Two steps of the wheel, and what is in the middle stays there.
        await doctor.Page.Mouse.WheelAsync(0, -100);
        await doctor.Page.Mouse.WheelAsync(0, -100);
        await Assertions.Expect(scan).ToHaveAttributeAsync("viewBox", new Regex(" 8\\.333333 5\\.555556$"));
        (double X, double Y, double Width, double Height) closer = await BoxOfAsync(scan);
        Assert.Equal((12 - closer.Width) / 2, closer.X, 0.3);
        Assert.Equal((8 - closer.Height) / 2, closer.Y, 0.3);

        // Drawn by a tenth of its width to the left, it shows what is further right; drawn far, its edge.
        await doctor.Page.Mouse.DownAsync();
        await doctor.Page.Mouse.MoveAsync(x - (box.Width / 10), y, new MouseMoveOptions { Steps = 4 });
        await doctor.Page.Mouse.UpAsync();
        (double X, double Y, double Width, double Height) right = await BoxOfAsync(scan);
        Assert.Equal(closer.X + (closer.Width / 10), right.X, 0.3);
        Assert.Equal(closer.Y, right.Y, 0.3);
        await doctor.Page.Mouse.MoveAsync(x, y);
        Assert.Equal(right, await BoxOfAsync(scan));
        await doctor.Page.Mouse.DownAsync();
        await doctor.Page.Mouse.MoveAsync(x - (box.Width / 3), y - (box.Height / 3), new MouseMoveOptions { Steps = 4 });
        await doctor.Page.Mouse.UpAsync();
        (double X, double Y, double Width, double Height) corner = await BoxOfAsync(scan);
        Assert.Equal((12, 8), (Math.Round(corner.X + corner.Width, 4), Math.Round(corner.Y + corner.Height, 4)));

        // The next frame is looked at in the same place; and the wheel leads back to the whole.
        await doctor.FollowAsync("Next frame");
        await doctor.SeesAsync("Frame 2 of 2");
        ILocator other = doctor.Page.GetByRole(AriaRole.Img, new PageGetByRoleOptions { Name = "wheel.dcm, frame 2 of 2", Exact = true });
        (double X, double Y, double Width, double Height) there = await BoxOfAsync(other);
        Assert.Equal(corner.X, there.X, 0.01);
        Assert.Equal(corner.Width, there.Width, 0.01);
        await Assertions.Expect(other).ToHaveClassAsync(new Regex("movable"));
        await other.HoverAsync();
        for (int i = 0; i < 3; i++)
        {
            await doctor.Page.Mouse.WheelAsync(0, 100);
        }

        await Assertions.Expect(other).ToHaveAttributeAsync("viewBox", "0 0 12 8");
        Assert.Empty(doctor.Window.Complaints);
    }

    private static async Task<(double X, double Y, double Width, double Height)> BoxOfAsync(ILocator scan) => BoxOf($"viewBox=\"{await scan.GetAttributeAsync("viewBox")}\"");

    private static string LinkOf(string page, string label) =>
        WebUtility.HtmlDecode(Regex.Match(page, $"<a [^>]*href=\"([^\"]*)\"[^>]*>{Regex.Escape(label)}</a>") is { Success: true } found ? found.Groups[1].Value : throw new Xunit.Sdk.XunitException($"There is no link {label}."));

    private static (double X, double Y, double Width, double Height) BoxOf(string page)
    {
        double[] numbers = [.. Regex.Match(page, "viewBox=\"([^\"]*)\"").Groups[1].Value.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        return (numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    private static async Task<byte[]> PictureOfAsync(GrantedUpload upload, string page)
    {
        string address = WebUtility.HtmlDecode(Regex.Match(page, "<image[^>]*href=\"([^\"]*)\"").Groups[1].Value);
        using HttpResponseMessage response = await upload.Doctor.GetAsync(address);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("image/png", response.Content.Headers.ContentType!.MediaType);
        Assert.True(response.Headers.CacheControl!.NoStore);
        byte[] png = await response.Content.ReadAsByteArrayAsync();
        ImageHeader header = ImageHeader.FromBytes(png);
        Assert.Equal((DicomFixture.Columns, DicomFixture.Rows), (header.Width, header.Height));
        return png;
    }
}
