using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Phr.Consent;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Portal.Tests;

/// <summary>Somebody takes the whole disk, starts a portal of their own on it, and may change every row and every password: nobody's record, prescription, reason or key can be read.</summary>
public sealed partial class StolenFolderTests : IAsyncDisposable
{
    // Of this run alone, so that nothing else on the machine has it.
    private readonly string _planted = $"planted-{Guid.NewGuid():n}";
    private readonly StolenPortal _portal = new();
    private string _takenBack = string.Empty;

    [Fact]
    public async Task Folder_TakenWhole_OpensNothing()
    {
        DateTime begin = DateTime.UtcNow;
        await _portal.InitializeAsync();
        string owner = await PlantAsync();
        await LookAsOperatorAsync();
        string folder = await _portal.StopAsync();

        // What is told to everybody is found, so what is not found is not there.
        Assert.NotEmpty(FilesWith(folder, "Owner of a planted record", recursive: true, default));
        Assert.Empty(FilesWith(folder, _planted, recursive: true, default));

        // The platform could write what is sent to it into the folder for temporary files.
        Assert.Empty(FilesWith(Path.GetTempPath(), _planted, recursive: false, begin));
        await using PortalHost thief = await PortalHost.StartAsync(folder: folder);
        await TryKeysAsync(thief, owner);
        await TryFoundKeysAsync(thief);
        await TryPagesAsync(thief, owner);
    }

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    // In a picture's text, a table, a letter, a name, a reason, a prescription and a claim with what was written to it.
    private async Task<string> PlantAsync()
    {
        (Visitor patient, int id) = await _portal.JoinAsync("patient", "Owner of a planted record");
        using Visitor doctor = await _portal.EnterAsync("Nandhini");
        byte[][] files =
        [
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R', .. new byte[17], .. Encoding.UTF8.GetBytes(_planted), .. new byte[200_000]],
            Encoding.UTF8.GetBytes($"time,analyte,value,unit\n2026-01-12T08:30Z,{_planted},1,g/L\n"),
            [.. "%PDF-1.7\n"u8, .. Encoding.UTF8.GetBytes(_planted)],
        ];
        int appointment = 0;
        foreach (byte[] file in files)
        {
            (appointment, _) = await _portal.UploadAsync(patient, id, file, $"{_planted}.bin");
        }

        await _portal.GrantAsync(patient, doctor, appointment, $"Because of {_planted}");
        await SendAsync(doctor, $"/doctor/appointments/{appointment}", "prescribe", new Dictionary<string, string> { ["Text"] = $"Take {_planted}" });
        string claim = await HostilePortal.FileClaimAsync(patient, appointment, $"For {_planted}");
        await SendAsync(doctor, claim, "decide", new Dictionary<string, string> { ["Decision"] = "approve", ["Paper"] = $"It was {_planted}" });

        // An upload that breaks off, of which parts wait.
        PartUpload unfinished = await PartUpload.OpenAsync(patient, PartUpload.MakePicture(PartUpload.PartLength + 99, _planted), $"{_planted}.png");
        Assert.Equal(200, (await unfinished.BeginAsync()).Status);
        Assert.Equal(200, (await unfinished.SendAsync(0)).Status);

        // It is there for whom it is for, so that the search looks for the right thing.
        Assert.Contains(_planted, await patient.ReadAsync("/patient"), StringComparison.Ordinal);
        Assert.Contains($"Take {_planted}", await patient.ReadAsync("/patient/prescriptions"), StringComparison.Ordinal);
        Assert.Contains($"It was {_planted}", await patient.ReadAsync(claim), StringComparison.Ordinal);

        // What was written and could not be sent waits in memory, and nowhere else.
        PageForm kept = await doctor.OpenFormAsync($"/doctor/appointments/{appointment}", "prescribe");
        await doctor.PressAsync("/lock");
        using (HttpResponseMessage late = await doctor.PostAsync(kept.Action, kept.Filled(new Dictionary<string, string> { ["Text"] = $"Kept {_planted}" })))
        {
            Assert.Equal("/unlock?return=%2Fresume", late.Headers.Location?.OriginalString);
        }

        // What the doctor could open a moment ago is taken back.
        _takenBack = await _portal.ReadAsync(db => db.Appointments.Where(a => a.Id == appointment).Select(a => a.Request!).SingleAsync());
        using (HttpResponseMessage revoked = await patient.SubmitAsync("/patient", $"revoke-{_takenBack}"))
        {
            Assert.Contains("taken back", await revoked.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        string mail = await _portal.ReadAsync(db => db.Users.Where(u => u.Id == id).Select(u => u.Email!).SingleAsync());
        patient.Dispose();
        return mail;
    }

    private async Task LookAsOperatorAsync()
    {
        using Visitor cloud = await _portal.EnterAsync("Cloud");
        Crawl crawl = await Crawl.RunAsync(cloud, "/", "/account");
        Assert.True(crawl.Pages.Count >= 5, string.Join('\n', crawl.Pages.Keys));
        Assert.All(crawl.Pages, page => Assert.DoesNotContain(_planted, page.Value, StringComparison.Ordinal));
        foreach (string path in PathsOf(_portal.Host))
        {
            using HttpResponseMessage response = await cloud.GetAsync(path);
            Assert.DoesNotContain(_planted, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    private static async Task SendAsync(Visitor visitor, string page, string form, Dictionary<string, string> fields)
    {
        using HttpResponseMessage answer = await visitor.SubmitAsync(page, form, fields);
        Assert.True(answer.StatusCode == HttpStatusCode.Found, $"{page} {form}: {(int)answer.StatusCode} {Visitor.TextOf(await answer.Content.ReadAsStringAsync())}");
    }

    private static async Task TryKeysAsync(PortalHost thief, string owner)
    {
        await using AsyncServiceScope scope = thief.Services.CreateAsyncScope();
        PortalDb db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        Assert.Empty(thief.Services.GetRequiredService<KeyRing>().LeaseAll());
        Assert.True(Directory.GetFiles(Path.Combine(thief.Folder, "people"), "main.key", SearchOption.AllDirectories).Length >= 6);
        int id = await db.Users.Where(u => u.Email == owner).Select(u => u.Id).SingleAsync();
        string file = Path.Combine(thief.Folder, "people", $"{id}", "main.key");
        foreach (string guess in (string[])[HostilePortal.Password, owner, "password"])
        {
            Assert.Null(await KeyFile.TryLoadPatientAsync(file, guess.AsMemory()));
        }

        // The search above looks at the right file: its owner can.
        using (PatientKeys? owns = await KeyFile.TryLoadPatientAsync(file, HostilePortal.Passphrase.AsMemory()))
        {
            Assert.NotNull(owns);
        }

        // With keys of one's own nothing opens, neither a document nor a sealed secret.
        using PatientKeys own = PatientKeys.Generate();
        ConsentServices services = thief.Services.GetRequiredService<PhrServices>().Services;
        List<SealedBundle> bundles = await db.Bundles.ToListAsync();
        Assert.True(bundles.Count >= 4, $"{bundles.Count} uploads");
        foreach (SealedBundle bundle in bundles)
        {
            var header = BundleHeader.FromBytes(await services.Exchange.GetBlockAsync(Digest.Parse(bundle.HeaderDigest)));
            foreach (DocumentId document in header.Documents.Select(d => d.Id))
            {
                Assert.ThrowsAny<Exception>(() => header.OpenDocumentKey(document, own).Dispose());
                Assert.ThrowsAny<Exception>(() => header.OpenDocumentKey(document, own.Identity.ReceivingKey).Dispose());
            }
        }
    }

    // The embedded oracles' key files lie beside their passphrases. All of them together open nothing; what they can do is an oracle's and an operator's work, and to help a doctor.
    private async Task TryFoundKeysAsync(PortalHost thief)
    {
        await using AsyncServiceScope scope = thief.Services.CreateAsyncScope();
        List<SealedBundle> bundles = await scope.ServiceProvider.GetRequiredService<PortalDb>().Bundles.ToListAsync();
        using FoundKeys found = await FoundKeys.SearchAsync(thief);
        await found.RequireOraclesAndOperatorsAloneAsync(thief.Services.GetRequiredService<PortalOptions>().Oracles);
        await found.RequireNoUploadOpensAsync(bundles);
        Dictionary<RequestId, (RequestDossier Dossier, IReadOnlyList<VerifiedApproval> Approvals, List<OracleDelivery> Deliveries)> made = await found.RequireNoRequestOpensAsync();
        Assert.All(made.Values, one => Assert.NotNull(one.Dossier.Request.Grant));

        // Together with doctor Nandhini: what was granted to her, also after it was taken back, from as many oracles as must serve; and nothing else.
        string folder = Path.Combine(thief.Folder, "people", "5");
        using IdentityKeys doctor = (await KeyFile.TryLoadIdentityAsync(Path.Combine(folder, "main.key"), "nandhini opens the sealed box".AsMemory()))!;
        using var secrets = new FileSecretStore(Path.Combine(folder, "secrets"), doctor);
        var opened = new List<RequestId>();
        foreach ((RequestId request, (RequestDossier dossier, IReadOnlyList<VerifiedApproval> approvals, List<OracleDelivery> deliveries)) in made)
        {
            using SecretValue? secret = await secrets.GetAsync($"receiving-key/{request}");
            if (secret is null)
            {
                Assert.NotEqual(doctor.Id, dossier.Request.Doctor);
                continue;
            }

            using SecretKey key = SecretKey.FromBytes(secret.Bytes);
            DocumentId granted = approvals[0].Approval.Documents[0].Id;
            foreach (int oracles in (int[])[dossier.Request.Threshold - 1, dossier.Request.Threshold])
            {
                var combiner = new DocumentKeyCombiner(dossier.Terms, dossier.Dealing, key);
                Assert.All(approvals, approval => Assert.True(combiner.AddApproval(approval)));
                Assert.All(deliveries.Take(oracles), delivery => Assert.True(combiner.AddDelivery(delivery, delivery.Index)));
                bool isOpen = combiner.TryCombine(granted, out DocumentKey? document, out _);
                document?.Dispose();
                Assert.Equal(oracles == dossier.Request.Threshold, isOpen);
                foreach (SealedBundle other in bundles.Where(b => b.BundleId != dossier.Request.BundleId))
                {
                    var header = BundleHeader.FromBytes(await thief.Services.GetRequiredService<PhrServices>().Services.Exchange.GetBlockAsync(Digest.Parse(other.HeaderDigest)));
                    Assert.All(header.Documents, d => Assert.False(Opens(combiner, d.Id)));
                }
            }

            opened.Add(request);
        }

        Assert.Contains(RequestId.Parse(_takenBack), opened);
    }

    private static bool Opens(DocumentKeyCombiner combiner, DocumentId document)
    {
        try
        {
            bool isOpen = combiner.TryCombine(document, out DocumentKey? key, out _);
            key?.Dispose();
            return isOpen;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private async Task TryPagesAsync(PortalHost thief, string owner)
    {
        const string Chosen = "the thief's own password";
        string[] mails = [owner, "kiruthika@demo.example", "nandhini@demo.example", "gh@demo.example", "agency@demo.example", "insurer@demo.example", "cloud@demo.example"];
        await using (AsyncServiceScope scope = thief.Services.CreateAsyncScope())
        {
            UserManager<PortalUser> users = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
            foreach (string mail in mails)
            {
                PortalUser user = (await users.FindByEmailAsync(mail))!;
                Assert.True((await users.ResetPasswordAsync(user, await users.GeneratePasswordResetTokenAsync(user), Chosen)).Succeeded);
            }
        }

        foreach (string mail in mails)
        {
            using var visitor = new Visitor(thief);
            await visitor.SignInAsync(mail.StartsWith("cloud", StringComparison.Ordinal) ? "cloud" : mail, Chosen);
            if (!mail.StartsWith("cloud", StringComparison.Ordinal))
            {
                using HttpResponseMessage tried = await visitor.SubmitAsync("/unlock", "unlock", new Dictionary<string, string> { ["Passphrase"] = Chosen });
                Assert.Equal(HttpStatusCode.OK, tried.StatusCode);
            }

            foreach (RouteEndpoint route in RoutesOf(thief))
            {
                using HttpResponseMessage response = await visitor.GetAsync(PathOf(route));
                Assert.DoesNotContain(_planted, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
                if (route.Metadata.GetMetadata<NeedsKeysAttribute>() is not null)
                {
                    Assert.True(response.StatusCode is HttpStatusCode.Found or HttpStatusCode.Forbidden, $"{mail} {PathOf(route)}: {(int)response.StatusCode}");
                }
            }
        }
    }

    private static IEnumerable<RouteEndpoint> RoutesOf(PortalHost host) =>
        host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(r => r.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") != false);

    private static IEnumerable<string> PathsOf(PortalHost host) => RoutesOf(host).Select(PathOf);

    private static string PathOf(RouteEndpoint route) => "/" + ParameterPattern().Replace(route.RoutePattern.RawText!.TrimStart('/'), m => RouteTests.Values[m.Groups[1].Value.ToLowerInvariant()]);

    private static List<string> FilesWith(string folder, string text, bool recursive, DateTime since)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        byte[][] forms = [utf8, Encoding.Unicode.GetBytes(text), Encoding.ASCII.GetBytes(Convert.ToHexStringLower(utf8)), .. Enumerable.Range(0, 3).Select(skip => Encoding.ASCII.GetBytes(Convert.ToBase64String(utf8.AsSpan(skip, (utf8.Length - skip) / 3 * 3))))];
        var found = new List<string>();
        foreach (string file in Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = recursive, IgnoreInaccessible = true }))
        {
            try
            {
                var info = new FileInfo(file);
                if (info.LastWriteTimeUtc < since || info.Length > 32 << 20)
                {
                    continue;
                }

                using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                byte[] content = new byte[info.Length];
                int read = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
                if (forms.Any(form => content.AsSpan(0, read).IndexOf(form) >= 0))
                {
                    found.Add(file);
                }
            }
            catch (Exception e) when (!recursive && e is IOException or UnauthorizedAccessException)
            {
                // It is another program's, or gone.
            }
        }

        return found;
    }

    [GeneratedRegex("\\{\\**([^:}]*)[^}]*\\}")]
    private static partial Regex ParameterPattern();
}
