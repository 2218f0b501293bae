using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>Mail to a real server: it arrives, by the settings that are meant for it, and where it cannot, the operator reads why.</summary>
public sealed class MailTests : IDisposable
{
    private const string Password = "a password of a test";

    private readonly MailCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task Admission_UnderTlsWithPasswordAndOwnAuthority_ReachesThePersonWithACodeThatMakesKeys()
    {
        await using SmtpServerProcess server = await StartAsync("--tls", "starttls", "--key", _certificates.Key, "--cert", _certificates.Certificate, "--user", "portal", "--password", "a word of the mail server");
        await using PortalHost portal = await PortalHost.StartAsync(demo: true, settings: Settings(server, SmtpSecurity.StartTls, "a word of the mail server", _certificates.Authority));
        using var visitor = new Visitor(portal);
        string mail = await RegisterAsync(visitor);
        using var cloud = new Visitor(portal);
        await cloud.SignInAsync("cloud", "cloud-password");
        await cloud.AdmitAsync(mail);
        await DemoPortal.UntilAsync(() => Task.FromResult(server.Mails.Any(m => m.To.Contains(mail))));

        SmtpServerProcess.ReceivedMail received = server.Mails.Single(m => m.To.Contains(mail));
        Assert.True(received.Secure);
        Assert.Equal("portal", received.User);
        Assert.Equal("portal@hospital.example", received.From);
        Assert.Contains("Subject: You are admitted", received.Message, StringComparison.Ordinal);

        // Where mail is sent, keys are made with the code from it alone.
        string code = Regex.Match(received.Message.Replace("=\r\n", string.Empty, StringComparison.Ordinal), "Your enrolment code is ([A-Z0-9]{10})").Groups[1].Value;
        await visitor.SignInAsync(mail, Password);
        Assert.Contains("This is not the code", await EnrolAsync(visitor, "WRONGCODE1"), StringComparison.Ordinal);
        Assert.Contains("Your keys are made", await EnrolAsync(visitor, code), StringComparison.Ordinal);
        string page = await cloud.ReadAsync("/cloud/mail");
        Assert.DoesNotContain("role=\"alert\"", page, StringComparison.Ordinal);
        Assert.Contains("Mail goes out through localhost.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_TlsFromTheFirstByteOrNoneOnThisMachine_ArrivesAlsoBesideOneThatIsRefused()
    {
        await using SmtpServerProcess under = await StartAsync("--tls", "tls", "--key", _certificates.Key, "--cert", _certificates.Certificate);
        await using SmtpServerProcess plain = await StartAsync("--refuse", "nobody@demo.example");
        await using PortalHost first = await PortalHost.StartAsync(settings: Settings(under, SmtpSecurity.Tls, null, _certificates.Authority));
        await using PortalHost second = await PortalHost.StartAsync(settings: Settings(plain, SmtpSecurity.None, null, null));
        await PostAsync(first, "nobody@demo.example", "somebody@demo.example");
        await PostAsync(second, "nobody@demo.example", "somebody@demo.example");
        await DemoPortal.UntilAsync(() => Task.FromResult(under.Mails.Count == 2));
        await DemoPortal.UntilAsync(() => Task.FromResult(plain.Mails.Count == 1));
        Assert.True(under.Mails[0].Secure);
        Assert.False(plain.Mails[0].Secure);
        Assert.Equal(["somebody@demo.example"], plain.Mails[0].To);

        // The address that the server does not know kept no other mail, and is not asked about for ever.
        using var cloud = new Visitor(second);
        await cloud.SignInAsync("cloud", "cloud-password");
        await DemoPortal.UntilAsync(async () => Visitor.TextOf(await cloud.ReadAsync("/cloud/mail")).Contains("localhost refused a mail with the code 550. It is tried 10 times.", StringComparison.Ordinal));
        await using AsyncServiceScope scope = second.Services.CreateAsyncScope();
        OutgoingMail refused = await scope.ServiceProvider.GetRequiredService<PortalDb>().Outbox.SingleAsync(m => m.SentAt == null, TestContext.Current.CancellationToken);
        Assert.Equal("nobody@demo.example", refused.Address);
        Assert.True(refused.Attempts > 0);
    }

    [Theory]
    [InlineData("starttls", "another word", true, "localhost refused the user or the password.")]
    [InlineData("starttls", "a word of the mail server", false, "localhost showed a certificate that this machine does not trust")]
    [InlineData(null, "a word of the mail server", true, "localhost offers no TLS")]
    [InlineData("gone", "a word of the mail server", true, "localhost does not answer on port")]
    public async Task Settings_ThatTheServerDoesNotTake_AreToldToTheOperatorAndNothingIsSent(string? tls, string word, bool knowsAuthority, string told)
    {
        await using SmtpServerProcess server = await StartAsync(tls == "starttls"
            ? ["--tls", tls, "--key", _certificates.Key, "--cert", _certificates.Certificate, "--user", "portal", "--password", "a word of the mail server"] : []);
        if (tls == "gone")
        {
            await server.DisposeAsync();
        }

        await using PortalHost portal = await PortalHost.StartAsync(settings: Settings(server, SmtpSecurity.StartTls, word, knowsAuthority ? _certificates.Authority : null));
        await PostAsync(portal, "somebody@demo.example");
        using var visitor = new Visitor(portal);
        await visitor.SignInAsync("cloud", "cloud-password");
        await DemoPortal.UntilAsync(async () => Visitor.TextOf(await visitor.ReadAsync("/cloud/mail")).Contains(told, StringComparison.Ordinal));
        Assert.Contains("Mail stays here until it can be sent.", await visitor.ReadAsync("/cloud/mail"), StringComparison.Ordinal);
        if (tls != "gone")
        {
            Assert.Empty(server.Mails);
        }
    }

    private static async Task<SmtpServerProcess> StartAsync(params string[] arguments)
    {
        (string? script, string reason) = NodePrograms.Smtp();
        Assert.SkipWhen(script is null, reason);
        return await SmtpServerProcess.StartAsync(arguments);
    }

    // An operator is made by hand, who has mail to send: no story has to be told for that.
    private static async Task PostAsync(PortalHost portal, params string[] addresses)
    {
        await using AsyncServiceScope scope = portal.Services.CreateAsyncScope();
        AccountDesk desk = scope.ServiceProvider.GetRequiredService<AccountDesk>();
        await desk.RegisterAsync(new Registration { Role = PortalRole.CloudServer, Name = "Cloud server", Email = "cloud@demo.example", Password = "cloud-password" }, Admission.Admitted, "cloud");
        PortalDb db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        db.Outbox.AddRange(addresses.Select(address => new OutgoingMail { Address = address, Subject = "A mail of the tests", Body = "It says nothing.", CreatedAt = DateTimeOffset.UtcNow }));
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<string> RegisterAsync(Visitor visitor)
    {
        string mail = $"{Guid.NewGuid():n}@demo.example";
        using HttpResponseMessage response = await visitor.SubmitAsync("/register/guardian", "register", new Dictionary<string, string>
        {
            ["Form.Name"] = "Ravi", ["Form.Email"] = mail, ["Form.Password"] = Password, ["Form.PasswordAgain"] = Password,
        });
        return mail;
    }

    private static async Task<string> EnrolAsync(Visitor visitor, string code)
    {
        using HttpResponseMessage response = await visitor.SubmitAsync("/enrol", "enrol", new Dictionary<string, string> { ["Code"] = code, ["Passphrase"] = "a sentence that nobody guesses", ["Again"] = "a sentence that nobody guesses" });
        return await response.Content.ReadAsStringAsync();
    }

    private Dictionary<string, string> Settings(SmtpServerProcess server, SmtpSecurity security, string? word, string? authority)
    {
        var settings = new Dictionary<string, string>
        {
            ["Portal:Smtp:Host"] = "localhost",
            ["Portal:Smtp:Port"] = server.Port.ToString(CultureInfo.InvariantCulture),
            ["Portal:Smtp:Security"] = security.ToString(),
            ["Portal:Smtp:From"] = "portal@hospital.example",
        };
        if (word is not null)
        {
            settings["Portal:Smtp:User"] = "portal";
            settings["Portal:Smtp:PasswordFile"] = _certificates.Write($"{Guid.NewGuid():n}.word", word + "\n");
        }

        if (authority is not null)
        {
            settings["Portal:Smtp:Authority"] = authority;
        }

        return settings;
    }
}
