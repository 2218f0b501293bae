using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.RegularExpressions;

namespace Phr.Portal.Tests;

/// <summary>Uploads in parts, step by step: order, overlap, strangers, locked keys, wrong files. What comes out is the file, byte for byte, once.</summary>
public sealed class PartUploadTests(DemoPortal portal)
{
    [Fact]
    public async Task Parts_OutOfOrderAndTwice_BecomeOneDocumentByteForByte()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        PartUpload upload = await PartUpload.OpenAsync(visitor, PartUpload.MakePicture((PartUpload.PartLength * 4) + 777, "order"), "order-p1.png");
        PartAnswer begun = await upload.BeginAsync();
        Assert.Equal((200, 0), (begun.Status, begun.Received.Count));
        foreach (int part in (int[])[0, 3, 1, 3, 4])
        {
            Assert.Equal(200, (await upload.SendAsync(part)).Status);
        }

        // One part is missing: it is said which are here.
        PartAnswer early = await upload.FinishAsync();
        Assert.Equal(409, early.Status);
        Assert.Equal([0, 1, 3, 4], early.Received);
        Assert.Contains("order-p1.png 256.8 KiB 80 % ", Visitor.TextOf(await visitor.ReadAsync("/patient")), StringComparison.Ordinal);

        Assert.Equal([0, 1, 2, 3, 4], (await upload.SendAsync(2)).Received);
        Assert.Equal("/patient", (await upload.FinishAsync()).Next);
        Assert.Contains("Your scan is sealed and uploaded.", await visitor.ReadAsync("/patient"), StringComparison.Ordinal);
        Assert.Equal(upload.File, await PartUpload.OpenDocumentAsync(visitor, "order-p1.png"));

        // Every step again: there is one document, and nothing unfinished.
        Assert.Equal("/patient", (await upload.FinishAsync()).Next);
        Assert.Equal("/patient", (await upload.BeginAsync()).Next);
        Assert.Equal(404, (await upload.SendAsync(1)).Status);
        using (HttpResponseMessage whole = await visitor.UploadAsync(upload.File, "order-p1.png", new Dictionary<string, string>(await visitor.HiddenAsync("/patient/upload")) { ["Once"] = upload.Once }))
        {
            Assert.Equal("/patient", whole.Headers.Location!.OriginalString);
        }

