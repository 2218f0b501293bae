using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Phr.Crypto;

namespace Phr.Portal.Tests;

/// <summary>The portal is killed in the middle of uploads and of a document on its way to a doctor: nothing readable lies in its folder, among its temporary files or where cores go, and work goes on afterwards.</summary>
public sealed class UploadKillTests
{
    private const string Planted = "PLANTED in every part of the file";
    private const string Boundary = "a-form-that-breaks-off";

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

    [Fact]
    public async Task Kill_WhileAFormComesInAndADocumentGoesOut_LeavesNothingReadable()
    {
        string root = Path.Combine(Path.GetTempPath(), $"phr-portal-kill-{Guid.NewGuid():n}"), folder = Path.Combine(root, "portal"), temporary = Path.Combine(root, "temporary");
        string[] cores = Cores();
        try
        {
            // More than what the line holds by itself, so that the portal is in the middle of it.
            byte[] granted = PartUpload.MakePicture(16 << 20, Planted), coming = PartUpload.MakePicture(4 << 20, Planted);
            string page;
            await using (PortalProcess portal = await PortalProcess.StartAsync(folder, temporary))
            {
                using Visitor patient = await EnterAsync(portal);
                using Visitor doctor = await EnterAsync(portal, "nandhini");
                using (HttpResponseMessage uploaded = await patient.UploadAsync(granted, "killed-document.png"))
                {
                    Assert.Equal("/patient", uploaded.Headers.Location?.OriginalString);
                }

                page = await GrantAsync(patient, doctor);
                using HttpResponseMessage going = await doctor.BeginAsync($"{page}/documents/0");
                Assert.Equal(granted.Length, going.Content.Headers.ContentLength);
                await using Stream stream = await going.Content.ReadAsStreamAsync();
                byte[] head = new byte[1 << 16];
                await stream.ReadExactlyAsync(head);
                Assert.Equal(granted[..head.Length], head);

                // A form without a script: the half of its file has come in, and some of it is sealed.
                long before = LengthOf(Path.Combine(folder, "ledger"));
                using var half = new HalfContent(await FormAsync(patient, coming, "killed-form.png"));
                half.Headers.TryAddWithoutValidation("Content-Type", $"multipart/form-data; boundary={Boundary}");
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/patient/upload/file", UriKind.Relative)) { Content = half };
                Task<HttpResponseMessage> sending = patient.SendAsync(request);
                await half.IsHalfway.WaitAsync(TimeSpan.FromMinutes(1));
                await DemoPortal.UntilAsync(() => Task.FromResult(LengthOf(Path.Combine(folder, "ledger")) - before > 1 << 16));
                Assert.Empty(await FindAsync(root, granted, coming));
                await portal.KillAsync();
                half.GoOn();
                await Assert.ThrowsAsync<HttpRequestException>(() => sending);
            }

            Assert.Empty(await FindAsync(root, granted, coming));
            Assert.Equal(cores, Cores());

            await using (PortalProcess again = await PortalProcess.StartAsync(folder, temporary))
            {
                using Visitor patient = await EnterAsync(again);
                string home = await patient.ReadAsync("/patient");
                Assert.Contains("killed-document.png", home, StringComparison.Ordinal);
                Assert.DoesNotContain("killed-form.png", home, StringComparison.Ordinal);
                using Visitor doctor = await EnterAsync(again, "nandhini");
                using HttpResponseMessage whole = await doctor.GetAsync($"{page}/documents/0");
                Assert.Equal(granted, await whole.Content.ReadAsByteArrayAsync());
                await again.KillAsync();
            }

            Assert.Empty(await FindAsync(root, granted, coming));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static async Task<byte[]> FormAsync(Visitor patient, byte[] file, string name)
    {
        using var form = new MultipartFormDataContent(Boundary);
        foreach ((string field, string value) in await patient.HiddenAsync("/patient/upload"))
        {
            form.Add(new StringContent(value), field);
        }

        form.Add(new ByteArrayContent(file), "File", name);
        return await form.ReadAsByteArrayAsync();
    }

    // The doctor's page of the upload, as soon as it is granted.
    private static async Task<string> GrantAsync(Visitor patient, Visitor doctor)
    {
        string appointment = string.Empty;
        await DemoPortal.UntilAsync(async () => (appointment = Regex.Match(await doctor.ReadAsync("/doctor/requests"), "<option value=\"(\\d+)\"").Groups[1].Value).Length > 0);
        string request = await DemoPortal.AskAsync(doctor, patient, int.Parse(appointment, CultureInfo.InvariantCulture), "Before it is killed");
        using (HttpResponseMessage accepted = await patient.SubmitAsync("/patient", $"accept-{request}"))
        {
            Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        }

        string page = $"/doctor/appointments/{appointment}";
        await DemoPortal.UntilAsync(async () => (await doctor.ReadAsync(page)).Contains("Give Prescription</h2>", StringComparison.Ordinal));
        return page;
    }

    private static long LengthOf(string folder)
    {
        long length = 0;
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            try
            {
                length += new FileInfo(file).Length;
            }
            catch (FileNotFoundException)
            {
                // It was one for a moment.
            }
        }

        return length;
    }

    // Where the system and the platform put what a program leaves when it dies.
    private static string[] Cores()
    {
        string pattern = File.Exists("/proc/sys/kernel/core_pattern") ? File.ReadAllText("/proc/sys/kernel/core_pattern").Trim() : string.Empty;
        string[] folders = [AppContext.BaseDirectory, .. pattern.StartsWith('/') && Path.GetDirectoryName(pattern) is { } named && Directory.Exists(named) ? (string[])[named] : []];
        return [.. folders.SelectMany(folder => Directory.GetFiles(folder, "core*").Concat(Directory.GetFiles(folder, "*.dmp"))).Where(file => !file.EndsWith(".dll", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    // The words, names, passphrases, passwords and root secrets, digests of parts, and stretches of the files; and one thing that must be found, so that the search is known to search.
    private static async Task<IReadOnlyList<string>> FindAsync(string root, params IReadOnlyList<byte[]> files)
    {
        SecretSearch search = new SecretSearch().AddText("words", Planted);
        foreach (string name in (string[])["killed-upload", "killed-document", "killed-form"])
        {
            search.AddText("a name", name);
        }

        foreach ((int id, string who) in ((int, string)[])[(3, "kiruthika"), (5, "nandhini")])
        {
            search.AddText("a passphrase", $"{who} opens the sealed box").AddText("a password", $"{who}-password");
            byte[] secret = new byte[32];
            string file = Path.Combine(root, "portal", "people", $"{id}", "main.key");
            using PatientKeys? patient = await KeyFile.TryLoadPatientAsync(file, $"{who} opens the sealed box".AsMemory());
            using IdentityKeys? other = patient is null ? await KeyFile.TryLoadIdentityAsync(file, $"{who} opens the sealed box".AsMemory()) : null;
            (patient?.Identity ?? other!).ExportRootSecret(secret);
            search.Add($"the root secret of {who}", secret);
        }

        foreach (byte[] file in files)
        {
            byte[][] parts = [.. file.Chunk(PartUpload.PartLength)];
            for (int i = 0; i < parts.Length; i += Math.Max(1, parts.Length / 6))
            {
                search.Add($"part {i}", parts[i][50..82]).Add($"the digest of part {i}", System.Security.Cryptography.SHA256.HashData(parts[i]));
            }
        }

        return await search.FindInFolderAsync(root, Encoding.ASCII.GetBytes("kiruthika@demo.example"));
    }

    private static async Task<Visitor> EnterAsync(PortalProcess portal, string who = "kiruthika")
    {
        var visitor = new Visitor(portal.Address);
        await visitor.SignInAsync($"{who}@demo.example", $"{who}-password");
        await visitor.UnlockAsync($"{who} opens the sealed box");
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
