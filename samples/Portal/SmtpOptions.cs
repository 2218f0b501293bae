namespace Phr.Samples.Portal;

/// <summary>How mail is sent.</summary>
public sealed class SmtpOptions
{
    /// <summary>The server; null to send nothing.</summary>
    public string? Host { get; set; }

    /// <summary>The port.</summary>
    public int Port { get; set; } = 587;

    /// <summary>The user, or null.</summary>
    public string? User { get; set; }

    /// <summary>The file on whose first line the password stands.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>The sender's address.</summary>
    public string From { get; set; } = "portal@localhost";
}