        string home = await visitor.ReadAsync("/patient");
        Assert.Single(Regex.Matches(home, ">order-p1.png</a>"));
        Assert.DoesNotContain($"discard-{upload.Once}", home, StringComparison.Ordinal);
        Assert.False(Directory.Exists(FolderOf(upload)));
    }

    [Fact]
    public async Task Part_NotWhatWasSaid_IsRefusedInWords()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        PartUpload upload = await PartUpload.OpenAsync(visitor, PartUpload.MakePicture((PartUpload.PartLength * 2) + 5, "damage"), "damage-p2.png");
        await upload.BeginAsync();
        PartAnswer early = await upload.SendAsync(1);
        Assert.Equal(409, early.Status);
        Assert.Contains("The first part comes first", early.Message, StringComparison.Ordinal);
        byte[] first = upload.File[..PartUpload.PartLength];
        byte[] altered = [.. first];
        altered[^1] ^= 1;
        foreach (byte[] other in (byte[][])[altered, first[..^1], [.. first, 0], [], upload.File])
        {
            PartAnswer refused = await upload.SendAsync(0, other);
            Assert.Equal(409, refused.Status);
            Assert.Contains("arrived damaged", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(200, (await upload.SendAsync(0)).Status);

        // Overlaps, and what lies beyond the end: the last part is five bytes.
        Assert.Equal(409, (await upload.SendAsync(2, upload.File[^9..])).Status);
        foreach (string beyond in (string[])["3", "2147483647", "-1", "99999999999", "one"])
        {
            PartAnswer refused = await upload.PostAsync($"/patient/upload-parts/{upload.Once}/{beyond}", new ByteArrayContent([1]));
            Assert.Equal(404, refused.Status);
        }

        PartAnswer large = await upload.SendAsync(1, new byte[(8 << 20) + 2]);
        Assert.Equal(413, large.Status);
        Assert.Equal([0], (await upload.FinishAsync()).Received);
        Assert.Equal(200, (await upload.DiscardAsync()).Status);
        Assert.Equal(404, (await upload.DiscardAsync()).Status);
        Assert.False(Directory.Exists(FolderOf(upload)));
    }

    [Fact]
    public async Task Begin_WhatCannotBe_IsRefusedInWords()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        PartUpload upload = await PartUpload.OpenAsync(visitor, PartUpload.MakePicture(5000, "begin"), "begin-p3.png");
        byte[] digest = new byte[32];
        const int Part = PartUpload.PartLength;
        (object Plan, int Status, string Words)[] wrong =
        [
            (new { once = upload.Once, name = "a.png", length = 0L, partLength = Part, digests = Array.Empty<byte>() }, 409, "empty"),
            (new { once = upload.Once, name = "a.png", length = 3L << 30, partLength = Part, digests = digest }, 413, "too large: one has at most 2.0 GiB"),
            (new { once = upload.Once, name = "a.png", length = -1L, partLength = Part, digests = digest }, 409, "empty"),
            (new { once = upload.Once, name = "a.png", length = 5000L, partLength = Part, digests = new byte[64] }, 409, "Load it again"),
            (new { once = upload.Once, name = "a.png", length = 5000L, partLength = 1, digests = digest }, 409, "Load it again"),
            (new { once = upload.Once, name = "a.png", length = 5000L, partLength = 0, digests = digest }, 409, "Load it again"),
            (new { once = upload.Once, name = "a.png", length = 5000L, partLength = -Part, digests = digest }, 409, "Load it again"),
            (new { once = "../../../etc/passwd", name = "a.png", length = 5000L, partLength = Part, digests = digest }, 409, "Load it again"),
            (new { once = upload.Once.ToUpperInvariant() + "A", name = "a.png", length = 5000L, partLength = Part, digests = digest }, 409, "Load it again"),
            (new { once = upload.Once, name = new string('a', 2000), length = 5000L, partLength = Part, digests = digest }, 409, "Load it again"),
            (new { once = upload.Once, length = 5000L, partLength = Part, digests = digest }, 409, "Load it again"),
            (new { once = upload.Once, goOn = new string('7', 32), name = "a.png", length = 5000L, partLength = Part, digests = digest }, 404, "not there any more"),
            (new { length = "much" }, 400, "damaged"),
            (new { digests = "%%%" }, 400, "damaged"),
        ];
        foreach ((object plan, int status, string words) in wrong)
        {
            PartAnswer refused = await upload.BeginAsync(changed: plan);
            Assert.True(refused.Status == status && refused.Message!.Contains(words, StringComparison.Ordinal), $"{System.Text.Json.JsonSerializer.Serialize(plan)}: {refused}");
        }

        Assert.Equal(400, (await upload.PostAsync("/patient/upload/begin", new StringContent("<xml>"))).Status);
        Assert.Equal(400, (await upload.PostAsync("/patient/upload/begin", new StringContent("null"))).Status);
        Assert.Equal(400, (await upload.PostAsync("/patient/upload/begin", JsonContent.Create(new { }), token: "not a token")).Status);
        Assert.DoesNotContain("begin-p3.png", await visitor.ReadAsync("/patient"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MZ this is a program", "This kind of file is not taken", false)]
    [InlineData("<!doctype html><script>alert(1)</script>", "it is a web page", false)]
    [InlineData("time,analyte,value,unit\n2026-01-12,Sodium,1,g/L\n", "line 2, column time", true)]
    public async Task Upload_WrongByContent_KeepsNothing(string content, string words, bool onlyAtTheEnd)
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        PartUpload upload = await PartUpload.OpenAsync(visitor, Encoding.UTF8.GetBytes(content), "wrong-p4.png");
        await upload.BeginAsync();
        PartAnswer first = await upload.SendAsync(0);
        Assert.Equal(onlyAtTheEnd ? 200 : 415, first.Status);
        PartAnswer refused = onlyAtTheEnd ? await upload.FinishAsync() : first;
        Assert.Equal(415, refused.Status);
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-p4.png", await visitor.ReadAsync("/patient"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(FolderOf(upload)));
        Assert.Equal(404, (await upload.FinishAsync()).Status);
    }

    [Fact]
    public async Task Upload_FromTwoTabs_BecomesOneDocument()
    {
        using Visitor one = await portal.EnterAsync("Kiruthika");
        using Visitor two = await portal.EnterAsync("Kiruthika");
        byte[] file = PartUpload.MakePicture(PartUpload.PartLength * 6, "tabs");
        PartUpload left = await PartUpload.OpenAsync(one, file, "tabs-p5.png");
        PartUpload right = await PartUpload.OpenAsync(two, file, "tabs-p5.png");
        await left.BeginAsync();
        await left.SendAsync(0);
        PartAnswer found = await right.BeginAsync();
        Assert.Equal(left.Once, right.Once);
        Assert.Equal([0], found.Received);
        PartAnswer[] sent = await Task.WhenAll(Enumerable.Range(1, 5).SelectMany(part => (Task<PartAnswer>[])[left.SendAsync(part), right.SendAsync(part)]));
        Assert.All(sent, answer => Assert.Equal(200, answer.Status));
        PartAnswer[] finished = await Task.WhenAll(left.FinishAsync(), right.FinishAsync());
        Assert.All(finished, answer => Assert.Equal("/patient", answer.Next));
        Assert.Single(Regex.Matches(await one.ReadAsync("/patient"), ">tabs-p5.png</a>"));
        Assert.Equal(file, await PartUpload.OpenDocumentAsync(two, "tabs-p5.png"));
    }

    [Fact]
    public async Task Form_SentTwiceAtOnce_UploadsOnce()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        IReadOnlyDictionary<string, string> fields = await visitor.HiddenAsync("/patient/upload");
        byte[] file = PartUpload.MakePicture(300_000, "twice");
        HttpResponseMessage[] both = await Task.WhenAll(visitor.UploadAsync(file, "twice-p6.png", fields), visitor.UploadAsync(file, "twice-p6.png", fields));
        foreach (HttpResponseMessage response in both)
        {
            Assert.Equal("/patient", response.Headers.Location!.OriginalString);
            response.Dispose();
        }

        Assert.Single(Regex.Matches(await visitor.ReadAsync("/patient"), ">twice-p6.png</a>"));

        // Another form is another upload, also of the same file; and a number that is none counts for nothing.
        foreach (string once in (string[])[Guid.NewGuid().ToString("n"), "' OR 1=1 --", "' OR 1=1 --"])
        {
            using HttpResponseMessage again = await visitor.UploadAsync(file, "twice-p6.png", new Dictionary<string, string>(fields) { ["Once"] = once });
            Assert.Equal("/patient", again.Headers.Location!.OriginalString);
        }

        Assert.Equal(4, Regex.Matches(await visitor.ReadAsync("/patient"), ">twice-p6.png</a>").Count);
    }

    [Fact]
    public async Task Unfinished_AnotherFile_IsRefusedAndTheSameOneGoesOn()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        byte[] file = PartUpload.MakePicture(PartUpload.PartLength * 3, "go on");
        PartUpload upload = await PartUpload.OpenAsync(visitor, file, "goes-on-p7.png");
        await upload.BeginAsync();
        await upload.SendAsync(0);
        string page = $"/patient/upload?upload={upload.Once}";
        Assert.Contains($"href=\"{page}\"", await visitor.ReadAsync("/patient"), StringComparison.Ordinal);
        Assert.Contains("Of goes-on-p7.png , with 192.0 KiB, 33 % came in.", Visitor.TextOf(await visitor.ReadAsync(page)), StringComparison.Ordinal);

        // As long, the same name, and the same beginning: another file all the same.
        byte[] almost = [.. file];
        almost[^1] ^= 1;
        PartUpload other = await PartUpload.OpenAsync(visitor, almost, "goes-on-p7.png", page);
        PartAnswer refused = await other.BeginAsync(goOn: upload.Once);
        Assert.Equal(409, refused.Status);
        Assert.Contains("another file than the one that was begun: that was goes-on-p7.png, with 192.0 KiB", refused.Message, StringComparison.Ordinal);

        // Without its script the page cannot go on, and says what to do.
        using (HttpResponseMessage plain = await visitor.UploadAsync(file, "goes-on-p7.png", await visitor.HiddenAsync(page)))
        {
            Assert.Equal("/patient/upload", plain.Headers.Location!.OriginalString);
        }

        Assert.Contains("needs a script in your browser", await visitor.ReadAsync("/patient/upload"), StringComparison.Ordinal);

        // The same bytes under another name are the same file.
        PartUpload same = await PartUpload.OpenAsync(visitor, file, "renamed.png", page);
        Assert.Equal([0], (await same.BeginAsync(goOn: upload.Once)).Received);
        await same.SendAsync(1);
        await same.SendAsync(2);

        // Everything is here: the page of records can finish it, without the file and without a script.
        using (HttpResponseMessage finished = await visitor.SubmitAsync("/patient", $"finish-{upload.Once}"))
        {
            Assert.Equal(HttpStatusCode.Found, finished.StatusCode);
        }

        Assert.Equal(file, await PartUpload.OpenDocumentAsync(visitor, "goes-on-p7.png"));
        using HttpResponseMessage gone = await visitor.GetAsync(page);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Unfinished_DiscardedOnThePage_IsGone()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        PartUpload upload = await PartUpload.OpenAsync(visitor, PartUpload.MakePicture(PartUpload.PartLength * 2, "discard"), "discard-p8.png");
        await upload.BeginAsync();
        await upload.SendAsync(0);
        Assert.NotEmpty(Directory.GetFiles(FolderOf(upload)));
        using (HttpResponseMessage discarded = await visitor.SubmitAsync("/patient", $"discard-{upload.Once}"))
        {
            Assert.Equal(HttpStatusCode.Found, discarded.StatusCode);
        }

        Assert.Contains("The unfinished upload is discarded.", await visitor.ReadAsync("/patient"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(FolderOf(upload)));
        Assert.DoesNotContain(Directory.GetFiles(portal.Host.Folder, "*@secret", SearchOption.AllDirectories), file => file.Contains(upload.Once, StringComparison.Ordinal));
        Assert.Equal(404, (await upload.SendAsync(1)).Status);
    }

    [Fact]
    public async Task Part_ThatCannotBePutDown_IsToldAndComesAgain()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        PartUpload upload = await PartUpload.OpenAsync(visitor, PartUpload.MakePicture(PartUpload.PartLength * 2, "full disk"), "full-disk-p12.png");
        await upload.BeginAsync();

        // Something else in the folder's place: the disk refuses, as a full one does.
        Directory.CreateDirectory(Path.GetDirectoryName(FolderOf(upload))!);
        await File.WriteAllTextAsync(FolderOf(upload), "no folder");
        PartAnswer refused = await upload.SendAsync(0);
        Assert.Equal(507, refused.Status);
        Assert.Contains("its disk may be full", refused.Message, StringComparison.Ordinal);
        File.Delete(FolderOf(upload));
        Assert.Equal([0], (await upload.SendAsync(0)).Received);
        Assert.Equal([0, 1], (await upload.SendAsync(1)).Received);
        Assert.Equal("/patient", (await upload.FinishAsync()).Next);
        Assert.Equal(upload.File, await PartUpload.OpenDocumentAsync(visitor, "full-disk-p12.png"));
    }

    [Fact]
    public async Task Unfinished_SomebodyElses_IsNotThere()
    {
        using Visitor kiruthika = await portal.EnterAsync("Kiruthika");
        PartUpload upload = await PartUpload.OpenAsync(kiruthika, PartUpload.MakePicture(PartUpload.PartLength * 2, "strangers"), "strangers-p9.png");
        await upload.BeginAsync();
        await upload.SendAsync(0);
        using Visitor priya = await EnterNewPatientAsync();
        IReadOnlyDictionary<string, string> hidden = await priya.HiddenAsync("/patient/upload");
        PartUpload hers = await PartUpload.OpenAsync(priya, upload.File, "strangers-p9.png");
        foreach (string path in (string[])["1", "finish", "discard"])
        {
            Assert.Equal(404, (await hers.PostAsync($"/patient/upload-parts/{upload.Once}/{path}", new ByteArrayContent(upload.File[PartUpload.PartLength..]))).Status);
        }

        Assert.Equal(404, (await hers.BeginAsync(goOn: upload.Once)).Status);
        using (HttpResponseMessage page = await priya.GetAsync($"/patient/upload?upload={upload.Once}"))
        {
            Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        }

        // The same file, and the same number even: an upload of her own, of which nothing is here.
        PartAnswer own = await hers.BeginAsync(changed: new { once = upload.Once, name = "mine.png", length = upload.File.LongLength, partLength = PartUpload.PartLength, digests = (byte[])[.. upload.File.Chunk(PartUpload.PartLength).SelectMany(System.Security.Cryptography.SHA256.HashData)] });
        Assert.Equal((200, 0), (own.Status, own.Received.Count));
        Assert.Contains("strangers-p9.png", await kiruthika.ReadAsync("/patient"), StringComparison.Ordinal);

        // Doctors and operators do not even come to the door.
        foreach (string name in (string[])["Nandhini", "Cloud"])
        {
            using Visitor stranger = await portal.EnterAsync(name);
            using HttpRequestMessage request = upload.Request($"/patient/upload-parts/{upload.Once}/1", new ByteArrayContent([1]));
            using HttpResponseMessage refused = await stranger.SendAsync(request);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        Assert.Equal(200, (await upload.SendAsync(1)).Status);
        Assert.Equal("/patient", (await upload.FinishAsync()).Next);
    }

    [Fact]
    public async Task Part_LockedKeysAndEndedSession_GoesOnAfterUnlocking()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        PartUpload upload = await PartUpload.OpenAsync(visitor, PartUpload.MakePicture(PartUpload.PartLength * 3, "locked"), "locked-p10.png");
        await upload.BeginAsync();
        await upload.SendAsync(0);
        await PressAsync(visitor, "/lock");
        PartAnswer locked = await upload.SendAsync(1);
        Assert.Equal(401, locked.Status);
        Assert.Contains("Your keys are locked. What has come in is kept.", locked.Message, StringComparison.Ordinal);
        await visitor.UnlockAsync("kiruthika opens the sealed box");
        Assert.Equal([0, 1], (await upload.SendAsync(1)).Received);
        await PressAsync(visitor, "/sign-out");
        Assert.Equal(401, (await upload.SendAsync(2)).Status);
        Assert.Equal(401, (await upload.FinishAsync()).Status);
        await visitor.SignInAsync("kiruthika@demo.example", "kiruthika-password");
        Assert.Equal(401, (await upload.SendAsync(2)).Status);
        await visitor.UnlockAsync("kiruthika opens the sealed box");
        Assert.Equal(200, (await upload.SendAsync(2)).Status);
        Assert.Equal("/patient", (await upload.FinishAsync()).Next);
        Assert.Equal(upload.File, await PartUpload.OpenDocumentAsync(visitor, "locked-p10.png"));
    }

    [Fact]
    public async Task Finish_PartAlteredOrSwappedAtRest_AsksForItAgain()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        PartUpload upload = await PartUpload.OpenAsync(visitor, PartUpload.MakePicture(PartUpload.PartLength * 4, "rest"), "rest-p11.png");
        await upload.BeginAsync();
        foreach (int part in Enumerable.Range(0, 4))
        {
            await upload.SendAsync(part);
        }

        // Two parts in each other's place, and one with a changed byte.
        string first = Path.Combine(FolderOf(upload), "000001.part"), second = Path.Combine(FolderOf(upload), "000002.part"), third = Path.Combine(FolderOf(upload), "000003.part");
        byte[] kept = await File.ReadAllBytesAsync(first);
        File.Copy(second, first, overwrite: true);
        await File.WriteAllBytesAsync(second, kept);
        byte[] altered = await File.ReadAllBytesAsync(third);
        altered[200] ^= 1;
        await File.WriteAllBytesAsync(third, altered);
        foreach (int part in Enumerable.Range(1, 3))
        {
            PartAnswer again = await upload.FinishAsync();
            Assert.Equal(409, again.Status);
            Assert.DoesNotContain(part, again.Received);
            Assert.Equal(200, (await upload.SendAsync(part)).Status);
        }

        Assert.Equal("/patient", (await upload.FinishAsync()).Next);
        Assert.Equal(upload.File, await PartUpload.OpenDocumentAsync(visitor, "rest-p11.png"));
    }

    private static async Task PressAsync(Visitor visitor, string path)
    {
        string token = (await visitor.HiddenAsync("/account"))["__RequestVerificationToken"];
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["__RequestVerificationToken"] = token });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = form };
        using HttpResponseMessage response = await visitor.SendAsync(request);
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
    }

    private async Task<Visitor> EnterNewPatientAsync()
    {
        var visitor = new Visitor(portal.Host);
        string mail = await AccountTests.RegisterPatientAsync(visitor);
        using Visitor cloud = await portal.EnterAsync("Cloud");
        string id = Regex.Match(await cloud.ReadAsync("/cloud"), $"{Regex.Escape(mail)}.*?value=\"admit-(\\d+)\"", RegexOptions.Singleline).Groups[1].Value;
        using (await cloud.SubmitAsync("/cloud", $"admit-{id}"))
        {
        }

        await visitor.SignInAsync(mail, AccountTests.Password);
        using (await AccountTests.EnrolAsync(visitor))
        {
        }

        return visitor;
    }

    private string FolderOf(PartUpload upload) => Path.Combine(portal.Host.Folder, "uploads", "3", upload.Once);
}
