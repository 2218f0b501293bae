using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.EntityFrameworkCore;
using MimeKit;

namespace Phr.Samples.Portal;

/// <summary>
/// Sends what is in the outbox, where a server is named. A server that cannot be reached or refuses the portal is tried again for as long as it takes; a mail that the server refuses is tried ten times.
/// </summary>
internal sealed partial class MailSender(IServiceScopeFactory scopes, PortalOptions options, MailState state, TimeProvider time, ILogger<MailSender> logger) : BackgroundService
{
    private const int MaxAttempts = 10;
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Smtp.Host is not { } host)
        {
            return;
        }

        using var timer = new PeriodicTimer(_interval, time);
        do
        {
            try
            {
                if (await SendAsync(host, stoppingToken))
                {
                    state.Note(time.GetUtcNow(), null);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                state.Note(time.GetUtcNow(), Say(host, e));
                LogFailed(logger, e.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // What the operator can do something about, in words; what a server said stays out, for it may repeat what was sent.
    private string Say(string host, Exception e) => e switch
    {
        SslHandshakeException => $"{host} showed a certificate that this machine does not trust, or speaks no TLS on port {options.Smtp.Port}. Look at Portal:Smtp:Security, and at Portal:Smtp:Authority where the certificate is your organisation's own.",
        AuthenticationException => $"{host} refused the user or the password. Look at Portal:Smtp:User and Portal:Smtp:PasswordFile.",
        NotSupportedException => $"{host} offers no {(options.Smtp.User is null ? "TLS" : "TLS, or no way to sign in")} on port {options.Smtp.Port}. Look at Portal:Smtp:Security.",
        SocketException or IOException => $"{host} does not answer on port {options.Smtp.Port}.",
        SmtpCommandException refused => $"{host} refused a mail with the code {(int)refused.StatusCode}. It is tried {MaxAttempts} times.",
        _ => $"Mail could not be handed to {host} ({e.GetType().Name}).",
    };

    private async Task<bool> SendAsync(string host, CancellationToken cancellationToken)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        PortalDb db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        List<OutgoingMail> mails = await db.Outbox.Where(m => m.SentAt == null && m.Attempts < MaxAttempts).OrderBy(m => m.Id).Take(50).ToListAsync(cancellationToken);
        if (mails.Count == 0)
        {
            return false;
        }

        using X509Certificate2? authority = options.Smtp.Authority is { } file ? X509CertificateLoader.LoadCertificateFromFile(file) : null;
        using var client = new SmtpClient();
        if (authority is not null)
        {
            client.ServerCertificateValidationCallback = (_, certificate, _, errors) => IsSignedBy(authority, certificate, errors);
        }

        SecureSocketOptions security = options.Smtp.Security switch { SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect, SmtpSecurity.None => SecureSocketOptions.None, _ => SecureSocketOptions.StartTls };
        await client.ConnectAsync(host, options.Smtp.Port, security, cancellationToken);
        if (options.Smtp is { User: { } user, PasswordFile: { } passwordFile })
        {
            await client.AuthenticateAsync(user, await SettingFiles.ReadLineAsync(passwordFile, cancellationToken), cancellationToken);
        }

        // One mail that is refused does not keep the others.
        Exception? refused = null;
        foreach (OutgoingMail mail in mails)
        {
            mail.Attempts++;
            try
            {
                using MimeMessage message = Compose(mail);
                await client.SendAsync(message, cancellationToken);
                mail.SentAt = time.GetUtcNow();
            }
            catch (Exception e) when (e is SmtpCommandException or ParseException)
            {
                refused = e;
            }

            await db.SaveChangesAsync(cancellationToken);
        }

        await client.DisconnectAsync(quit: true, cancellationToken);
        if (refused is not null)
        {
            throw refused;
        }

        return true;
    }

    private MimeMessage Compose(OutgoingMail mail)
    {
        var message = new MimeMessage();
        message.From.Add(MailboxAddress.Parse(options.Smtp.From));
        message.To.Add(new MailboxAddress(mail.Address, mail.Address));
        message.Subject = mail.Subject;
        message.Body = new TextPart("plain") { Text = mail.Body };
        return message;
    }

    // The name must be the server's in any case; only who vouches for it is the organisation's own.
    private static bool IsSignedBy(X509Certificate2 authority, X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 shown)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        return chain.Build(shown);
    }

    [LoggerMessage(2001, LogLevel.Warning, "Mail could not be sent ({Fault}); it stays in the outbox and is tried again. The operator's page says what is the matter.")]
    private static partial void LogFailed(ILogger logger, string fault);
}
