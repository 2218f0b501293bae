namespace Phr.Samples.Portal;

/// <summary>How the line to the mail server is kept from others.</summary>
public enum SmtpSecurity
{
    /// <summary>The server is asked for TLS before anything else is said; without it nothing is sent. The usual way on port 587.</summary>
    StartTls,

    /// <summary>TLS from the first byte. The usual way on port 465.</summary>
    Tls,

    /// <summary>None: for a server on this machine.</summary>
    None,
}
