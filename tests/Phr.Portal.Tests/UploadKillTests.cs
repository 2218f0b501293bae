using System.Net;
using System.Text;

namespace Phr.Portal.Tests;

/// <summary>The portal is killed in the middle of an upload: what lies on the disk then opens nothing, and the upload goes on afterwards.</summary>
public sealed class UploadKillTests
{
    private const string Planted = "PLANTED in every part of the file";

    [Fact]
    public async Task Kill_InMidUpload_LeavesNothingReadableAndGoesOn()
    {
        string root = Path.Combine(Path.GetTempPath(), $"phr-portal-kill-{Guid.NewGuid():n}"), folder = Path.Combine(root, "portal"), temporary = Path.Combine(root, "temporary");
        try
        {
            byte[] file = PartUpload.MakePicture((PartUpload.PartLength * 5) + 99, Planted);
            PartUpload upload;
            await using (PortalProcess portal = await PortalProcess.StartAsync(folder, temporary))
            {
                using Visitor visitor = await EnterAsync(portal);
                upload = await PartUpload.OpenAsync(visitor, file, "killed-upload.png");
                Assert.Equal(200, (await upload.BeginAsync()).Status);
                await upload.SendAsync(0);
                await upload.SendAsync(1);

                // Half of the next part is on its way when the portal goes.
                using var half = new HalfContent(file.AsMemory(PartUpload.PartLength * 2, PartUpload.PartLength));
                using HttpRequestMessage request = upload.Request($"/patient/upload-parts/{upload.Once}/2", half);
                Task<HttpResponseMessage> sending = visitor.SendAsync(request);
                await half.IsHalfway.WaitAsync(TimeSpan.FromMinutes(1));
                await portal.KillAsync();
                half.GoOn();
                await Assert.ThrowsAsync<HttpRequestException>(() => sending);
            }

            Assert.Equal(["000000.part", "000001.part"], Directory.GetFiles(Path.Combine(folder, "uploads", "3", upload.Once)).Select(Path.GetFileName).Order());
            Assert.Empty(await FindAsync(root, file));

            await using (PortalProcess again = await PortalProcess.StartAsync(folder, temporary))
            {
                using Visitor visitor = await EnterAsync(again);
                Assert.Contains("killed-upload.png 320.1 KiB 33 % ", Visitor.TextOf(await visitor.ReadAsync("/patient")), StringComparison.Ordinal);
                PartUpload rest = await PartUpload.OpenAsync(visitor, file, "killed-upload.png", $"/patient/upload?upload={upload.Once}");
                PartAnswer begun = await rest.BeginAsync(goOn: upload.Once);
                Assert.Equal([0, 1], begun.Received);
                foreach (int part in Enumerable.Range(2, 4))
                {
                    Assert.Equal(200, (await rest.SendAsync(part)).Status);
                }

                Assert.Equal("/patient", (await rest.FinishAsync()).Next);
                Assert.Equal(file, await PartUpload.OpenDocumentAsync(visitor, "killed-upload.png"));
                await again.KillAsync();
            }

            Assert.False(Directory.Exists(Path.Combine(folder, "uploads", "3", upload.Once)));
            Assert.Empty(await FindAsync(root, file));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    // The words, the name, digests of parts, and stretches of the file, as they are and in base 64; and one thing that must be found, so that the search is known to search.
    private static async Task<IReadOnlyList<string>> FindAsync(string root, byte[] file)
    {
        (string What, byte[] Bytes)[] sought =
        [
            ("words", Encoding.ASCII.GetBytes(Planted)),
            ("words in base 64", Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.ASCII.GetBytes(Planted)))),
            ("the name", Encoding.ASCII.GetBytes("killed-upload")),
            .. file.Chunk(PartUpload.PartLength).Select((part, i) => ($"part {i}", part[50..82])),
            .. file.Chunk(PartUpload.PartLength).Select((part, i) => ($"the digest of part {i}", System.Security.Cryptography.SHA256.HashData(part))),
        ];
        byte[] control = Encoding.ASCII.GetBytes("kiruthika@demo.example");
        var found = new List<string>();
        bool controlFound = false;
        foreach (string path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Where(path => new FileInfo(path).Length > 0))
        {
            byte[] content = await File.ReadAllBytesAsync(path);
            controlFound |= content.AsSpan().IndexOf(control) >= 0;
            found.AddRange(sought.Where(s => content.AsSpan().IndexOf(s.Bytes) >= 0).Select(s => $"{Path.GetRelativePath(root, path)}: {s.What}"));
        }

        Assert.True(controlFound);
        return found;
    }

    private static async Task<Visitor> EnterAsync(PortalProcess portal)
    {
        var visitor = new Visitor(portal.Address);
        await visitor.SignInAsync("kiruthika@demo.example", "kiruthika-password");
        await visitor.UnlockAsync("kiruthika opens the sealed box");
        return visitor;
    }

    // Sends the first half, and the rest only when it is told to.
    private sealed class HalfContent(ReadOnlyMemory<byte> bytes) : HttpContent
    {
        private readonly TaskCompletionSource _halfway = new(), _on = new();

        public Task IsHalfway => _halfway.Task;

        public void GoOn() => _on.TrySetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes[..(bytes.Length / 2)]);
            await stream.FlushAsync();
            _halfway.TrySetResult();
            await _on.Task;
            await stream.WriteAsync(bytes[(bytes.Length / 2)..]);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}
