using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.EntityFrameworkCore;
using MimeKit;

namespace Phr.Samples.Portal;

/// <summary>Sends what is in the outbox, where a server is named. A mail that cannot be sent is tried again later, ten times.</summary>
internal sealed partial class MailSender(IServiceScopeFactory scopes, PortalOptions options, TimeProvider time, ILogger<MailSender> logger) : BackgroundService
{
    private const int MaxAttempts = 10;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Smtp.Host is not { } host)
        {
            return;
        }

        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(10), time);
        do
        {
            try
            {
                await SendAsync(host, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(logger, e.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SendAsync(string host, CancellationToken cancellationToken)
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        PortalDb db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        List<OutgoingMail> mails = await db.Outbox.Where(m => m.SentAt == null && m.Attempts < MaxAttempts).OrderBy(m => m.Id).Take(50).ToListAsync(cancellationToken);
        if (mails.Count == 0)
        {
            return;
        }

        using var client = new SmtpClient();
        await client.ConnectAsync(host, options.Smtp.Port, SecureSocketOptions.StartTlsWhenAvailable, cancellationToken);
        if (options.Smtp.User is { } user && options.Smtp.PasswordFile is { } file)
        {
            string password = (await File.ReadAllLinesAsync(file, cancellationToken))[0];
            await client.AuthenticateAsync(user, password, cancellationToken);
        }

        foreach (OutgoingMail mail in mails)
        {
            mail.Attempts++;
            using var message = new MimeMessage();
            message.From.Add(MailboxAddress.Parse(options.Smtp.From));
            message.To.Add(new MailboxAddress(mail.Address, mail.Address));
            message.Subject = mail.Subject;
            message.Body = new TextPart("plain") { Text = mail.Body };
            await client.SendAsync(message, cancellationToken);
            mail.SentAt = time.GetUtcNow();
            await db.SaveChangesAsync(cancellationToken);
        }

        await client.DisconnectAsync(quit: true, cancellationToken);
    }

    [LoggerMessage(2001, LogLevel.Warning, "Mail could not be sent ({Fault}); it stays in the outbox and is tried again.")]
    private static partial void LogFailed(ILogger logger, string fault);
}
