using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>How many unfinished uploads somebody may have, how many parts a minute, and for how long they are kept.</summary>
public sealed class UploadLimitTests
{
    [Fact]
    public async Task Unfinished_TooManyTooFastOrTooOld_IsSaidAndCleaned()
    {
        await using PortalHost portal = await PortalHost.StartAsync(demo: true, settings: new Dictionary<string, string>
        {
            ["Portal:UnfinishedUploads"] = "2",
            ["Portal:UnfinishedUploadsKept"] = "00:00:02",
            ["Portal:UploadPartsPerMinute"] = "6",
        });
        using var visitor = new Visitor(portal);
        await visitor.SignInAsync("kiruthika@demo.example", "kiruthika-password");
        await visitor.UnlockAsync("kiruthika opens the sealed box");

        // Sealed parts of an upload that nobody knows, as a sudden end may leave them.
        string left = Path.Combine(portal.Folder, "uploads", "3", new string('b', 32));
        Directory.CreateDirectory(left);
        await File.WriteAllBytesAsync(Path.Combine(left, "000000.part"), [1, 2, 3]);
        var uploads = new List<PartUpload>();
        foreach (int length in (int[])[1000, 2000, 3000])
        {
            uploads.Add(await PartUpload.OpenAsync(visitor, PartUpload.MakePicture(length, "limits"), $"limits-{length}.png"));
            PartAnswer begun = await uploads[^1].BeginAsync();
            Assert.Equal(length < 3000 ? 200 : 409, begun.Status);
            Assert.True(length < 3000 || begun.Message!.Contains("You have 2 unfinished uploads already", StringComparison.Ordinal), begun.Message);
        }

        PartAnswer answer = default!;
        for (int i = 0; i < 7; i++)
        {
            answer = await uploads[0].SendAsync(0);
            Assert.Equal(i < 6 ? 200 : 429, answer.Status);
        }

        Assert.Contains("It goes on in a moment", answer.Message, StringComparison.Ordinal);
        string folder = Path.Combine(portal.Folder, "uploads", "3", uploads[0].Once);
        Assert.True(Directory.Exists(folder));
        for (DateTimeOffset deadline = DateTimeOffset.UtcNow.AddMinutes(1); Directory.Exists(folder) || Directory.Exists(left) || SecretsOf(portal).Any();)
        {
            Assert.True(DateTimeOffset.UtcNow < deadline, "What was kept for too long is still there.");
            await portal.Services.GetRequiredService<Housekeeping>().RunOnceAsync(TestContext.Current.CancellationToken);
        }

        Assert.DoesNotContain("Unfinished uploads", await visitor.ReadAsync("/patient"), StringComparison.Ordinal);
    }

    private static IEnumerable<string> SecretsOf(PortalHost portal) => Directory.EnumerateFiles(Path.Combine(portal.Folder, "people", "3"), "*@secret", SearchOption.AllDirectories)
        .Where(file => file.Contains("portal-upload", StringComparison.Ordinal));
}
