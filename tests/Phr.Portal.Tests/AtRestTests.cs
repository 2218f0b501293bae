using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Phr.Crypto;

namespace Phr.Portal.Tests;

/// <summary>What lies on the disk, taken whole, holds nobody's secrets: database, ledger, stores, key files, outbox.</summary>
public sealed class AtRestTests(DemoPortal portal)
{
    private const string Password = "a password of nobody else";
    private const string Passphrase = "a passphrase of nobody else";

    // The embedded oracles' key files lie there with their passphrases, by design: what those open is in StolenFolderTests.
    [Fact]
    public async Task FolderAndOutbox_AfterTheStory_HoldNoKeyPassphraseWordsOrPlaintextOfAnybody()
    {
        using Visitor kiruthika = await portal.EnterAsync("Kiruthika");
        using Visitor nandhini = await portal.EnterAsync("Nandhini");
        await nandhini.ReadAsync("/doctor/appointments/1");
        using var newcomer = new Visitor(portal.Host);
        IReadOnlyList<string> words = await EnrolAsync(newcomer);
        SecretSearch search = Secrets().AddText("a passphrase", Passphrase).AddText("a password", Password).AddWords("recovery words", words);
        Assert.True(search.AddKeysOf(portal.Host) >= 3);
        IReadOnlyList<string> found = await search.FindInFolderAsync(portal.Host.Folder, Encoding.UTF8.GetBytes("kiruthika@demo.example"));
        Assert.Empty(found);
        Assert.True(Directory.GetFiles(portal.Host.Folder, "*", SearchOption.AllDirectories).Length > 50, "that is not the portal");

        await using AsyncServiceScope scope = portal.Host.Services.CreateAsyncScope();
        List<OutgoingMail> mails = await scope.ServiceProvider.GetRequiredService<PortalDb>().Outbox.ToListAsync();
        Assert.Contains(mails, mail => mail.Body.Contains("fingerprint", StringComparison.OrdinalIgnoreCase));
        Assert.Empty(mails.SelectMany(mail => search.FindIn($"mail {mail.Id}", Encoding.UTF8.GetBytes($"{mail.Subject}\n{mail.Body}"))));
        Assert.All(mails, mail => Assert.DoesNotMatch("[0-9a-fA-F]{32,}", mail.Body));
    }

    [Fact]
    public void Search_OfWords_FindsThemInEveryForm()
    {
        string[] words = ["academic", "acid", "acne", "acquire", "acrobat"];
        SecretSearch search = new SecretSearch().AddWords("words", words);
        foreach (string text in (string[])["the academic acid acne acquire", "academic\nacid\nacne\nacquire", "[\"academic\",\"acid\",\"acne\",\"acquire\"]", "0,1,2,3", "1, 2, 3, 4"])
        {
            foreach (byte[] form in (byte[][])[Encoding.UTF8.GetBytes(text), Encoding.Unicode.GetBytes(text), Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(text))), Encoding.ASCII.GetBytes(Convert.ToHexString(Encoding.UTF8.GetBytes(text)))])
            {
                Assert.NotEmpty(search.FindIn(text, form));
            }
        }

        Assert.NotEmpty(search.FindIn("two bytes", [9, 0, 0, 1, 0, 2, 0, 3, 0, 9]));
        Assert.Empty(search.FindIn("three in a row", Encoding.UTF8.GetBytes("acne acquire acrobat academic")));
    }

    [Fact]
    public async Task Control_TheSearchItself_FindsWhatIsThere()
    {
        // Not secret, and stored: so the search above would see it.
        byte[] name = Encoding.UTF8.GetBytes("kiruthika@demo.example");
        bool seen = false;
        foreach (string file in Directory.EnumerateFiles(portal.Host.Folder, "portal.db*"))
        {
            seen |= (await SecretSearch.ReadAsync(file)).AsSpan().IndexOf(name) >= 0;
        }

        Assert.True(seen);
    }

    [Fact]
    public async Task Operator_EveryPage_ShowsNothingOfARecord()
    {
        using Visitor cloud = await portal.EnterAsync("Cloud");
        string[] rooms = ["/cloud", "/cloud/insurance", "/cloud/mail", "/cloud/reports", "/cloud/result"];
        Assert.Equal(rooms, portal.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(r => "/" + r.RoutePattern.RawText!.TrimStart('/')).Where(r => r.StartsWith("/cloud", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal));
        foreach (string path in rooms.Append("/account"))
        {
            string page = await cloud.ReadAsync(path);
            Assert.All((string[])["Take the tablets", "scan.jpg", "I would like to see it", "unconscious after a fall", "admission papers"], secret => Assert.DoesNotContain(secret, page, StringComparison.Ordinal));
        }
    }

    /// <summary>What the story has that nobody may find, but for people's keys.</summary>
    internal static SecretSearch Secrets() => new SecretSearch()
        .AddText("a passphrase", "kiruthika opens the sealed box")
        .AddText("a password", "kiruthika-password")
        .AddText("the prescription", "Take the tablets regularly")
        .AddText("the reason of a request", "I would like to see it")
        .AddText("the reason of an emergency", "brought in unconscious after a fall")
        .AddText("the report of a review", "The admission papers of that hour")
        .AddText("the title of the scan", "scan.jpg")
        .Add("the scan", ReadScan());

    // A newcomer makes keys, and is shown the words that get them back.
    private async Task<IReadOnlyList<string>> EnrolAsync(Visitor visitor)
    {
        string mail = $"{Guid.NewGuid():n}@demo.example";
        var fields = new Dictionary<string, string> { ["Form.Name"] = "Newcomer", ["Form.Email"] = mail, ["Form.Password"] = Password, ["Form.PasswordAgain"] = Password };
        using (HttpResponseMessage registered = await visitor.SubmitAsync("/register/guardian", "register", fields))
        {
            Assert.Contains("You are registered", await registered.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using (Visitor cloud = await portal.EnterAsync("Cloud"))
        {
            await cloud.AdmitAsync(mail);
        }

        await visitor.SignInAsync(mail, Password);
        using HttpResponseMessage made = await visitor.SubmitAsync("/enrol", "enrol", new Dictionary<string, string> { ["Passphrase"] = Passphrase, ["Again"] = Passphrase });
        string list = Regex.Match(await made.Content.ReadAsStringAsync(), "<ol class=\"words\">(.*?)</ol>", RegexOptions.Singleline).Groups[1].Value;
        string[] words = [.. Regex.Matches(list, "<li>([a-z]+)</li>").Select(m => m.Groups[1].Value)];
        Assert.True(words.Length >= RecoveryWords.MinWordCount, $"{words.Length} words");
        return words;
    }

    private static byte[] ReadScan()
    {
        using Stream stream = typeof(PortalOptions).Assembly.GetManifestResourceStream("demo/scan.jpg")!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes[2000..2064];
    }
}
