using System.Net;
using System.Net.Http.Headers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>How much one patient may store in all: what would pass it is refused before and while it comes in, and leaves nothing.</summary>
public sealed class QuotaTests
{
    private const long Quota = 4 << 20;
    private const int Kiruthika = 3;

    [Fact]
    public async Task Parts_BelowAtAndAboveTheQuota_AreTakenOrRefused()
    {
        await using PortalHost portal = await StartAsync();
        using Visitor patient = await DemoPortal.EnterAsync(portal, "Kiruthika");
        Assert.Contains("of 4.0 MiB.", await patient.ReadAsync("/patient"), StringComparison.Ordinal);

        // Below: and it takes what was foretold.
        PartUpload small = await PartUpload.OpenAsync(patient, PartUpload.MakePicture(100_001, "below"), "below.png");
        await SendAsync(small);
        Assert.Equal(StorageQuota.SealedLength(100_001), await LastAsync(portal));

        // Above, by one byte: refused before anything is sent.
        int largest = await LargestAsync(portal);
        PartUpload above = await PartUpload.OpenAsync(patient, PartUpload.MakePicture(largest + 1, "above"), "above.png");
        PartAnswer refused = await above.BeginAsync();
        Assert.Equal(409, refused.Status);
        Assert.Contains("There is no room for it", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(portal.Folder, "uploads", $"{Kiruthika}", above.Once)));
        Assert.DoesNotContain("Unfinished uploads", await patient.ReadAsync("/patient"), StringComparison.Ordinal);

        // At: its room is its own from the beginning, although it breaks off; another one gets none of it, and it goes on.
        PartUpload exact = await PartUpload.OpenAsync(patient, PartUpload.MakePicture(largest, "exact"), "exact.png");
        Assert.Equal(200, (await exact.BeginAsync()).Status);
        Assert.Equal(200, (await exact.SendAsync(0)).Status);
        Assert.Contains("more are kept for your unfinished uploads", await patient.ReadAsync("/patient/upload"), StringComparison.Ordinal);
        PartUpload late = await PartUpload.OpenAsync(patient, PartUpload.MakePicture(largest / 2, "late"), "late.png");
        Assert.Equal(409, (await late.BeginAsync()).Status);
        using (HttpResponseMessage whole = await patient.UploadAsync(PartUpload.MakePicture(largest / 2, "late"), "late.png"))
        {
            Assert.Equal("/patient/upload", whole.Headers.Location!.OriginalString);
        }

        Assert.Contains("There is no room for it", await patient.ReadAsync("/patient/upload"), StringComparison.Ordinal);
        await SendAsync(exact);
        Assert.Equal(StorageQuota.SealedLength(largest), await LastAsync(portal));
        using Visitor cloud = await DemoPortal.EnterAsync(portal, "Cloud");
        string reports = Visitor.TextOf(await cloud.ReadAsync("/cloud/reports"));
        Assert.Contains("3 Kiruthika 4.0 MiB 0 bytes 4.0 MiB", reports, StringComparison.Ordinal);

