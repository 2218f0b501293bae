using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Phr.Crypto;

namespace Phr.Portal.Tests;

/// <summary>What lies on the disk, taken whole, opens nothing: database, ledger, stores, key files, outbox.</summary>
public sealed class AtRestTests(DemoPortal portal)
{
    [Fact]
    public async Task Folder_AfterTheStory_HoldsNoKeyNoPassphraseAndNoPlaintext()
    {
        using Visitor kiruthika = await portal.EnterAsync("Kiruthika");
        using Visitor nandhini = await portal.EnterAsync("Nandhini");
        await nandhini.ReadAsync("/doctor/appointments/1");
        var secrets = new List<(string What, byte[] Bytes)>
        {
            ("a passphrase", Encoding.UTF8.GetBytes("kiruthika opens the sealed box")),
            ("a password", Encoding.UTF8.GetBytes("kiruthika-password")),
            ("the prescription", Encoding.UTF8.GetBytes("Take the tablets regularly")),
            ("the reason of a request", Encoding.UTF8.GetBytes("I would like to see it")),
            ("the reason of an emergency", Encoding.UTF8.GetBytes("brought in unconscious after a fall")),
            ("the report of a review", Encoding.UTF8.GetBytes("The admission papers of that hour")),
            ("the title of the scan", Encoding.UTF8.GetBytes("scan.jpg")),
            ("the scan", ReadScan()),
        };
        KeyRing keys = portal.Host.Services.GetRequiredService<KeyRing>();
        foreach (KeyLease lease in keys.LeaseAll())
        {
            using (lease)
            {
                byte[] root = new byte[32];
                lease.Keys.Main.ExportRootSecret(root);
                secrets.Add(($"the root secret of {lease.Keys.UserId}", root));
                foreach (SecretKey key in (SecretKey[])[lease.Keys.Main.EnvelopeKey, lease.Keys.Main.LedgerKey, lease.Keys.Main.ReceivingKey, lease.Keys.Trustee.EnvelopeKey])
                {
                    byte[] bytes = new byte[SecretKey.Length];
                    key.ExportTo(bytes);
                    secrets.Add(($"a secret key of {lease.Keys.UserId}", bytes));
                }
            }
        }

        Assert.Contains(secrets, secret => secret.What.EndsWith(" 3", StringComparison.Ordinal));
        (string What, byte[] Bytes)[] forms = [.. secrets.SelectMany(secret => FormsOf(secret.What, secret.Bytes))];
        var found = new List<string>();
        int files = 0;
        long bytesRead = 0;

        // A lock is held, and empty.
        foreach (string file in Directory.EnumerateFiles(portal.Host.Folder, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"))
        {
            byte[] content = await ReadAsync(file);
            files++;
            bytesRead += content.Length;
            found.AddRange(forms.Where(form => content.AsSpan().IndexOf(form.Bytes) >= 0).Select(form => $"{Path.GetRelativePath(portal.Host.Folder, file)}: {form.What}"));
        }

        Assert.True(files > 50 && bytesRead > 100_000, $"{files} files, {bytesRead} bytes: that is not the portal");
        Assert.Empty(found);
    }

    [Fact]
    public async Task Control_TheSearchItself_FindsWhatIsThere()
    {
        // Not secret, and stored: so the search above would see it.
        byte[] name = Encoding.UTF8.GetBytes("kiruthika@demo.example");
        bool seen = false;
        foreach (string file in Directory.EnumerateFiles(portal.Host.Folder, "portal.db*"))
        {
            seen |= (await ReadAsync(file)).AsSpan().IndexOf(name) >= 0;
        }

        Assert.True(seen);
    }

    [Fact]
    public async Task Operator_EveryPage_ShowsNothingOfARecord()
    {
        using Visitor cloud = await portal.EnterAsync("Cloud");
        foreach (string path in (string[])["/cloud", "/cloud/reports", "/cloud/mail", "/cloud/result", "/account"])
        {
            string page = await cloud.ReadAsync(path);
            Assert.All((string[])["Take the tablets", "scan.jpg", "I would like to see it", "unconscious after a fall", "admission papers"], secret => Assert.DoesNotContain(secret, page, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Outbox_EveryMail_HoldsNoKey()
    {
        await using AsyncServiceScope scope = portal.Host.Services.CreateAsyncScope();
        List<OutgoingMail> mails = await scope.ServiceProvider.GetRequiredService<PortalDb>().Outbox.ToListAsync();
        Assert.NotEmpty(mails);
        Assert.All(mails, mail => Assert.DoesNotMatch("[0-9a-fA-F]{32,}", mail.Body));
    }

    private static byte[] ReadScan()
    {
        using Stream stream = typeof(PortalOptions).Assembly.GetManifestResourceStream("demo/scan.jpg")!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes[2000..2064];
    }

    private static IEnumerable<(string What, byte[] Bytes)> FormsOf(string what, byte[] bytes)
    {
        yield return (what, bytes);
        yield return ($"{what} in hexadecimal", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes)));
        yield return ($"{what} in capital hexadecimal", Encoding.ASCII.GetBytes(Convert.ToHexString(bytes)));

        // Three alignments, without the ends that depend on what stands beside them.
        for (int skip = 0; skip < 3; skip++)
        {
            string text = Convert.ToBase64String(bytes.AsSpan(skip, (bytes.Length - skip) / 3 * 3));
            yield return ($"{what} in base 64", Encoding.ASCII.GetBytes(text));
        }
    }

    private static async Task<byte[]> ReadAsync(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var memory = new MemoryStream();
        await stream.CopyToAsync(memory);
        return memory.ToArray();
    }
}
