using System.Buffers.Binary;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Portal.Tests;

/// <summary>One upload whose sealed header, or content, is gone or damaged: every page of everybody is there, shows the rest, and says of that one what is the matter.</summary>
public sealed class UnreadableTests
{
    private const string Lost = "cannot be read now";
    private const string Advice = "tell the operator of the portal";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Header_OfOneUploadLost_TakesNothingElseWithIt(bool isDamaged)
    {
        await using PortalHost portal = await PortalHost.StartAsync(demo: true);
        using Visitor kiruthika = await DemoPortal.EnterAsync(portal, "Kiruthika");
        using (HttpResponseMessage sent = await kiruthika.UploadAsync(await File.ReadAllBytesAsync(RepositoryRoot.Combine("samples", "FullFlow", "records", "scan.png"), TestContext.Current.CancellationToken), "the other one.png"))
        {
            Assert.Equal("/patient", sent.Headers.Location!.OriginalString);
        }

        Assert.DoesNotContain(Lost, await kiruthika.ReadAsync("/patient"), StringComparison.Ordinal);
        using (HttpResponseMessage asked = await kiruthika.SubmitAsync("/patient/trustees", "drill"))
        {
            Assert.Equal(HttpStatusCode.Found, asked.StatusCode);
        }

        // What Nandhini was granted, and can open.
        SealedBundle granted;
        await using (AsyncServiceScope scope = portal.Services.CreateAsyncScope())
        {
            granted = (await scope.ServiceProvider.GetRequiredService<PortalDb>().Appointments.Include(a => a.Bundle).SingleAsync(a => a.Id == 1, TestContext.Current.CancellationToken)).Bundle!;
        }

        Harm(portal, granted.HeaderDigest, isDamaged);
        string home = await kiruthika.ReadAsync("/patient");
        Assert.Contains("the other one.png", home, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(home, $"<a href=\"/patient/uploads/{granted.Id}\">an upload that {Lost}</a>"));
        Assert.Single(Regex.Matches(home, $"<span class=\"badge bad\">{Lost}</span>"));
        Assert.Contains(Advice, await kiruthika.ReadAsync($"/patient/uploads/{granted.Id}"), StringComparison.Ordinal);
        string record = Visitor.TextOf(await kiruthika.ReadAsync("/patient/record"));
        Assert.Contains("the other one.png", record, StringComparison.Ordinal);
        Assert.Contains($"“upload {granted.Id}” was left out.", record, StringComparison.Ordinal);
        Assert.Contains(Advice, record, StringComparison.Ordinal);
        string trustees = Visitor.TextOf(await kiruthika.ReadAsync("/patient/trustees"));
        Assert.Contains($"1 of these uploads {Lost}", trustees, StringComparison.Ordinal);

        // Nobody's share is to blame.
        Assert.DoesNotContain("could not use", trustees, StringComparison.Ordinal);
        using (HttpResponseMessage document = await kiruthika.GetAsync($"/patient/uploads/{granted.Id}/documents/{new string('0', 32)}"))
        {
            Assert.Equal(HttpStatusCode.NotFound, document.StatusCode);
        }

        using Visitor nandhini = await DemoPortal.EnterAsync(portal, "Nandhini");
        Assert.Contains("Kiruthika", await nandhini.ReadAsync("/doctor"), StringComparison.Ordinal);

        // The sharing has all that opens what was granted already.
        Assert.Contains("<img class=\"scan\"", await nandhini.ReadAsync("/doctor/appointments/1"), StringComparison.Ordinal);
        string found = await EmergencyPortal.TryAskAsync(nandhini, new Dictionary<string, string> { ["_handler"] = "find", ["Patient"] = "3", ["Name"] = "kiruthika" });
        Assert.Contains($"1 upload of this patient {Lost}", found, StringComparison.Ordinal);

        foreach (string who in (string[])["Kiruthika", "Nandhini", "Ravi", "Meena", "Arun", "GH", "Health Authority", "Asha Insurance", "Cloud"])
        {
            using Visitor visitor = await DemoPortal.EnterAsync(portal, who);
            Crawl crawl = await Crawl.RunAsync(visitor, "/", "/account", "/about");
            Assert.True(crawl.Faults.Count == 0, $"{who}: {string.Join('\n', crawl.Faults)}");
            if (who == "Cloud")
            {
                Assert.Contains($"{granted.HeaderDigest[..16]}…", WebUtility.HtmlDecode(crawl.Pages["/cloud/reports"]), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Content_OfOneUploadLost_IsSaidWhereItIsOpened()
    {
        await using PortalHost portal = await PortalHost.StartAsync(demo: true);
        Directory.Delete(Path.Combine(portal.Folder, "ledger", "records", "objects"), recursive: true);
        using Visitor kiruthika = await DemoPortal.EnterAsync(portal, "Kiruthika");
        string upload = Regex.Match(await kiruthika.ReadAsync("/patient"), "href=\"(/patient/uploads/\\d+)\"").Groups[1].Value;
        string document = Regex.Match(await kiruthika.ReadAsync(upload), "href=\"(/patient/uploads/[^\"]+)\"").Groups[1].Value;
        using (HttpResponseMessage opened = await kiruthika.GetAsync(document))
        {
            Assert.Equal(HttpStatusCode.NotFound, opened.StatusCode);
        }

        using Visitor nandhini = await DemoPortal.EnterAsync(portal, "Nandhini");
        string appointment = await nandhini.ReadAsync("/doctor/appointments/1");
        Assert.Contains(Lost, appointment, StringComparison.Ordinal);
        Assert.Contains(Advice, appointment, StringComparison.Ordinal);
        await kiruthika.ReadAsync("/patient/record");
        await nandhini.ReadAsync("/doctor/appointments/1/record");
    }

    // Blocks that were put together are one file with a name for each. Only this one's name is harmed: the others' lead to the file as it was.
    private static void Harm(PortalHost portal, string digest, bool isDamaged)
    {
        var expected = Digest.Parse(digest);
        string name = Cid.ForRawBlock(expected).ToString();
        string file = Assert.Single(Directory.GetFiles(Path.Combine(portal.Folder, "ledger", "exchange"), $"{name}*", SearchOption.AllDirectories), f => Path.GetFileName(f) == name || Path.GetFileName(f) == $"{name}.data");
        byte[] bytes = File.ReadAllBytes(file);
        File.Delete(file);
        if (isDamaged)
        {
            Range block = BlockOf(bytes, expected);
            Assert.Equal(expected, Digest.Of(bytes.AsSpan(block)));
            (int offset, int length) = block.GetOffsetAndLength(bytes.Length);
            bytes[offset + (length / 2)] ^= 1;
            File.WriteAllBytes(file, bytes);
        }
    }

    // As the README of Phr.Storage has it: the digest and the length of each block, then the bytes of each. Where files have one name only, a file is the block.
    private static Range BlockOf(ReadOnlySpan<byte> file, Digest digest)
    {
        if (!file.StartsWith("phrblks1"u8))
        {
            return Range.All;
        }

        int count = BinaryPrimitives.ReadInt32BigEndian(file[8..]);
        int offset = 12 + (count * (Digest.Length + 4));
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> entry = file.Slice(12 + (i * (Digest.Length + 4)), Digest.Length + 4);
            int length = BinaryPrimitives.ReadInt32BigEndian(entry[Digest.Length..]);
            if (Digest.FromBytes(entry[..Digest.Length]) == digest)
            {
                return offset..(offset + length);
            }

            offset += length;
        }

        throw new Xunit.Sdk.XunitException($"The file of {digest} does not list it.");
    }
}