        // Others have their own.
        await using AsyncServiceScope scope = portal.Services.CreateAsyncScope();
        Assert.Equal(new QuotaView(0, 0, Quota), await scope.ServiceProvider.GetRequiredService<StorageQuota>().ReadAsync(8, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Begin_TwoAtOnceThatOnlyTogetherPass_OneIsTaken()
    {
        await using PortalHost portal = await StartAsync();
        using Visitor patient = await DemoPortal.EnterAsync(portal, "Kiruthika");
        int length = (int)(await LargestAsync(portal) * 0.6);
        PartUpload[] two = [await PartUpload.OpenAsync(patient, PartUpload.MakePicture(length, "one"), "one.png"), await PartUpload.OpenAsync(patient, PartUpload.MakePicture(length, "two"), "two.png")];
        PartAnswer[] begun = await Task.WhenAll(two.Select(upload => upload.BeginAsync()));
        Assert.Equal([200, 409], begun.Select(answer => answer.Status).Order());

        // What is discarded makes room.
        PartUpload taken = two[Array.FindIndex(begun, answer => answer.Status == 200)], refused = two[Array.FindIndex(begun, answer => answer.Status == 409)];
        Assert.Equal(200, (await taken.DiscardAsync()).Status);
        Assert.Equal(200, (await refused.BeginAsync()).Status);
        await SendAsync(refused);
    }

    [Fact]
    public async Task Whole_TwoAtOnceThatOnlyTogetherPass_OneIsTaken()
    {
        await using PortalHost portal = await StartAsync();
        using Visitor patient = await DemoPortal.EnterAsync(portal, "Kiruthika");
        int length = (int)(await LargestAsync(portal) * 0.8);
        int before = await CountAsync(portal);
        HttpResponseMessage[] answers = await Task.WhenAll(patient.UploadAsync(PartUpload.MakePicture(length, "one"), "one.png"), patient.UploadAsync(PartUpload.MakePicture(length, "two"), "two.png"));
        Assert.Equal(["/patient", "/patient/upload"], answers.Select(answer => answer.Headers.Location!.OriginalString).Order());
        Assert.Equal(before + 1, await CountAsync(portal));
        Assert.Equal(0, portal.Services.GetRequiredService<StorageHolds>().Of(Kiruthika));
        foreach (HttpResponseMessage answer in answers)
        {
            answer.Dispose();
        }
    }

    [Fact]
    public async Task Whole_OfUnknownLengthAboveTheQuota_IsRefusedOnItsWayAndLeavesNothing()
    {
        await using PortalHost portal = await StartAsync();
        using Visitor patient = await DemoPortal.EnterAsync(portal, "Kiruthika");
        int largest = await LargestAsync(portal), rows = await CountAsync(portal);
        string[] objects = ObjectsOf(portal);
        using (HttpResponseMessage refused = await SendChunkedAsync(patient, PartUpload.MakePicture(largest + 1, "above")))
        {
            Assert.Equal("/patient/upload", refused.Headers.Location!.OriginalString);
        }

        Assert.Contains("There is no room for it", await patient.ReadAsync("/patient/upload"), StringComparison.Ordinal);
        Assert.Equal(rows, await CountAsync(portal));
        Assert.Equal(objects, ObjectsOf(portal));
        Assert.Equal(0, portal.Services.GetRequiredService<StorageHolds>().Of(Kiruthika));
        using (HttpResponseMessage taken = await SendChunkedAsync(patient, PartUpload.MakePicture(largest, "exact")))
        {
            Assert.Equal("/patient", taken.Headers.Location!.OriginalString);
        }

        Assert.Equal(StorageQuota.SealedLength(largest), await LastAsync(portal));
    }

    [Fact]
    public async Task Several_ThatFitTogetherAndNotEachPadded_AreRefused()
    {
        await using PortalHost portal = await StartAsync();
        using Visitor patient = await DemoPortal.EnterAsync(portal, "Kiruthika");

        // Just above a length that needs no padding, nineteen times; together they would need none.
        (byte[] Bytes, string Name)[] files = [.. Enumerable.Range(0, 20).Select(i => (PartUpload.MakePicture(i < 19 ? 65_537 : 65_517, "several"), $"several-{i}.png"))];
        long asOne = StorageQuota.SealedLength(files.Sum(f => f.Bytes.Length)), drill = StorageQuota.SealedLength(1) - 17;
        long each = files.Sum(f => StorageQuota.SealedLength(f.Bytes.Length) - drill) + drill;
        Assert.True(each > asOne + 20_000, $"{each} {asOne}");
        long used;
        await using (AsyncServiceScope scope = portal.Services.CreateAsyncScope())
        {
            used = (await scope.ServiceProvider.GetRequiredService<StorageQuota>().ReadAsync(Kiruthika, TestContext.Current.CancellationToken)).Used;
        }

        PortalOptions options = portal.Services.GetRequiredService<PortalOptions>();
        options.PatientQuota = used + each - 1;
        int rows = await CountAsync(portal);
        using (HttpResponseMessage refused = await patient.UploadAllAsync(await patient.HiddenAsync("/patient/upload"), files))
        {
            Assert.Equal("/patient/upload", refused.Headers.Location!.OriginalString);
        }

        Assert.Contains("There is no room for it", await patient.ReadAsync("/patient/upload"), StringComparison.Ordinal);
        Assert.Equal(rows, await CountAsync(portal));
        Assert.Equal(0, portal.Services.GetRequiredService<StorageHolds>().Of(Kiruthika));
        options.PatientQuota = used + each;
        using (HttpResponseMessage taken = await patient.UploadAllAsync(await patient.HiddenAsync("/patient/upload"), files))
        {
            Assert.Equal("/patient", taken.Headers.Location!.OriginalString);
        }

        Assert.Equal(each, await LastAsync(portal));
    }

    private static Task<PortalHost> StartAsync() => PortalHost.StartAsync(demo: true, settings: new Dictionary<string, string> { ["Portal:PatientQuota"] = $"{Quota}" });

    private static async Task SendAsync(PartUpload upload)
    {
        PartAnswer begun = await upload.BeginAsync();
        Assert.Equal(200, begun.Status);
        foreach (int part in Enumerable.Range(0, upload.Parts).Except(begun.Received))
        {
            Assert.Equal(200, (await upload.SendAsync(part)).Status);
        }

        Assert.Equal(200, (await upload.FinishAsync()).Status);
    }

    private static async Task<HttpResponseMessage> SendChunkedAsync(Visitor visitor, byte[] file)
    {
        using var content = new MultipartFormDataContent();
        foreach ((string field, string value) in await visitor.HiddenAsync("/patient/upload"))
        {
            content.Add(new StringContent(value), field);
        }

        var part = new ByteArrayContent(file);
        part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Add(part, "File", "chunked.png");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/patient/upload/file", UriKind.Relative)) { Content = content };
        request.Headers.TransferEncodingChunked = true;
        return await visitor.SendAsync(request);
    }

    // The longest file for which there is room.
    private static async Task<int> LargestAsync(PortalHost portal)
    {
        await using AsyncServiceScope scope = portal.Services.CreateAsyncScope();
        long room = (await scope.ServiceProvider.GetRequiredService<StorageQuota>().ReadAsync(Kiruthika, TestContext.Current.CancellationToken)).Room;
        int low = 1, high = (int)room;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = StorageQuota.SealedLength(middle) <= room ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    private static async Task<long> LastAsync(PortalHost portal)
    {
        await using AsyncServiceScope scope = portal.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<PortalDb>().Bundles.OrderByDescending(b => b.Id).FirstAsync(TestContext.Current.CancellationToken)).SealedLength;
    }

    private static async Task<int> CountAsync(PortalHost portal)
    {
        await using AsyncServiceScope scope = portal.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PortalDb>().Bundles.CountAsync(TestContext.Current.CancellationToken);
    }

    private static string[] ObjectsOf(PortalHost portal) => [.. Directory.GetFiles(Path.Combine(portal.Folder, "ledger", "records"), "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
