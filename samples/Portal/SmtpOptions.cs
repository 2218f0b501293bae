using MimeKit;

namespace Phr.Samples.Portal;

/// <summary>How mail is sent.</summary>
public sealed class SmtpOptions
{
    /// <summary>The server; null to send nothing.</summary>
    public string? Host { get; set; }

    /// <summary>The port.</summary>
    public int Port { get; set; } = 587;

    /// <summary>How the line is kept from others.</summary>
    public SmtpSecurity Security { get; set; } = SmtpSecurity.StartTls;

    /// <summary>A file with the certificate (PEM) of the authority that signed the server's, where it is an organisation's own; null for those that the machine knows.</summary>
    public string? Authority { get; set; }

    /// <summary>The user, or null.</summary>
    public string? User { get; set; }

    /// <summary>The file on whose first line the password stands.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>The sender's address.</summary>
    public string From { get; set; } = "portal@localhost";

    internal IEnumerable<string> FindFaults()
    {
        if (string.IsNullOrWhiteSpace(Host))
        {
            if (Host is not null || User is not null || PasswordFile is not null)
            {
                yield return "Portal:Smtp:Host names no mail server, although other settings of it are there.";
            }

            yield break;
        }

        if (Port is < 1 or > 65535)
        {
            yield return "Portal:Smtp:Port is a number from 1 to 65535.";
        }

        if (User is null != PasswordFile is null)
        {
            yield return "Portal:Smtp:User and Portal:Smtp:PasswordFile are given together or not at all.";
        }

        if (PasswordFile is not null && SettingFiles.FindFault("Portal:Smtp:PasswordFile", PasswordFile) is { } password)
        {
            yield return password;
        }

        if (Authority is not null && SettingFiles.FindFault("Portal:Smtp:Authority", Authority) is { } authority)
        {
            yield return authority;
        }

        bool isThisMachine = Host == "localhost" || (System.Net.IPAddress.TryParse(Host, out System.Net.IPAddress? address) && System.Net.IPAddress.IsLoopback(address));
        if (Security == SmtpSecurity.None && !isThisMachine)
        {
            yield return $"Portal:Smtp:Security is None, and {Host} is another machine: codes and notices would be readable on the way. Take StartTls or Tls.";
        }

        if (!MailboxAddress.TryParse(From, out MailboxAddress? from) || !from.Address.Contains('@', StringComparison.Ordinal))
        {
            yield return "Portal:Smtp:From is no mail address.";
        }
    }
}
